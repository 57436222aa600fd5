"""One folder on several laptops, all of them used and synced: nothing lost, nothing doubled, everybody told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress

import pytest

from kcdesk.errors import ChangesMissing, Unreachable
from kcdesk.storage.devices.identity import Identity
from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.sync.databases import sqlite_only
from tests.sync.laptops import Laptop, settled, written
from tests.sync.provinces import Province


def record_of(laptop: Laptop) -> str:
    return laptop.province.establishment(
        laptop.workspace, "Cơ sở mộc", commune=laptop.province.communes[0]
    )


@pytest.mark.parametrize("order", ["ab", "ba", "aba", "bab"])
@pytest.mark.parametrize("tail", [0, 2])
@pytest.mark.parametrize("more", ["", "a", "b", "ab"])
def test_two_laptops_with_one_folder(province: Province, order: str, tail: int, more: str) -> None:
    """`tail`: changes that were not sent when the folder was copied; `more`: who writes afterwards."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    expected = {f"t{number}" for number in range(tail)}
    for value in sorted(expected):
        a.write(record, value)
    b = a.copied("b")
    assert b.told == ["elsewhere"]
    assert b.workspace.device_id != a.workspace.device_id
    laptops = {"a": a, "b": b}
    for turn, name in enumerate(more * 2):
        laptops[name].write(record, f"{name}{turn}")
        expected.add(f"{name}{turn}")
    for name in order:
        laptops[name].sync()
    settled(province, [a, b], expected)
    assert a.told == ["continued"]
    last = {f"{name}{max(t for t, n in enumerate(more * 2) if n == name)}" for name in more}
    assert a.values(record) == b.values(record) == (last or ({"t1"} if tail else set()))


def test_copied_again_and_again(province: Province) -> None:
    """Copies of copies, each used before the ones above it are settled."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    a.write(record, "a1")
    b = a.copied("b")
    b.write(record, "b1")
    c = b.copied("c")
    c.write(record, "c1")
    a.write(record, "a2")
    d = c.copied("d")
    b.write(record, "b2")
    settled(province, [c, d, a, b], {"a1", "a2", "b1", "b2", "c1"})
    assert a.values(record) == {"a2", "b2", "c1"}
    assert all(laptop.told for laptop in (a, b, c, d))


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_whole_disks_copied_are_told_apart_by_the_province(
    province: Province, order: tuple[str, ...]
) -> None:
    """Marks are copied too, so all believe to be the device; two of them share a tail that the third lacks."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    b = a.copied("b", with_marks=True)
    b.write(record, "b1")
    c = b.copied("c", with_marks=True)
    assert (b.told, c.told) == ([], [])
    a.write(record, "a1")
    b.write(record, "b2")
    c.write(record, "c1")
    laptops = {"a": a, "b": b, "c": c}
    for name in order:
        laptops[name].sync()
    settled(province, [a, b, c], {"a1", "b1", "b2", "c1"})
    assert a.values(record) == {"a1", "b2", "c1"}
    assert {"other_chain"} & {*a.told, *b.told, *c.told}
    assert all(laptop.told for laptop in (a, b, c))


def test_an_older_folder_put_back_gets_back_what_the_province_holds(province: Province) -> None:
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    a.write(record, "a1")
    saved = a.saved(province.folder / "saved")
    a.write(record, "a2")
    a.sync()
    with pytest.raises(ChangesMissing) as missing:
        a.put_back(saved, missing_accepted=False)
    assert (missing.value.first_n, missing.value.last_n) == (3, 3)
    a.put_back(saved)
    assert a.told == ["missing"]
    assert a.values(record) == {"a1"}
    a.write(record, "a3")
    settled(province, [a], {"a1", "a2", "a3"})
    assert a.values(record) == {"a2", "a3"}


def test_a_folder_put_back_with_its_marks_is_found_by_the_province(province: Province) -> None:
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    b = a.copied("b", with_marks=True)
    a.write(record, "a1")
    a.write(record, "a2")
    a.sync()
    assert b.sync().went_on[0].reason == "other_chain"  # it knows fewer than the province
    b.write(record, "b1")
    settled(province, [b, a], {"a1", "a2", "b1"})


def test_copies_that_never_joined(province: Province) -> None:
    a = Laptop.new(province, "An", joins=False)
    record = record_of(a)
    a.write(record, "a1")
    b = a.copied("b")
    b.write(record, "b1")
    b.join()
    b.sync()
    a.write(record, "a2")
    a.join()
    settled(province, [a, b], {"a1", "a2", "b1"})
    assert a.values(record) == {"a2", "b1"}


