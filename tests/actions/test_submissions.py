"""A form that was filled in on a telephone becomes a survey of the right establishment, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kcdesk.actions.attachments import list_attachments
from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import shipped
from kcdesk.actions.records import add_record, open_record
from kcdesk.actions.submissions import take_in, write_form, write_submission
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import open_survey, reopen_survey
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import from_xform
from tests.actions.test_surveys import filled

UNCLEAR = {"name": "Cơ sở mộc Lý A Sử", "commune": "02728", "phone": "0912 345 678"}
PLACE = {**UNCLEAR, "legal_form": "HO_KINH_DOANH", "rep_name": "Lý A Sử", "trade": "Mộc dân dụng"}


def from_phone(desk: Desk, establishment: str, path: Path, **more: object) -> Path:
    """The instance XML of a filled F01, which this workspace has never seen."""
    survey = filled(desk, establishment, **more)
    xml = survey.sheet.instance_xml()
    path.write_text(xml, "utf-8")
    return path


def test_it_becomes_a_finished_survey_with_its_proposals(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", PLACE).records[0][1]
    taken = take_in(desk, from_phone(desk, place, tmp_path / "F01.xml"), place)
    assert (taken.problem, taken.already, taken.unknown) == ("", False, ())
    survey = reopen_survey(desk, taken.record)
    assert survey.state is not None
    assert survey.state.get("sheet_state") == "FINISHED"
    assert survey.sheet.node("area_m2").value == "120.5"
    assert "area_m2" in {proposal.field for proposal in taken.proposals}
    accept_proposals(desk, survey, taken.proposals)
    assert open_record(desk, "establishments", place).get("area_m2") == "120.5"


def test_the_same_form_is_taken_in_once(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", PLACE).records[0][1]
    path = from_phone(desk, place, tmp_path / "F01.xml")
    first = take_in(desk, path, place)
    before = desk.workspace.chain().last_n
    again = take_in(desk, path)
    assert (again.record, again.already) == (first.record, True)
    assert desk.workspace.chain().last_n == before


def test_the_answers_name_the_establishment(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", {**PLACE, "tax_code": "5300000017"}).records[0][1]
    add_record(desk, "establishments", {"name": "Xưởng rèn Mường Hum", "commune": "02728"})
    path = from_phone(desk, place, tmp_path / "F01.xml")
    assert take_in(desk, path).establishment == place


def test_an_establishment_that_is_not_certain_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", PLACE).records[0][1]
    path = from_phone(
        desk, place, tmp_path / "F01.xml", name="Tổ hợp dệt Tả Van", phone="0987654321"
    )
    before = desk.workspace.chain().last_n
    with pytest.raises(BadInput) as asked:
        take_in(desk, path)
    assert asked.value.code == "which_establishment"
    assert "--establishment" in asked.value.hint
    assert desk.workspace.chain().last_n == before
    with pytest.raises(NotFound):
        take_in(desk, path, "019a2b3c-4d5e-7000-8000-000000000000")


def test_a_form_that_is_not_complete_waits_as_a_draft(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", UNCLEAR).records[0][1]
    taken = take_in(desk, from_phone(desk, place, tmp_path / "F01.xml"), place)
    assert taken.problem.startswith("Câu “Loại hình”")
    survey = reopen_survey(desk, taken.record)
    assert survey.state is not None
    assert survey.state.get("sheet_state") == "DRAFT"
    with pytest.raises(BadInput):
        finish_survey(desk, survey)


def test_a_survey_goes_out_and_is_the_same(desk: Desk, tmp_path: Path) -> None:
    place = add_record(desk, "establishments", PLACE).records[0][1]
    taken = take_in(desk, from_phone(desk, place, tmp_path / "F01.xml"), place)
    write_submission(desk, taken.record, tmp_path / "out" / "again.xml")
    ours = reopen_survey(desk, taken.record).sheet
    assert (tmp_path / "out" / "again.xml").read_text("utf-8") == ours.instance_xml()


def test_the_form_goes_out_as_telephones_take_it(tmp_path: Path) -> None:
    files = write_form(shipped(), "F01", tmp_path / "forms")
    assert files[0].name == "F01.xml"
    assert from_xform(files[0].read_text("utf-8")).id == "F01"


@pytest.mark.parametrize(
    ("named", "attached", "missing"),
    [("may.jpg", 1, ()), ("khac.jpg", 0, ("khac.jpg",)), ("../secret.jpg", 0, ())],
)
def test_pictures_beside_the_form_are_attached(
    desk: Desk, tmp_path: Path, named: str, attached: int, missing: tuple[str, ...]
) -> None:
    """And nothing that lies elsewhere: their names come from outside."""
    place = add_record(desk, "establishments", PLACE).records[0][1]
    folder = tmp_path / "instance"
    folder.mkdir()
    for path in (tmp_path / "secret.jpg", folder / "may.jpg"):
        Image.new("RGB", (40, 30), "red").save(path)
    survey = open_survey(desk, "F20", place)
    assert survey.sheet.set_value("photo", named) is None
    (folder / "F20.xml").write_text(survey.sheet.instance_xml(), "utf-8")
    taken = take_in(desk, folder / "F20.xml", place)
    assert (taken.pictures, taken.missing) == (attached, missing)
    assert [each.record.row["of"] for each in list_attachments(desk, place)] == [
        taken.record
    ] * attached
