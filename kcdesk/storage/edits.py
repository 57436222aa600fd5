"""What somebody wants a record to say, before it is a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kcdesk.changes import Change, Value, check_form, fold
from kcdesk.changes.erasing import Erasure
from kcdesk.changes.fold import OWN
from kcdesk.changes.model import MAX_BYTES
from kcdesk.errors import BadInput
from kcdesk.storage.devices.identity import Past


@dataclass(frozen=True, slots=True)
class Edit:
    """Fields to set on one record. `seen` is what the form's `State.seen` said when it was opened; None: now."""

    kind: str
    record: str
    set: dict[str, Value]
    seen: Mapping[str, int] | None = field(default=None)


def seen_by(edit: Edit, before: Sequence[Change], past: Past) -> dict[str, int]:
    """What lay before the author of `edit`: as the form said, otherwise all there is."""
    said = edit.seen
    if said is None:
        said = fold(before).seen if before else {}
    return past.seen(said, before)


def without_unseen(
    kind: str,
    record: str,
    said: Mapping[str, Value],
    seen: Mapping[str, int],
    erased: Iterable[Erasure],
    past: Past,
) -> dict[str, Value]:
    """What a form says, with null for what was erased while it lay open; `seen`: as it was opened (`State.seen`).

    A device has always seen its own changes, so `seen` of a change cannot tell whether the form knew an erasure made
    here. That of the form can, for with the erasure comes one more change of the record itself, made at the same time.
    """

    def knew(by: Change) -> bool:
        if past.made(by) and seen.get(OWN, 0) >= by.at:
            return True
        return seen.get(by.device, 0) >= by.n

    unseen = [
        erasure
        for erasure in erased
        if (erasure.kind, erasure.record) == (kind, record) and not knew(erasure.by)
    ]
    return {
        field: None if any(erasure.names(field) for erasure in unseen) else value
        for field, value in said.items()
    }


def require_form(change: Change) -> None:
    """Raise `BadInput` for what a person can do wrong, ValueError for the rest: that is our mistake."""
    match check_form(change):
        case None:
            return
        case "size":
            raise BadInput(
                f"Một lần ghi không được quá {MAX_BYTES // 1024} KB chữ.",
                hint="Rút ngắn nội dung; tài liệu dài thì để thành tệp riêng.",
            )
        case "field":
            raise BadInput(
                "Tên trường chỉ gồm chữ cái không dấu, chữ số và các dấu _ . - /.",
                hint="Kiểm tra lại tên các trường: " + ", ".join(change.set) + ".",
            )
        case problem:
            raise ValueError(f"a change of {change.kind} has the wrong form: {problem}")