def test_refused_changes_are_known_to_the_copy(province: Province) -> None:
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    nowhere = province.establishment(a.workspace, "Không có xã", note="x")
    a.write(record, "a1")
    b = a.copied("b")
    a.sync()
    assert b.sync().refused == ()
    assert [n for _, n, *_ in b.workspace.lists.refused()] == [2]
    assert nowhere not in [c.record for c in b.workspace.history("establishments", record)]
    assert written(province) == ["a1"]
    assert province.status().refusals == 1


def test_a_form_left_open_meanwhile_neither_hides_nor_doubts_anything(province: Province) -> None:
    """The province holds another change under the very number that the open form rests on."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    b = a.copied("b", with_marks=True)
    a.write(record, "a1")
    a.sync()
    b.write(record, "b1")
    opened = b.workspace.state("establishments", record).seen
    b.sync()  # b goes on as a new device, and a1 comes
    assert b.values(record) == {"a1", "b1"}
    b.write(record, "b2", opened)
    assert b.values(record) == {"a1", "b2"}
    settled(province, [b, a], {"a1", "b1", "b2"})
    b.write(record, "decided")
    assert b.values(record) == {"decided"}


def test_a_draft_from_before_the_copy(province: Province) -> None:
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.write(record, "a1")
    opened = a.workspace.state("establishments", record).seen
    b = a.copied("b")
    b.write(record, "b1", opened)
    assert b.values(record) == {"b1"}
    settled(province, [b, a], {"a1", "b1"})


# Cut off anywhere


def forked(province: Province) -> list[Laptop]:
    """Three copies whose tails partly agree; the second has everything still to settle."""
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.sync()
    b = a.copied("b", with_marks=True)
    a.write(record, "a1")
    a.sync()
    b.write(record, "b1")
    c = b.copied("c")
    c.write(record, "c1")
    return [c, b, a]


def test_what_a_new_device_had_seen_is_seen_under_its_new_name(province: Province) -> None:
    """c1 was written over b1, which branches off because the province holds a1 under its number."""
    laptops = forked(province)
    laptops[0].sync()
    (record,) = {change.record for change in laptops[0].workspace.changes()}
    assert laptops[0].values(record) == {"a1", "c1"}
    settled(province, laptops, {"a1", "b1", "c1"})


@sqlite_only
@pytest.mark.parametrize("lost", ["request", "answer"])
def test_the_line_may_break_at_any_call(make_province: Callable[[], Province], lost: str) -> None:
    for number in itertools.count():
        province = make_province()
        laptops = forked(province)
        line = province.transport()
        line.breaks_at(number, lost)
        with suppress(Unreachable):
            laptops[0].sync(line)
        settled(province, laptops, {"a1", "b1", "c1"})
        if not line.broken:
            break
    assert number > 5


@sqlite_only
def test_the_program_may_end_at_any_step(
    make_province: Callable[[], Province], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every transaction that settling makes in the file."""
    for number in itertools.count():
        province = make_province()
        laptops = forked(province)
        steps = 0

        def stop(at: int = number + 1) -> None:
            nonlocal steps
            steps += 1
            if steps == at:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            for owner, name in (
                (Workspace, "fork"),
                (Workspace, "confirm"),
                (Workspace, "end_exchange"),
                (Workspace, "begin_exchange"),
                (Workspace, "go_on_as_new_device"),
                (Identity, "keep_token"),
                (Identity, "settle"),
            ):
                patch.setattr(owner, name, _stopping(getattr(owner, name), stop))
            try:
                laptops[0].sync()
            except KeyboardInterrupt:
                laptops[0].reopen()
        settled(province, laptops, {"a1", "b1", "c1"})
        if steps <= number:
            break
    assert number > 8


def _stopping(call: Callable[..., object], stop: Callable[[], None]) -> Callable[..., object]:
    def stopping(*arguments: object, **named: object) -> object:
        result = call(*arguments, **named)
        stop()
        return result

    return stopping


def test_at_keeps_rising(province: Province, clock: SettableClock) -> None:
    a = Laptop.new(province, "An")
    record = record_of(a)
    a.write(record, "a1")
    clock.advance(-3_600_000)
    b = a.copied("b")
    b.write(record, "b1")
    history = b.workspace.history("establishments", record)
    assert [change.at for change in history] == sorted({change.at for change in history})
