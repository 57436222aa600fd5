"""The record that a paper prints: its own values with those of what it belongs to, references as names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import find_questionnaire
from kcdesk.actions.records import get_record
from kcdesk.documents import Form
from kcdesk.domain.codes import show_phone
from kcdesk.domain.kinds import ESTABLISHMENTS, kind_named
from kcdesk.domain.unit_table import TWO_TIERS_FROM, NewCommune, OldCommune
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.reading.lists import Row

_NAMES = {"commune": "commune_name", "province": "province_name"}
_SEVERAL = frozenset(("select_multiple", "rank"))
_GLUED = frozenset(("image", "file"))
"""Answers that are pictures: paper has places to glue them."""
_OF_THE_LIST = frozenset(("conflicts", "kind", "commune_name", "province_name", "old_commune_name"))


def establishment_on_paper(desk: Desk, establishment: str) -> Row:
    """Block EST of dossier section 6.2 for one establishment: figures of its latest year, communes as names."""
    row = dict(get_record(desk, ESTABLISHMENTS.name, establishment).row)
    for key, name in _NAMES.items():
        if name in row:
            row[key] = row[name]
    if isinstance(phone := row.get("phone"), str):
        row["phone"] = show_phone(phone)
    if isinstance(vsic := row.get("vsic"), str) and isinstance(trade := row.get("trade"), str):
        row["vsic"] = f"{trade} ({vsic})"
    return {key: value for key, value in row.items() if key not in _OF_THE_LIST}


def need_on_paper(desk: Desk, need: str) -> Row:
    """Block EST and the need itself, as form F02 prints them; `id` is the need's."""
    row = get_record(desk, "needs", need).row
    record = {**establishment_on_paper(desk, str(row.get("establishment"))), **row}
    if "date" not in record and "registered_on" in record:
        record["date"] = record["registered_on"]
    establishment = desk.workspace.state(ESTABLISHMENTS.name, str(row["establishment"]))
    former = _former_commune(desk, record, record.get("date"))
    if former is not None:
        record = {**_places(desk, former, record), **record}
    elif isinstance(commune := establishment.get("commune"), str):
        record = {**_places(desk, desk.units.new_commune(commune), record), **record}
    return {key: value for key, value in record.items() if key not in _OF_THE_LIST}


def units_of_the_day(desk: Desk, row: Row, day: str) -> dict[str, Value]:
    """The names of commune and province as they were on an ISO day before July 2025, where the record knows the former.

    So an old paper is printed again as it was; the district stands in a field of its own.
    """
    former = _former_commune(desk, row, day)
    if former is None:
        return {}
    commune, *_, province = _as_then(desk, former).split(", ")
    return {"commune": commune, "province": province[:1].upper() + province[1:]}


def _as_then(desk: Desk, unit: NewCommune | OldCommune) -> str:
    """A unit with what it belongs to, as papers of its time write it."""
    return desk.units.display_name(unit).removesuffix(" (cũ)")


def _former_commune(desk: Desk, row: Row, day: Value) -> OldCommune | None:
    code = row.get("old_commune")
    if not isinstance(day, str) or day >= TWO_TIERS_FROM.isoformat() or not isinstance(code, str):
        return None
    try:
        return desk.units.old_commune(code)
    except NotFound:  # of a newer list
        return None


def _places(desk: Desk, unit: NewCommune | OldCommune, record: Row) -> dict[str, Value]:
    """Where the owner signs, and where the project is unless another place was said, as official papers write them."""
    inside = [record[key] for key in ("address", "hamlet") if isinstance(record.get(key), str)]
    return {
        "place": unit.name,
        "project_place": ", ".join([*map(str, inside), _in_a_sentence(_as_then(desk, unit))]),
    }


def _in_a_sentence(place: str) -> str:
    return place[:1].lower() + place[1:]


def survey_on_paper(desk: Desk, survey: str) -> Row:
    """An answer sheet with block EST of its establishment; answers go before what the establishment says."""
    row = get_record(desk, "surveys", survey).row
    if row.get("trial") is True:
        raise BadInput(
            "Phiếu này ghi theo mẫu thử nên không in thành giấy tờ được.",
            hint="In phiếu bằng kcdesk questionnaire print, hoặc nút In phiếu.",
            code="trial",
        )
    record = {**establishment_on_paper(desk, str(row.get("establishment"))), **row}
    record.setdefault("date", record.get("survey_date"))
    types = _types_of(desk, row)
    return {
        key: _on_paper(types, key, value)
        for key, value in record.items()
        if key not in _OF_THE_LIST and types.get(key) not in _GLUED
    }


def _types_of(desk: Desk, survey: Row) -> dict[str, str]:
    """Question -> its type, by the version that a sheet was filled in by; nothing where that is not here."""
    found = find_questionnaire(
        desk,
        str(survey.get("questionnaire")),
        survey.get("questionnaire_version"),
        survey.get("edition"),
    )
    if found is None:
        return {}
    return {each.name: each.type for each in found.questionnaire.form.root.walk()}


def _on_paper(types: Mapping[str, str], key: str, value: Value) -> Value:
    """An answer as papers take it: several choices as a list, a place without height and accuracy."""
    if isinstance(value, list):
        return [
            {name: _on_paper(types, name, cell) for name, cell in row.items()}
            if isinstance(row, dict)
            else row
            for row in value
        ]
    if isinstance(value, str) and types.get(key) in _SEVERAL:
        return [*value.split()]
    if isinstance(value, str) and types.get(key) == "geopoint":
        return [*value.split()[:2]]
    return value


SOURCES: dict[str, Callable[[Desk, str], Row]] = {
    "needs": need_on_paper,
    "surveys": survey_on_paper,
}
"""Kinds of record that papers are printed from, and how each becomes what a paper prints."""


def record_on_paper(desk: Desk, form: Form, record: str) -> Row:
    """The record of the form's kind that a person means: its own id, or that of an establishment with exactly one.

    Raises `NotFound`, and `BadInput` where there are several, or where this version has no such records yet.
    """
    on_paper = SOURCES.get(form.source)
    if on_paper is None:
        raise BadInput(
            f"Mẫu {form.id} chưa in từ hồ sơ được: phiên bản này chưa có loại hồ sơ của mẫu ấy.",
            hint="In mẫu trống (--blank) để ghi tay, hoặc xem mẫu đã điền (--sample).",
        )
    label = kind_named(form.source).label.lower()
    found = [
        row
        for row in desk.workspace.lists.of_establishments(form.source, [record])
        if row.get("trial") is not True
    ]
    if len(found) == 1:
        return on_paper(desk, str(found[0]["id"]))
    if len(found) > 1:
        raise BadInput(
            f"Cơ sở này có {len(found)} {label}.",
            hint="Cho biết mã của hồ sơ cần in: "
            + ", ".join(str(one["id"]) for one in found)
            + ".",
        )
    try:
        desk.workspace.state(form.source, record)
    except NotFound:
        raise NotFound(
            f"Chưa có {label} nào để in.", hint=f"Ghi {label} của cơ sở trước, rồi in."
        ) from None
    return on_paper(desk, record)


def version_of(record: dict[str, Value]) -> str:
    """Eight hexadecimal digits that name this state of a record: equal on every device that holds the same."""
    content = msgspec.json.encode(record, order="deterministic")
    return hashlib.blake2b(content, digest_size=4).hexdigest()
