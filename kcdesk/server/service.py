"""One exchange, once its body is there: take it in, make the answer, keep it.

Owns the order of those three. Leaves to others: HTTP (`app`), judging (`intake`), reading (`answer`),
bytes (`exchanges`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from sqlalchemy import Engine

from kcdesk.changes import extend
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
        raise out_of_place()
    body = Body(engine, caller, header)
    for section in sections:
        said = packing.decode(protocol.sent_decoder, section)
        if not isinstance(said, Sent):
            raise out_of_place()
        body.take(said)
    body.end()
    intake.note_contact(engine, header, now)
    return header, body.accepted, body.refused


class Body:
    """A body on its way in, group by group.

    accepted, refused: changes so far;  waits: some cannot be taken yet, what comes before them is missing
    """

    def __init__(
        self,
        engine: Engine,
        caller: Caller,
        header: SentHeader,
        *,
        may_be_old: bool = False,
        up_to: int | None = None,
        leave: bool = False,
    ) -> None:
        """`may_be_old`: as in `intake.check_place`; `leave`: as in `intake.take_in`. Raises `Rejected`.

        up_to: a number after which the rest has to wait
        """
        intake.check_header(caller, header)
        self.header = header
        self.accepted = self.refused = 0
        self.waits = not intake.check_place(engine, caller, header, may_be_old=may_be_old)
        self._engine, self._caller = engine, caller
        self._before, self._n = header.before, header.first_n - 1
        self._up_to, self._leave = up_to, leave

    def take(self, said: Sent) -> None:
        """Take in a group, or count it where it has to wait. Raises `Rejected`, `BadBody`."""
        group = packing.from_columns(said.columns)
        self._n += len(group)
        if not self.waits:
            wanted, after = group, said.last_hash
            if self._up_to is not None and self._n > self._up_to:
                wanted = [change for change in group if change.n <= self._up_to]
                after = extend(self._before, wanted)
            taken = intake.take_in(
                self._engine, self._caller, wanted, self._before, after, leave=self._leave
            )
            self.accepted += taken.accepted
            self.refused += taken.refused
            self.waits = taken.stopped or len(wanted) < len(group)
        self._before = said.last_hash

    def end(self) -> None:
        """All groups have come. Raises `BadBody` when they do not end where the header said."""
        if (self._n, self._before) != (self.header.last_n, self.header.last_hash):
            raise out_of_place()


def out_of_place() -> packing.BadBody:
    """What is said of sections in an order that has no meaning."""
    return packing.BadBody("Các phần của dữ liệu gửi lên không đúng thứ tự.")
