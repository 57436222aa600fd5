"""Where a page ends, as a short text that a list takes back to go on from there."""

from __future__ import annotations

import base64
from typing import Annotated, TypeVar

import msgspec

from kcdesk.errors import BadInput

T = TypeVar("T")

Int = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
"""What SQLite takes as an integer; a text from outside may say anything."""


def cursor(position: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(text: str, type_: type[T]) -> T:
    """The position in a text that `cursor` made of one of that type. Raises `BadInput` for any other text."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=type_)
    except (ValueError, msgspec.DecodeError):
        raise BadInput(
            "Dấu trang danh sách không đúng.", hint="Đọc lại danh sách từ đầu."
        ) from None
