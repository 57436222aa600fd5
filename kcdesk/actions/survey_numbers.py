"""Numbers of answer sheets: commune, device, count. They are given offline and never collide (design, section 4b)."""

from __future__ import annotations

from itertools import chain

from kcdesk.actions.desk import Desk
from kcdesk.domain.kinds import SURVEYS

_RESERVED = "survey_numbers_reserved"
"""Setting: the last count that stands on an empty sheet somebody took along."""


def next_number(desk: Desk, commune: str) -> str:
    """The number of the next sheet of an establishment in this commune."""
    return _number(desk, commune, _last_count(desk) + 1)


def reserve_numbers(desk: Desk, commune: str, count: int) -> list[str]:
    """Numbers for sheets on paper: no other sheet gets them from now on, whatever becomes of the paper."""
    first = _last_count(desk) + 1
    desk.workspace.set_setting(_RESERVED, str(first + count - 1))
    return [_number(desk, commune, first + place) for place in range(count)]


def _last_count(desk: Desk) -> int:
    own = f"-{desk.workspace.device_id[:6]}-"
    given = (number.rpartition("-")[2] for number in numbers_given(desk) if own in number)
    reserved = int(desk.workspace.setting(_RESERVED) or 0)
    return max(reserved, *(int(count) for count in given if count.isdecimal()), 0)


def _number(desk: Desk, commune: str, count: int) -> str:
    return f"{commune}-{desk.workspace.device_id[:6]}-{count:03d}"


def numbers_given(desk: Desk, but: str = "") -> set[str]:
    """The numbers of all sheets, those in the bin and those begun too: a number is never given again.

    but: the sheet whose own draft does not count
    """
    drafts = desk.workspace.drafts.every()
    begun = (draft.values.get("survey_no") for draft in drafts if draft.form.record != but)
    saved = desk.workspace.lists.values(SURVEYS.name, "survey_no")
    return {str(number) for number in chain(saved, begun)}
