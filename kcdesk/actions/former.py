"""A person's other devices: what of theirs is at the province, and which numbers never arrived."""

from __future__ import annotations

from collections.abc import Iterable

from kcdesk.actions.desk import Desk
from kcdesk.changes.numbers import Numbers
from kcdesk.domain.clock import local_time
from kcdesk.domain.value import Value
from kcdesk.storage.former_devices import Former


def former_devices(desk: Desk) -> list[Former]:
    """The other devices of this person, as the province told with the last exchange; oldest first."""
    return desk.workspace.former_devices.every()


def as_json(one: Former) -> dict[str, Value]:
    return {
        "device": one.device,
        "enrolled_at": _iso(one.enrolled_at),
        "last_contact_at": _iso(one.last_contact_at),
        "revoked_at": _iso(one.revoked_at),
        "arrived_n": one.n,
        "told_n": one.told_n,
        "missing": [list(numbers) for numbers in one.missing],
        "waits": [list(numbers) for numbers in one.waits],
        "left_out": [list(numbers) for numbers in one.left_out],
    }


def missing_text(one: Former) -> str:
    """The numbers that never arrived, as far as anybody knows."""
    if one.missing:
        return numbers_in_words(one.missing)
    return "không thiếu số nào đã biết" if one.waits else f"không rõ sau số {one.n}"


def in_words(one: Former) -> str:
    """What is known of another device's numbers, in a sentence."""
    parts = [f"đã ở tỉnh đến số {one.n}"]
    if one.missing:
        parts.append(f"chưa bao giờ đến tỉnh: {numbers_in_words(one.missing)}")
    elif not one.waits:
        parts.append(f"chưa ai biết có gì sau số {one.n} hay không")
    if one.waits:
        parts.append(f"đã đến nhưng chưa nhận: {numbers_in_words(one.waits)}")
    if one.left_out:
        parts.append(f"trung tâm không nhận: {numbers_in_words(one.left_out)}")
    return f"Máy {one.device}: {'; '.join(parts)}."


def numbers_in_words(ranges: Iterable[Numbers]) -> str:
    """Numbers for people.

    >>> numbers_in_words([(41, 45), (51, 51)])
    '41–45, 51'
    """
    return ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in ranges)


def _iso(at: int | None) -> str | None:
    return local_time(at).isoformat(timespec="seconds") if at is not None else None
