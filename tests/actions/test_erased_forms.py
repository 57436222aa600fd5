"""A form that lies open while its record is erased, on the very device that erases, brings nothing back."""

from __future__ import annotations

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.actions.records import open_record, set_fields
from kcdesk.changes import State
from kcdesk.storage.drafts import Form

KIND = "establishments"


def open_form(desk: Desk, establishment: str) -> tuple[State, Form]:
    state = open_record(desk, KIND, establishment)
    return state, Form(KIND, establishment, seen=state.seen)


def do_erase(desk: Desk, establishment: str) -> None:
    plan = plan_erasure(desk, KIND, establishment, ["rep_name"])
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ", paper_date="01/03/2026")


def test_saving_it_keeps_all_but_the_erased(desk: Desk, establishment: str) -> None:
    _, form = open_form(desk, establishment)
    do_erase(desk, establishment)
    typed = {"rep_name": "Vàng A Páo", "note": "giữ lại"}
    set_fields(desk, KIND, establishment, typed, form=form)
    state = open_record(desk, KIND, establishment)
    assert (state.get("rep_name"), state.get("note")) == (None, "giữ lại")
    said = [change.set.get("rep_name") for change in desk.workspace.changes()]
    assert "Vàng A Páo" not in said


def test_its_draft_does_not_bring_it_back_either(desk: Desk, establishment: str) -> None:
    _, form = open_form(desk, establishment)
    do_erase(desk, establishment)
    draft = keep_draft(desk, form, {"rep_name": "Vàng A Páo", "note": "giữ lại"})
    assert draft is not None
    assert draft.values == {"note": "giữ lại"}
    assert keep_draft(desk, form, {"rep_name": "Vàng A Páo"}, ["note"]) is None


def test_a_form_opened_afterwards_may_write_again(desk: Desk, establishment: str) -> None:
    do_erase(desk, establishment)
    _, form = open_form(desk, establishment)
    draft = keep_draft(desk, form, {"rep_name": "Người khác"})
    assert draft is not None
    set_fields(desk, KIND, establishment, {"rep_name": "Người khác"}, form=form)
    state, form = open_form(desk, establishment)
    assert state.get("rep_name") == "Người khác"
    set_fields(desk, KIND, establishment, {"rep_name": "Người khác nữa"}, form=form)
    assert open_record(desk, KIND, establishment).get("rep_name") == "Người khác nữa"


def test_so_it_is_after_the_workspace_has_gone_on_as_a_new_device(
    desk: Desk, establishment: str
) -> None:
    _, before = open_form(desk, establishment)
    do_erase(desk, establishment)
    desk.workspace.go_on_as_new_device("copy", desk.randomness)
    set_fields(desk, KIND, establishment, {"rep_name": "Vàng A Páo"}, form=before)
    state, after = open_form(desk, establishment)
    assert state.get("rep_name") is None
    set_fields(desk, KIND, establishment, {"rep_name": "Người khác"}, form=after)
    assert open_record(desk, KIND, establishment).get("rep_name") == "Người khác"
