"""Finished sheets are accepted at once when somebody has set it so; what was changed is shown all the same."""

from __future__ import annotations

import pytest

from kcdesk.actions.accepting_at_once import accepts_at_once, finish_and_settle, set_accepts_at_once
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import get_record
from kcdesk.errors import BadInput
from kcdesk.storage.sync_books import Province
from tests.actions.test_surveys import filled


def state(desk: Desk, survey: str) -> object:
    return get_record(desk, "surveys", survey).row["sheet_state"]


def test_a_person_decides_unless_it_is_set(desk: Desk, establishment: str) -> None:
    assert not accepts_at_once(desk)
    finished = finish_and_settle(desk, filled(desk, establishment))
    assert not finished.accepted
    assert state(desk, finished.survey.record) == "FINISHED"
    assert "area_m2" not in get_record(desk, "establishments", establishment).row


def test_at_once(desk: Desk, establishment: str) -> None:
    set_accepts_at_once(desk, True)
    finished = finish_and_settle(desk, filled(desk, establishment))
    assert finished.accepted
    changed = {p.field: (p.old_shown, p.new_shown) for p in finished.proposals}
    assert changed["area_m2"] == ("", "120,5")
    assert state(desk, finished.survey.record) == "ACCEPTED"
    assert get_record(desk, "establishments", establishment).row["area_m2"] == "120.5"
    set_accepts_at_once(desk, False)
    assert not finish_and_settle(desk, filled(desk, establishment)).accepted


def test_a_collaborator_cannot_accept(desk: Desk, establishment: str) -> None:
    set_accepts_at_once(desk, True)
    desk.workspace.join_province(
        Province("https://a.vn", "tỉnh Lào Cai", "e1", b"k" * 32, "token", "collaborator", 5)
    )
    assert not accepts_at_once(desk)
    assert not finish_and_settle(desk, filled(desk, establishment)).accepted
    with pytest.raises(BadInput, match="Cộng tác viên"):
        set_accepts_at_once(desk, True)
