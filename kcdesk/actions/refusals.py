"""What the province refused: shown with the reason and what to do; to correct, to withdraw, or to ask again.

A refused change has its number and no part in the record, here as at the province, and nothing waits for it. Correcting
and asking again say what was in it anew, as changes of their own; withdrawing leaves the record as it stands. What
somebody else has said of the same fields since is not overwritten without a word: both values are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved, read_fields, require_fields
from kcdesk.changes import ChangeId, State
from kcdesk.domain.clock import local_time
from kcdesk.domain.findings import Finding
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS, kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.refused import Standing

_REASONS = {
    "no_right": "người dùng máy này không được giao quyền này, hoặc không được giao địa bàn của hồ sơ",
    "no_area": "xã, phường của hồ sơ không thuộc địa bàn được giao hoặc chưa chọn xã, phường",
    "form": "máy chủ không đọc được mục này",
    "size": "mục này quá lớn",
}
_WHAT_TO_DO = {
    "no_right": "Cần quyền hay địa bàn đó thì nhờ trung tâm giao rồi gửi lại; nếu không, rút lại.",
    "no_area": "Chọn đúng xã, phường; nếu địa bàn vừa được giao thì gửi lại.",
    "form": "Cài phiên bản mới của chương trình rồi gửi lại; nếu vẫn vậy, rút lại và báo cho trung tâm.",
    "size": "Rút ngắn nội dung rồi gửi; tài liệu dài thì để thành tệp riêng.",
}
_DETAILS = {
    "add": "thêm",
    "edit": "sửa",
    "delete": "xoá",
    "merge": "gộp",
    "accept": "duyệt, trả lại phiếu",
    "hand in": "nộp đăng ký nhu cầu",
}
"""Operations that somebody may lack the right to, as the province names them."""
_ANYTHING = "Báo cho trung tâm; trung tâm mở lại thì gửi lại, nếu không thì rút lại."
_CHANGE_ID = re.compile(r"[0-9a-f]{16}-[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A change that the province left out and that still stands. `title` is that of its record.

    reason, what_to_do: sentences for the person;  code: the province's own word for the reason
    fields:             what is in it and was not said anew since
    record_stands:      whether there is anything of the record besides what was refused
    """

    change: ChangeId
    kind: str
    record: str
    title: str
    at: int
    code: str
    reason: str
    what_to_do: str
    fields: Mapping[str, Value]
    record_stands: bool

    def as_json(self) -> dict[str, Value]:
        return {
            "change": str(self.change),
            "n": self.change.n,
            "kind": self.kind,
            "id": self.record,
            "title": self.title,
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "code": self.code,
            "reason": self.reason,
            "what_to_do": self.what_to_do,
            "fields": dict(self.fields),
        }


def list_refused(desk: Desk, record: str | None = None) -> list[RefusedChange]:
    """What was refused and still stands, of a record or in all, newest first."""
    found = desk.workspace.refused.standing(None if record is None else [record])
    rows = _rows(desk, found)
    return [_shown(desk, one, rows.get(one.change.record)) for one in found]


def correct(desk: Desk, what: str, typed: Mapping[str, str]) -> Saved:
    """Say anew what was refused, with these typed texts instead; an empty text clears a field.

    what: a change (`device-n`), or a record, of which all that was refused is said anew
    Raises `NotFound`, `BadInput`.
    """
    found = _named(desk, [what])
    kind, record = found[0].change.kind, found[0].change.record
    said = {
        name: value
        for one in found
        if one.change.kind == kind
        for name, value in one.fields.items()
    }
    state: State | None = None
    with suppress(NotFound):  # of a record that was refused as a whole there is none
        state = desk.workspace.state(kind, record)
    wanted = {name: text for name, text in typed.items() if name not in said}
    require_fields(kind, wanted, state)
    values, findings = read_fields(desk, kind, typed, state)
    return _say(desk, [Edit(kind, record, {**said, **values}, found[0].change.seen)], findings)


def withdraw(desk: Desk, what: Sequence[str]) -> Saved:
    """Give up what was refused of these changes or records: they stay as the province has them. Raises `NotFound`."""
    found = _named(desk, what)
    desk.workspace.refused.withdraw([one.change.id for one in found], desk.clock())
    return _saved([Edit(one.change.kind, one.change.record, {}) for one in found])


def ask_again(desk: Desk, what: Sequence[str] | None = None) -> Saved:
    """Say anew, as it was, what was refused of these changes or records, or all of it. Raises `NotFound`."""
    found = desk.workspace.refused.standing()[::-1] if what is None else _named(desk, what)
    edits = [
        Edit(one.change.kind, one.change.record, dict(one.fields), one.change.seen) for one in found
    ]
    return _say(desk, edits)


def refusal_text(reason: str) -> str:
    """The sentence for a reason of the province; `reason` is its code, with `: detail` where it gave one."""
    code, _, detail = reason.partition(": ")
    sentence = _REASONS.get(code, code)
    return f"{sentence} ({_DETAILS.get(detail, detail)})" if detail else sentence


def _named(desk: Desk, what: Iterable[str]) -> list[Standing]:
    """What stands of these changes or records, oldest first. Raises `NotFound` for one of which nothing does."""
    standing = desk.workspace.refused.standing()[::-1]
    found: dict[ChangeId, Standing] = {}
    for name in what:
        of = [
            one
            for one in standing
            if name == (str(one.change.id) if _CHANGE_ID.fullmatch(name) else one.change.record)
        ]
        if not of:
            raise NotFound(
                f"Không có mục nào bị từ chối là “{name}”.",
                hint="Xem các mục bị từ chối bằng kcdesk refused list.",
            )
        found |= {one.change.id: one for one in of}
    return sorted(found.values(), key=lambda one: (one.change.at, one.change.n))


def _say(desk: Desk, edits: Sequence[Edit], findings: tuple[Finding, ...] = ()) -> Saved:
    desk.workspace.save(edits)
    return _saved(edits, findings)


def _saved(edits: Iterable[Edit], findings: tuple[Finding, ...] = ()) -> Saved:
    records = dict.fromkeys((edit.kind, RecordId(edit.record)) for edit in edits)
    return Saved(tuple(records), findings)


def _rows(desk: Desk, found: Sequence[Standing]) -> dict[str, Mapping[str, Value]]:
    """The records of these changes as lists show them, as far as there is something of them besides."""
    rows: dict[str, Mapping[str, Value]] = {}
    for kind, record in {(one.change.kind, one.change.record) for one in found}:
        if kind in KINDS:
            with suppress(NotFound):
                rows[record] = desk.workspace.lists.get(kind, record)
    return rows


def _shown(desk: Desk, one: Standing, row: Mapping[str, Value] | None) -> RefusedChange:
    change, code = one.change, one.reason.partition(": ")[0]
    return RefusedChange(
        change.id,
        change.kind,
        change.record,
        _title(desk, change.kind, {**one.fields, **(row or {})}),
        change.at,
        code,
        refusal_text(one.reason),
        _WHAT_TO_DO.get(code, _ANYTHING),
        one.fields,
        row is not None,
    )


def _title(desk: Desk, kind: str, said: Mapping[str, Value]) -> str:
    """The title of a record, behind the name of its establishment."""
    if kind not in KINDS:
        return ""
    of_kind = kind_named(kind)
    title = str(said.get(of_kind.title) or "")
    parent = said.get(of_kind.parent) if of_kind.parent is not None else None
    if isinstance(parent, str):
        with suppress(NotFound):
            name = desk.workspace.lists.get(ESTABLISHMENTS.name, parent).get("name")
            return ", ".join(filter(None, (str(name or ""), title)))
    return title
