"""What a written commune was found to mean, how sure that is, and the sentence that says so.

Owns the answer only; how it is found is the business of `administrative_units`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kcdesk.domain.unit_table import NewCommune, OldCommune


class Reason(StrEnum):
    """Why a resolution is what it is. The first five are certain, the others ask a person."""

    EXACT = "exact"
    UNMARKED = "unmarked"
    SPELLING = "spelling"
    NEW_NAME = "new_name"
    SAME_RESULT = "same_result"
    DIVIDED = "divided"
    AMBIGUOUS = "ambiguous"
    DISTRICT_ONLY = "district_only"
    OTHER_KIND = "other_kind"
    OTHER_MARKS = "other_marks"
    MISSPELLED = "misspelled"
    OTHER_DISTRICT = "other_district"
    OTHER_PROVINCE = "other_province"
    OUTSIDE_AREA = "outside_area"
    UNKNOWN = "unknown"


class Resolution(msgspec.Struct, frozen=True):
    """What a written commune means.

    `old`: the former commune it surely names, also when that was divided. `new`: the commune it is in now,
    given exactly when `certain`. `candidates`, `old_candidates`: all that fit, likeliest first.
    `namesake`: when an old name was read, another new commune of the province that has the name today.
    """

    reason: Reason
    message: str
    certain: bool = False
    old: OldCommune | None = None
    new: NewCommune | None = None
    candidates: tuple[NewCommune, ...] = ()
    old_candidates: tuple[OldCommune, ...] = ()
    namesake: NewCommune | None = None


READ_WELL = frozenset(Reason) - {
    Reason.UNKNOWN,
    Reason.OTHER_DISTRICT,
    Reason.OTHER_PROVINCE,
    Reason.OTHER_KIND,
    Reason.OTHER_MARKS,
    Reason.MISSPELLED,
    Reason.DISTRICT_ONLY,
}

SENTENCES = {
    Reason.EXACT: "{old} nay thuộc {now}.",
    Reason.UNMARKED: "“{name}” viết không dấu là {old}, nay thuộc {now}.",
    Reason.SPELLING: "“{name}” là cách viết khác của {old}, nay thuộc {now}.",
    Reason.NEW_NAME: "“{name}” là {now}.",
    Reason.SAME_RESULT: "“{name}” dù hiểu theo tên cũ hay tên mới cũng là {now}.",
    Reason.DIVIDED: "{old} đã được chia về nhiều nơi: {now}. Cần chọn một.",
    Reason.AMBIGUOUS: "“{name}” có thể hiểu theo nhiều cách: {now}. Cần chọn một.",
    Reason.DISTRICT_ONLY: "“{name}” có thể là tên huyện; nếu là xã, phường thì nay là {now}.",
    Reason.OTHER_KIND: "Không có “{name}”; có thể là {old}, nay thuộc {now}.",
    Reason.OTHER_MARKS: "“{name}” khác dấu với {old}, nay thuộc {now}. Cần kiểm tra lại.",
    Reason.MISSPELLED: "Không có “{name}”; có thể gõ nhầm, gần giống {old}, nay thuộc {now}. Cần kiểm tra lại.",
    Reason.OTHER_DISTRICT: "Không tìm thấy “{name}” trong huyện đã ghi; có thể là {now}.",
    Reason.OTHER_PROVINCE: "Không tìm thấy “{name}” trong tỉnh đã ghi; có thể là {now}.",
    Reason.OUTSIDE_AREA: "“{name}” nằm ngoài địa bàn phụ trách: {now}.",
    Reason.UNKNOWN: "Không tìm thấy xã, phường, thị trấn nào tên là “{name}”.",
}

_NOTHING_WRITTEN = "Chưa ghi tên xã, phường, thị trấn."


def unknown(name: str) -> Resolution:
    name = name.strip()
    sentence = SENTENCES[Reason.UNKNOWN].format(name=name) if name else _NOTHING_WRITTEN
    return Resolution(Reason.UNKNOWN, sentence)
