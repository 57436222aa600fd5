"""Who may erase, what it needs, what it tells before and after, and that it cannot be taken back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kcdesk.actions.backups import back_up
from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import keep_draft
from kcdesk.actions.erasing import erase, list_erasures, plan_erasure
from kcdesk.actions.history import history
from kcdesk.actions.recent import Deed, recent_actions
from kcdesk.actions.records import add_record, get_record, set_fields
from kcdesk.actions.undo import plan_undo
from kcdesk.errors import BadInput, NotFound, WorkspaceBusy
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.sync_books import Province
from tests.storage.workspaces import NOW, reopen

KIND = "establishments"
PAPER = {"reason": "chủ cơ sở yêu cầu", "paper": "12/QĐ-KC", "paper_date": "01/03/2026"}


def erased(desk: Desk, record: str, *fields: str, kind: str = KIND) -> None:
    erase(desk, plan_erasure(desk, kind, record, fields), **PAPER)


def joined_as(desk: Desk, role: str) -> None:
    desk.workspace.join_province(
        Province("https://a.vn", "tỉnh Lào Cai", "e1", b"k" * 32, "token", role, 5)
    )


def test_the_value_goes_and_the_rest_of_the_history_stays(desk: Desk, establishment: str) -> None:
    set_fields(desk, KIND, establishment, {"rep_name": "Vàng A Pao", "note": "x"})
    erased(desk, establishment, "rep_name")
    row = get_record(desk, KIND, establishment).row
    assert (row.get("rep_name"), row["note"], row["name"]) == (None, "x", "Hộ Vàng A Páo")
    entries = history(desk, KIND, establishment, "rep_name")
    assert [(one.old, one.new) for one in entries] == [(None, None)] * 3
    said = "đã xoá theo văn bản 12/QĐ-KC ngày 2026-03-01"
    assert [one.erased for one in entries] == [said, said, ""]
    assert entries[0].as_json()["erased"] == said
    assert not any(one.erased for one in history(desk, KIND, establishment, "note"))
    set_fields(desk, KIND, establishment, {"rep_name": "Lò Văn Pao"})
    assert history(desk, KIND, establishment, "rep_name")[-1].new == "Lò Văn Pao"
    assert get_record(desk, KIND, establishment).row["rep_name"] == "Lò Văn Pao"


def test_the_list_says_who_what_and_on_which_paper(desk: Desk, establishment: str) -> None:
    assert list_erasures(desk) == []
    erased(desk, establishment, "phone", "rep_name")
    erased(desk, establishment, "phone")
    second, first = list_erasures(desk)
    assert (first.who, first.kind, first.record) == ("Lan", KIND, establishment)
    assert (first.fields, second.fields) == (("phone", "rep_name"), ("phone",))
    assert (first.reason, first.paper, first.paper_date) == (
        "chủ cơ sở yêu cầu",
        "12/QĐ-KC",
        "2026-03-01",
    )


def test_the_plan_says_what_would_go_and_what_would_not(desk: Desk, establishment: str) -> None:
    need = add_record(
        desk, "needs", {"establishment": establishment, "purpose": "Máy cho Vàng A Páo"}
    ).records[0][1]
    set_fields(desk, KIND, establishment, {"main_products/1/name": "Gạch"})
    keep_draft(desk, Form(KIND, establishment), {"rep_name": "Vàng"})
    plan = plan_erasure(desk, KIND, establishment, ["rep_name", "main_products"])
    assert (plan.fields, plan.changes, plan.drafts) == (("rep_name", "main_products"), 2, True)
    assert [cell.split("/")[0] for cell in plan.cells] == ["main_products", "rep_name"]
    assert set(plan.elsewhere) == {(KIND, establishment, "name"), ("needs", need, "purpose")}
    assert get_record(desk, KIND, establishment).row["rep_name"] == "Vàng A Páo"  # a plan is a plan


@pytest.mark.parametrize("field", ["nothing", "email", "deleted", "merged_into"])
def test_what_is_not_there_or_holds_the_records_together_is_refused(
    desk: Desk, establishment: str, field: str
) -> None:
    with pytest.raises(BadInput) as raised:
        plan_erasure(desk, KIND, establishment, [field])
    assert raised.value.code == "no_field"


def test_the_establishment_of_a_need_stays(desk: Desk, establishment: str) -> None:
    said = {"establishment": establishment, "purpose": "Máy"}
    need = add_record(desk, "needs", said).records[0][1]
    for fields in (["establishment"], []):
        with pytest.raises(BadInput):
            plan_erasure(desk, "needs", need, fields)
    with pytest.raises(NotFound):
        plan_erasure(desk, "erasures", need, ["of"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reason": " "}, "no_reason"),
        ({"paper": ""}, "no_reason"),
        ({"paper_date": ""}, "no_paper_date"),
        ({"paper_date": "31/02/2026"}, "no_paper_date"),
        ({"paper_date": "01/01/2030"}, "no_paper_date"),
    ],
)
def test_without_its_paper_nothing_is_erased(
    desk: Desk, establishment: str, changed: dict[str, str], code: str
) -> None:
    plan = plan_erasure(desk, KIND, establishment, ["phone"])
    with pytest.raises(BadInput) as raised:
        erase(desk, plan, **{**PAPER, **changed})
    assert raised.value.code == code
    assert "phone" in get_record(desk, KIND, establishment).row


def test_of_a_province_only_the_centre_may_and_only_what_is_delivered(
    desk: Desk, establishment: str
) -> None:
    joined_as(desk, "officer")
    with pytest.raises(BadInput) as raised:
        plan_erasure(desk, KIND, establishment, ["phone"])
    assert raised.value.code == "no_right"
    joined_as(desk, "centre")
    with pytest.raises(BadInput) as raised:
        plan_erasure(desk, KIND, establishment, ["phone"])
    assert raised.value.code == "undelivered"
    chain = desk.workspace.chain()
    desk.workspace.confirm(chain.last_n, chain.last_hash, [])
    erased(desk, establishment, "phone")
    assert "phone" not in get_record(desk, KIND, establishment).row


def test_while_something_else_works_on_the_file_it_waits(desk: Desk, establishment: str) -> None:
    plan = plan_erasure(desk, KIND, establishment, ["phone"])
    with reopen(desk.workspace.folder, clock=lambda: NOW), pytest.raises(WorkspaceBusy):
        erase(desk, plan, **PAPER)
    assert "phone" in get_record(desk, KIND, establishment).row


def test_it_is_shown_among_what_was_done_and_cannot_be_taken_back(
    desk: Desk, establishment: str
) -> None:
    erased(desk, establishment, "phone")
    (last, *_) = recent_actions(desk)
    assert (last.deed, last.kind, last.records) == (Deed.ERASED, KIND, 1)
    assert last.text.endswith("Hộ Vàng A Páo")
    with pytest.raises(BadInput) as raised:
        plan_undo(desk, last.id)
    assert raised.value.code == "erased"


def test_a_second_place_that_is_not_there_is_told_of(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    stick, drawer = tmp_path / "stick", tmp_path / "drawer"
    stick.mkdir()
    back_up(desk, place=stick)
    stick.rename(drawer)
    plan = plan_erasure(desk, KIND, establishment, ["phone"])
    findings = erase(desk, plan, **PAPER)[1]
    assert [finding.code for finding in findings] == ["erasing.second_place"]
    drawer.rename(stick)
    plan = plan_erasure(desk, KIND, establishment, ["rep_name"])
    assert erase(desk, plan, **PAPER)[1] == ()


def test_a_picture_goes_with_its_title_and_stays_listed(desk: Desk, establishment: str) -> None:
    name = desk.workspace.attachments.keep(b"picture", b"small", random.Random(1).randbytes)
    said = {"establishment": establishment, "title": "Vàng A Páo", "sha256": name, "purpose": None}
    record = "01900000-0000-7000-8000-0000000000aa"
    desk.workspace.save([Edit("attachments", record, dict(said))])
    plan = plan_erasure(desk, "attachments", record)
    assert (plan.fields, plan.contents) == (("sha256", "title"), 1)
    erase(desk, plan, **PAPER)
    assert not desk.workspace.attachments.holds(name)
    assert get_record(desk, "attachments", record).row["establishment"] == establishment
