"""Where a scheme stands, from its own state and those of its parts.

Owns the rule of the slowest part and what has to be settled before a stop can be closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kcdesk.domain.code_lists import SchemeState

_S = SchemeState
ENDS = frozenset((_S.REJECTED, _S.WITHDRAWN, _S.CLOSED))
"""States that nothing leaves."""

BEFORE_PARTS = frozenset(
    (_S.DRAFTED, _S.BASE_APPRAISED, _S.APPRAISED, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN)
)
"""States that only the scheme as a whole has."""

_PACE = (
    _S.PLAN_APPROVED,
    _S.CONTRACTED,
    _S.ADVANCED,
    _S.ADJUSTING,
    _S.IMPLEMENTING,
    _S.BASE_ACCEPTED,
    _S.SETTLED,
    _S.LIQUIDATED,
    _S.CLOSED,
)
"""From the slowest to the fastest. An adjustment holds up what comes after the advance."""


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to one beneficiary: where it stands, and whether it was stopped on the way there.

    A stopped part that was settled, liquidated or closed afterwards is still counted as stopped.
    """

    state: SchemeState
    stopped: bool = False


def state_of(own: SchemeState, parts: Iterable[Part]) -> SchemeState:
    """The state of a scheme: its own before the contracts, then that of its slowest part.

    A part that was stopped holds nobody up; when all were, the slowest of them counts.
    """
    parts = list(parts)
    if own in BEFORE_PARTS or not parts:
        return own
    going = [part.state for part in parts if not part.stopped]
    if not going:
        states = [part.state for part in parts]
        return _S.STOPPED if _S.STOPPED in states else min(states, key=_PACE.index)
    return min(going, key=_PACE.index)


def counts_of(parts: Iterable[Part]) -> Counter[SchemeState]:
    """How many parts stand where; a stopped one counts as STOPPED wherever its papers are."""
    return Counter(_S.STOPPED if part.stopped else part.state for part in parts)


def missing_before_closing(state: SchemeState, *, paid: int, returned: int) -> str | None:
    """Why a stopped part cannot be closed yet; None: it can. paid, returned: đồng that went out and came back.

    Where money flowed it is settled and liquidated first (SETTLED, LIQUIDATED), and what is owed has come back.
    """
    if state is not _S.STOPPED:
        return None
    if paid:
        owed = paid - returned
        if owed > 0:
            return "Tiền đã chi chưa được hoàn trả đủ; phải quyết toán và thanh lý trước khi đóng."
        return "Đã có tiền chi; phải quyết toán và thanh lý trước khi đóng."
    return None
