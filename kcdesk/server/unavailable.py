"""What is answered while the database is away or busy: come back later. Nothing is lost by it, a device goes on then.

Owns which errors of a database pass by themselves. Leaves to others: all that does not, which is a fault of ours.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.requests import Request
from starlette.responses import Response

from kcdesk.sync.protocol import ErrorBody, ErrorDocument

PASSING = (OperationalError, NoConnectionFree)
"""No connection, a lock not had in time, a deadlock, a full disk, no connection free."""
RETRY_AFTER_S = 5

log = logging.getLogger("kcdesk.server")


async def unavailable(_request: Request, error: Exception) -> Response:
    """503 with `Retry-After`, for an error of `PASSING`. Only its kind is logged: its text may hold values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.warning("the database does not answer: %s", type(cause).__name__)
    body = ErrorBody(
        "busy", "Cơ sở dữ liệu của tỉnh đang bận hoặc tạm ngừng.", "Thử lại sau ít phút."
    )
    return Response(
        msgspec.json.encode(ErrorDocument(body)),
        HTTPStatus.SERVICE_UNAVAILABLE,
        {"Retry-After": str(RETRY_AFTER_S)},
        "application/json",
    )
