"""Reads the instance XML of a filled form, as ODK Collect and ODK servers hand it out, back into answers.

Owns recognising the form and its nodes. What the answers are worth (choices that are not offered, constraints) the
opened sheet says; how a submission becomes a record is for others. Format: ODK XForms specification, "Instance" and
"Metadata"; names are compared without their namespace, for clients write `meta` with and without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree  # type: ignore[import-untyped]

from kcdesk.domain.identifiers import new_row_id
from kcdesk.errors import BadInput
from kcdesk.questionnaire.entry import NotTaken, accept
from kcdesk.questionnaire.form import QUESTION, REPEAT, Definition, Form

MOST_BYTES = 4 << 20
"""A filled form of several hundred questions has some ten kilobytes."""
_NUMBERS = frozenset({"int", "decimal"})


@dataclass(frozen=True, slots=True)
class Submission:
    """A filled form. form_id, version: of the questionnaire it was filled in by

    instance_id: `meta/instanceID`, the same however often it is sent; blank when the client gave none
    answers:     answer path -> text, as `Questionnaire.open` takes them; rows named after the instance and their place,
                 so that reading it twice gives the same rows
    unknown:     paths of elements with an answer that the questionnaire does not have
    """

    form_id: str
    version: str
    instance_id: str
    answers: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def identify(xml: bytes) -> Submission:
    """Which questionnaire a filled form belongs to, without its answers. Raises `BadInput`."""
    root = _parse(xml)
    form_id = root.get("id", "")
    if not form_id:
        raise BadInput(
            "Tệp XML này không phải là một phiếu ODK: phần tử gốc không ghi mã mẫu phiếu (id).",
            hint="Chọn tệp .xml trong thư mục instances của ODK Collect.",
            code="no_submission",
        )
    return Submission(form_id, root.get("version", ""), _instance_id(root))


def read(form: Form, xml: bytes) -> Submission:
    """The answers of a filled form of this questionnaire. Raises `BadInput`."""
    said = identify(xml)
    if (said.form_id, said.version) != (form.form_id, form.version):
        raise BadInput(
            f"Phiếu này ghi theo mẫu {said.form_id} phiên bản {said.version or '(không ghi)'}, "
            f"không phải {form.form_id} phiên bản {form.version}.",
            hint="Nạp đúng phiên bản mẫu phiếu rồi đọc lại.",
            code="other_version",
        )
    reading = _Reading(said.instance_id or hashlib.sha256(xml).hexdigest())
    reading.read(form.root, _parse(xml), "", "")
    return Submission(
        said.form_id,
        said.version,
        said.instance_id,
        reading.answers,
        tuple(dict.fromkeys(reading.unknown)),
    )


class _Reading:
    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.answers: dict[str, str] = {}
        self.unknown: list[str] = []

    def read(self, definition: Definition, element: Element, prefix: str, path: str) -> None:
        """The answers below `element`. prefix: of their answer paths; path: of the element, for people."""
        rows: dict[str, list[str]] = {}
        for child in element:
            name = _name(child)
            here = f"{path}/{name}"
            below = definition.children.get(name)
            if below is None:
                self.unknown += _answered(child, here)
            elif below.kind == REPEAT:
                table = f"{prefix}{name}"
                row = self._row(table, rows.setdefault(name, []))
                before = len(self.answers)
                self.read(below, child, f"{table}/{row}/", here)
                if len(self.answers) == before and (first := _first_question(below)) is not None:
                    self.answers[f"{table}/{row}/{first.name}"] = ""
            elif below.kind == QUESTION:
                if (child.text or "").strip():
                    self.answers[f"{prefix}{name}"] = _stored(child.text or "", below)
            else:
                self.read(below, child, prefix, here)

    def _row(self, table: str, there: list[str]) -> str:
        said = f"{self.instance}\n{table}\n{len(there)}".encode()
        row = new_row_id(there, lambda size: hashlib.blake2b(said, digest_size=size).digest())
        there.append(row)
        return row


def _parse(xml: bytes) -> Element:
    if len(xml) > MOST_BYTES:
        raise BadInput(
            f"Tệp XML lớn hơn {MOST_BYTES >> 20} MB, không phải là một phiếu.",
            hint="Chọn tệp .xml trong thư mục instances của ODK Collect.",
            code="too_large",
        )
    try:
        root: Element = ElementTree.fromstring(xml, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadInput(
            "Tệp XML này bị hỏng hoặc không phải là XML.",
            hint="Chép lại tệp từ điện thoại rồi đọc lại.",
            code="no_submission",
        ) from None
    return root


def _instance_id(root: Element) -> str:
    meta = next((child for child in root if _name(child) == "meta"), None)
    found = next((c for c in meta if _name(c) == "instanceID"), None) if meta is not None else None
    return (found.text or "").strip() if found is not None else ""


def _stored(text: str, definition: Definition) -> str:
    """A number in plain notation, for other clients write large amounts as `2.55E7`; all else as it stands."""
    if definition.data in _NUMBERS:
        try:
            return accept(text, definition.type, definition.data, ())
        except NotTaken:
            pass
    return text


def _first_question(table: Definition) -> Definition | None:
    """The question of a repeat that stands for a row without any answer."""
    own = (each for each in table.walk() if each.repeats[-1] is table)
    return next((each for each in own if each.kind == QUESTION), None)


def _answered(element: Element, path: str) -> Iterator[str]:
    if (element.text or "").strip():
        yield path
    for child in element:
        yield from _answered(child, f"{path}/{_name(child)}")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
