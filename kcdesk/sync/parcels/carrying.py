"""Bringing other people's parcels to the province over this device's line, and the answers back.

A relay sees bytes: it can neither read nor change them. Both ways go on at the byte where they were cut, in this pass
or the next. Leaves to others: HTTP (`client`), what is kept (`storage.parcel_books`).
"""

from __future__ import annotations

import hashlib

from kcdesk.domain.clock import Clock
from kcdesk.errors import Rejected, Unreachable
from kcdesk.storage.parcel_books import CarriedParcel
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import protocol
from kcdesk.sync.client import CUT, Answer, Client, GoneExchange
from kcdesk.sync.patience import Patience

CARRIER_CODES = ("token", "revoked", "continued")
"""Refusals of the carrying device itself, not of what it carries."""
LATER_CODES = ("unknown_device",)
"""Refusals that another parcel may put right."""


def carry(workspace: Workspace, client: Client, patience: Patience, *, clock: Clock) -> int:
    """Bring every parcel that waits to the province; returns how many answers came back.

    Raises `Unreachable`, `BadAnswer`, `Cancelled`, and `Rejected` when this device may not speak at all. A parcel that
    the province does not want is noted, and the others go on.
    """
    books = workspace.parcels
    answered = 0
    for parcel in books.carried():
        if parcel.state != "waits":
            continue
        try:
            _until_brought(workspace, client, parcel, patience)
        except Rejected as error:
            if error.code in CARRIER_CODES:
                raise
            books.not_taken(parcel.id, error.message, for_good=error.code not in LATER_CODES)
            continue
        books.has_answer(parcel.id, clock())
        answered += 1
    return answered


def _until_brought(
    workspace: Workspace, client: Client, parcel: CarriedParcel, patience: Patience
) -> None:
    patience.moved()
    while True:
        patience.stop_if_cancelled()
        try:
            return _bring(workspace, client, parcel)
        except (Unreachable, GoneExchange) as error:
            patience.failed(error)


def _bring(workspace: Workspace, client: Client, parcel: CarriedParcel) -> None:
    """One call or two that bring a parcel forward from wherever it is; the answer is whole afterwards."""
    books, at = workspace.parcels, protocol.PARCELS_PATH
    # of this carrier alone: several may carry the same parcel
    exchange = hashlib.sha256(f"{parcel.id} {workspace.device_id}".encode()).hexdigest()[:32]
    arrived = client.arrived(exchange, at=at)
    if arrived is None:
        books.drop_answer(parcel.id)  # of a call that the province no longer knows
        body = books.bytes_of(parcel.id, "up")
        with client.send(exchange, body, parcel.length, at=at) as answer:
            _keep(workspace, parcel, answer)
    elif arrived.answer_bytes is not None:
        with client.answer_from(exchange, books.answer_bytes(parcel.id), at=at) as answer:
            _keep(workspace, parcel, answer)
    else:
        rest = books.bytes_of(parcel.id, "up", arrived.offset)
        with client.send_rest(exchange, arrived.offset, rest, parcel.length, at=at) as answer:
            _keep(workspace, parcel, answer)


def _keep(workspace: Workspace, parcel: CarriedParcel, answer: Answer) -> None:
    books = workspace.parcels
    position = answer.offset
    for chunk in answer.chunks:
        fresh = chunk[max(0, books.answer_bytes(parcel.id) - position) :]
        position += len(chunk)
        if fresh:
            books.keep_answer(parcel.id, fresh)
    if books.answer_bytes(parcel.id) != answer.total:
        raise Unreachable(
            "Đường truyền bị ngắt khi đang nhận trả lời cho gói mang giúp.",
            hint="Đồng bộ lại khi có mạng. Phần đã nhận không phải nhận lại.",
            code=CUT,
        )
