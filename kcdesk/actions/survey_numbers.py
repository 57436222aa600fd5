"""Numbers of answer sheets: commune, device, count. They are given offline and never collide (design, section 4b)."""

from __future__ import annotations

from itertools import chain

from kcdesk.actions.desk import Desk
from kcdesk.domain.kinds import SURVEYS


def next_number(desk: Desk, commune: str) -> str:
    """The number of the next sheet of an establishment in this commune."""
    own = f"-{desk.workspace.device_id[:6]}-"
    given = (number.rpartition("-")[2] for number in numbers_given(desk) if own in number)
    last = max((int(count) for count in given if count.isdecimal()), default=0)
    return f"{commune}{own}{last + 1:03d}"


def numbers_given(desk: Desk, but: str = "") -> set[str]:
    """The numbers of all sheets, those in the bin and those begun too: a number is never given again.

    but: the sheet whose own draft does not count
    """
    drafts = desk.workspace.drafts.every()
    begun = (draft.values.get("survey_no") for draft in drafts if draft.form.record != but)
    saved = desk.workspace.lists.values(SURVEYS.name, "survey_no")
    return {str(number) for number in chain(saved, begun)}
