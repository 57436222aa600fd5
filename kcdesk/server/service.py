"""One exchange, once its body is there: take it in, make the answer, keep it.

Owns the order of those three. Leaves to others: HTTP (`app`), judging (`intake`), reading (`answer`),
bytes (`exchanges`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from sqlalchemy import Engine

from kcdesk.errors import Rejected
from kcdesk.server import erasing, exchanges, intake
from kcdesk.server.answer import Answer
from kcdesk.server.database import reading
from kcdesk.server.people import Caller
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import Sent, SentHeader

log = logging.getLogger("kcdesk.server")


def carry_out(engine: Engine, caller: Caller, exchange: str, now: int) -> None:
    """Take in the body of an exchange that has arrived, and keep the answer. Repeating it is harmless.

    Raises `Rejected` and `BadBody`; the exchange is forgotten then.
    """
    if exchanges.is_answered(engine, exchange):
        return
    started = time.monotonic()
    try:
        header, accepted, refused = _take_in(
            engine, caller, exchanges.bytes_from(engine, exchange, exchanges.BODY), now
        )
    except (Rejected, packing.BadBody):
        if exchanges.is_answered(engine, exchange):
            return  # another worker was faster, and its answer took the place of the body
        exchanges.forget(engine, exchange)
        raise
    with reading(engine) as connection:
        answer = Answer(connection, caller, header)
        pieces = list(answer.pieces())
    exchanges.keep_answer(engine, exchange, pieces)
    erasing.finish(engine)
    log.info(
        "exchange %s device %s: changes %d..%d, %d accepted, %d refused, %d entries, %d changes back, %d ms",
        exchange,
        caller.device,
        header.first_n,
        header.last_n,
        accepted,
        refused,
        answer.entries,
        answer.changes,
        (time.monotonic() - started) * 1000,
    )


def _take_in(
    engine: Engine, caller: Caller, pieces: Iterable[bytes], now: int
) -> tuple[SentHeader, int, int]:
    sections = packing.unpack(pieces)
    header = packing.decode(protocol.sent_decoder, next(sections, b""))
    if not isinstance(header, SentHeader):
        raise _out_of_place()
    intake.check_header(caller, header)
    in_order = intake.check_place(engine, caller, header)
    accepted = refused = 0
    before, n = header.before, header.first_n - 1
    for section in sections:
        said = packing.decode(protocol.sent_decoder, section)
        if not isinstance(said, Sent):
            raise _out_of_place()
        group = packing.from_columns(said.columns)
        n += len(group)
        if in_order:
            taken = intake.take_in(engine, caller, group, before, said.last_hash)
            accepted += taken.accepted
            refused += taken.refused
            in_order = not taken.stopped
        before = said.last_hash
    if (n, before) != (header.last_n, header.last_hash):
        raise _out_of_place()
    intake.note_contact(engine, caller, now)
    return header, accepted, refused


def _out_of_place() -> packing.BadBody:
    return packing.BadBody("Các phần của dữ liệu gửi lên không đúng thứ tự.")
