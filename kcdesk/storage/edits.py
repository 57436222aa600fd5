"""What somebody wants a record to say, before it is a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kcdesk.changes import Change, Value, check_form, fold
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
