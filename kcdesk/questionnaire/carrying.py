"""Carrying the answers of a sheet over to another version of its questionnaire, by equal names.

A question is the same when it has the same name in the same repeats; groups do not count. Rows keep their ids. What has
no place is told, answer by answer, and stays where it was: nothing is taken out of the old sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from kcdesk.questionnaire.form import QUESTION, Definition, Form
from kcdesk.questionnaire.profile import FILLED_BY_PROGRAM
from kcdesk.questionnaire.sheet import Sheet
from kcdesk.questionnaire.views import NodeView

_PICTURES = frozenset({"image", "file"})
_OF_THE_SHEET = FILLED_BY_PROGRAM - {"hidden"}
"""What belongs to the sheet it stands on: when it was filled in, by whom, what it computes."""


class Reason(Enum):
    """Why an answer has no place; the label as people read it."""

    GONE = "mẫu mới không có câu này"
    MOVED = "mẫu mới hỏi câu này ở bảng khác"
    COMPUTED = "mẫu mới tự tính câu này"
    NOT_TAKEN = "câu này nay thuộc loại khác"
    CHOICE = "mẫu mới không có lựa chọn này"
    UNREAD = "mới gõ dở, phiếu cũ chưa nhận"
    PICTURE = "ảnh, tệp ở lại với phiếu cũ"


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """An answer that has no place. label, shown: the question and the answer as the old sheet shows them."""

    path: str
    label: str
    stored: str
    shown: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Carried:
    """The new sheet, how many answers were carried over, and those that have no place, in order of the old sheet."""

    sheet: Sheet
    kept: int
    left: tuple[LeftBehind, ...]


def carry_over(
    old: Sheet,
    form: Form,
    opened: Callable[[Mapping[str, str] | None], Sheet],
    shown: Callable[[NodeView], str],
) -> Carried:
    """The answers of `old` on a sheet of another version. Questions that are new start with their defaults.

    form: the other version;  opened: a sheet of it with these answers, or a new one (None);  shown: an answer as
    people write it
    """
    told = {
        path: text
        for path, text in old.answers().items()
        if old.node(path).type not in _OF_THE_SHEET and not _is_meta(old.node(path).definition)
    }
    places = {(_around(each), each.name): each for each in form.root.walk() if _asks(each)}
    by_name = {name for _, name in places}
    known = {each.name for each in old.form.root.walk()}
    carried = {
        path: text
        for path, text in opened(None).answers().items()
        if "/" not in path and path not in known
    }
    reasons: dict[str, Reason] = {}
    for path, text in told.items():
        definition = old.node(path).definition
        place = places.get((_around(definition), definition.name))
        reason = _no_place(definition, place, by_name)
        if reason is None:
            carried[path] = text
        elif text:
            reasons[path] = reason
    sheet = opened(carried)
    taken = {path: text for path, text in carried.items() if path in told}
    for path, text in taken.items():
        kept, reason = _taken(sheet.node(path), text)
        if reason is not None:
            reasons[path] = reason
            carried[path] = kept
    left = tuple(
        LeftBehind(path, view.label, told[path], shown(view), reasons[path])
        for path in told
        if path in reasons
        for view in (old.node(path),)
    )
    whole = sum(1 for path, text in taken.items() if text and path not in reasons)
    return Carried(opened(carried), whole, left)


def _asks(definition: Definition) -> bool:
    return definition.kind == QUESTION and definition.type != "note" and not _is_meta(definition)


def _is_meta(definition: Definition) -> bool:
    return any(each.name == "meta" and each.parent is not None for each in definition.ancestors())


def _around(definition: Definition) -> tuple[str, ...]:
    return tuple(each.name for each in definition.repeats)


def _no_place(definition: Definition, place: Definition | None, by_name: set[str]) -> Reason | None:
    if place is None:
        return Reason.MOVED if definition.name in by_name else Reason.GONE
    if place.type in _OF_THE_SHEET or place.calculate is not None:
        return Reason.COMPUTED
    if definition.type in _PICTURES or place.type in _PICTURES:
        return Reason.PICTURE
    return None


def _taken(view: NodeView, text: str) -> tuple[str, Reason | None]:
    """What of an answer the new question takes, and why not all of it. A broken rule is for the person to mend."""
    if not text:
        return text, None
    if view.definition.itemset is not None:
        offered = {choice.name for choice in view.choices}
        chosen = [text] if view.type == "select_one" else text.split()
        kept = " ".join(name for name in chosen if name in offered)
        return kept, None if kept == text else Reason.CHOICE
    problem = view.type_problem
    return ("", Reason.NOT_TAKEN) if problem is not None else (text, None)
