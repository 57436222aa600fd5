"""The province's database goes back to a backup: devices notice, and send again what it has forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.errors import Rejected, Unreachable
from kcdesk.server import admin, restored, tables
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Place
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import desk_on
from tests.sync.in_process import Cut
from tests.sync.laptops import Laptop, settled
from tests.sync.provinces import Province, states
from tests.sync.test_parcels import Post

KIND = "establishments"


@dataclass
class Saved:
    """A backup of the province's database, and putting it back."""

    province: Province
    path: Path

    @classmethod
    def of(cls, province: Province) -> Saved:
        if province.database.dialect.name != "sqlite":
            pytest.skip("backups of PostgreSQL are its own tools' work")
        path = province.folder / "saved.db"
        connection = province.database.raw_connection()
        driver = connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM INTO ?", (str(path),))
        connection.close()
        return cls(province, path)

    def put_back(self, *, told: bool = True) -> None:
        """`told`: the administrator says so to the server, as the manual asks."""
        self.province.database.dispose()
        live = Path(self.province.url.removeprefix("sqlite:///"))
        for ending in ("-wal", "-shm"):
            live.with_name(live.name + ending).unlink(missing_ok=True)
        live.write_bytes(self.path.read_bytes())
        if told:
            restored.begin_epoch(self.province.database, randomness=self.province.randomness)


@pytest.fixture
def two(province: Province) -> tuple[Workspace, Workspace]:
    """An's and Bình's, who look after the same communes and have synced."""
    first = province.joined(province.person("An"))
    second = province.joined(province.person("Bình"))
    for workspace in (first, second):
        province.establishment(workspace, f"Trước, {workspace.person}")
    both_sync(province, (first, second))
    return first, second


def both_sync(province: Province, workspaces: tuple[Workspace, ...]) -> None:
    for _ in range(2):
        for workspace in workspaces:
            report = province.sync(workspace)
            assert (report.waiting, report.digests_equal) == (0, True)


def check_all_hold_the_same(province: Province, *workspaces: Workspace) -> None:
    """What each has said is at the province with its numbers and its chain; everybody shows the same."""
    with province.database.connect() as connection:
        for workspace in workspaces:
            device = workspace.device_id
            n, h = connection.execute(
                select(tables.devices.c.n, tables.devices.c.h).where(tables.devices.c.id == device)
            ).one()
            chain = workspace.chain()
            assert (n, h) == (chain.last_n, chain.last_hash)
            assert (n, h) == (chain.confirmed_n, chain.confirmed_hash)
            assert [c.n for c in workspace.own_changes(0, n)] == list(range(1, n + 1))
            assert list(workspace.checker.counters()) == []
    for other in workspaces[1:]:
        assert states(other) == states(workspaces[0])
    status = province.status()
    assert (status.double_changes, status.double_entries) == (0, 0)


def test_what_the_current_device_had_sent_is_sent_again_under_its_numbers(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    saved = Saved.of(province)
    later = province.many(first, 40)
    theirs = province.establishment(second, "Sau, Bình")
    both_sync(province, two)
    second.save([Edit(KIND, later[0], {"note": "Bình đã thấy"})])
    both_sync(province, two)
    saved.put_back()
    unsent = province.establishment(first, "Chưa gửi")

    device = first.device_id
    report = province.sync(first)
    assert (report.sent_again, report.waiting, report.went_on) == (40, 0, ())
    assert (report.digests_equal, first.device_id) == (True, device)
    assert province.sync(first).sent_again == 0
    assert province.sync(second).sent_again == 2
    both_sync(province, two)
    check_all_hold_the_same(province, first, second)
    assert {*later, theirs, unsent} <= set(states(second))
    assert province.status().changes == 45


def test_until_the_server_is_told_nobody_takes_its_word(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    saved = Saved.of(province)
    record = province.establishment(first, "Sau")
    province.sync(first)
    saved.put_back(told=False)
    with pytest.raises(Rejected, match="chỉ còn giữ 1 thay đổi") as behind:
        province.sync(first)
    assert behind.value.code == "province_behind"
    assert "kcdesk server restored" in behind.value.hint
    assert first.lists.deliveries([record])[record].place is Place.PROVINCE
    restored.begin_epoch(province.database, randomness=province.randomness)
    assert province.sync(first).sent_again == 1
    both_sync(province, two)
    check_all_hold_the_same(province, *two)


def test_a_device_that_lost_nothing_only_reads(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    saved = Saved.of(province)
    province.many(first, 30)
    both_sync(province, two)
    saved.put_back()
    report = province.sync(second)
    assert (report.sent_again, report.changes_sent, report.digests_equal) == (0, 0, True)
    province.sync(first)
    # the logs have grown past where they were before, with other entries
    newcomer = province.joined(province.person("Cù"))
    province.many(newcomer, 50)
    province.sync(newcomer)
    both_sync(province, (second, first, newcomer))
    check_all_hold_the_same(province, first, second, newcomer)
    assert second.former_epochs() == first.former_epochs() != set()
    assert newcomer.former_epochs() == set()


def test_restored_again_and_again(province: Province, two: tuple[Workspace, Workspace]) -> None:
    first, second = two
    for name in ("Một", "Hai", "Ba"):
        saved = Saved.of(province)
        saved.path = saved.path.rename(saved.path.with_name(f"{name}.db"))
        province.establishment(first, name)
        province.sync(first)
        if name != "Hai":
            province.sync(second)
        saved.put_back()
        both_sync(province, (first, second) if name == "Một" else (second, first))
    check_all_hold_the_same(province, first, second)
    assert len(first.former_epochs()) == 3


def test_values_that_were_erased_meanwhile_break_no_chain(province: Province) -> None:
    """The province's hash is of what was said, ours can only be of what is left."""
    centre = province.joined(province.person("Chi", "centre", area=None))
    officer = province.joined(province.person("An"))
    record = province.establishment(
        officer, "Hộ Páo", rep_name="Vàng A Páo", commune=province.communes[0]
    )
    province.sync(officer)
    saved = Saved.of(province)
    officer.save([Edit(KIND, record, {"rep_id_no": "010090001234"})])
    province.establishment(officer, "Sau")
    for workspace in (officer, centre):
        province.sync(workspace)
    desk = desk_on(centre, clock=province.clock)
    plan = plan_erasure(desk, KIND, record, ["rep_name", "rep_id_no"])
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ", paper_date="01/03/2026")
    for workspace in (centre, officer):
        province.sync(workspace)
    assert officer.state(KIND, record).get("rep_name") is None
    saved.put_back()
    report = province.sync(officer)
    assert (report.sent_again, report.went_on, report.waiting) == (2, (), 0)
    assert province.sync(centre).sent_again > 0
    both_sync(province, (officer, centre))
    for workspace in (officer, centre):
        said = [c.set for c in workspace.changes() if c.record == record]
        assert not any(each.get("rep_name") or each.get("rep_id_no") for each in said)
    with province.database.connect() as connection:
        assert "Vàng A Páo" not in "".join(connection.scalars(select(tables.changes.c.set)))


def test_what_was_refused_is_judged_again(province: Province) -> None:
    here, elsewhere = province.communes[:2]
    officer = province.joined(province.person("An", area=here))
    province.establishment(officer, "Trước", commune=here)
    province.sync(officer)
    saved = Saved.of(province)
    record = province.establishment(officer, "Ở xã khác", commune=elsewhere)
    assert len(province.sync(officer).refused) == 1
    assert record not in states(officer)
    saved.put_back()
    admin.assign(province.database, "An", elsewhere, province.units, clock=province.clock)
    report = province.sync(officer)
    assert (report.sent_again, report.refused) == (1, ())
    assert states(officer)[record].get("name") == "Ở xã khác"
    assert officer.lists.get(KIND, record)["name"] == "Ở xã khác"
    assert officer.refused.standing() == []


def test_an_exchange_that_was_under_way(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    saved = Saved.of(province)
    province.many(first, 30)
    province.sync(first)
    province.many(first, 30)
    with pytest.raises(Unreachable):
        province.sync(first, province.transport(Cut("body", 3_000), *[Cut("body", 0)] * 20))
    assert first.exchange() is not None
    saved.put_back()
    report = province.sync(first)
    assert (report.sent_again, report.waiting) == (30, 0)
    both_sync(province, two)
    check_all_hold_the_same(province, *two)


@pytest.mark.parametrize("step", ["send_again", "follow_epoch", "begin_exchange"])
def test_the_program_may_end_at_any_step(
    province: Province,
    two: tuple[Workspace, Workspace],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    first, _ = two
    saved = Saved.of(province)
    province.many(first, 30)
    province.sync(first)
    saved.put_back()
    done = getattr(Workspace, step)

    def ending(*arguments: object, **named: object) -> None:
        done(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, step, ending)
        with pytest.raises(KeyboardInterrupt):
            province.sync(first)
    assert province.sync(first).waiting == 0
    both_sync(province, two)
    check_all_hold_the_same(province, *two)


# Devices that the backup does not know


def test_a_laptop_that_went_on_since_needs_no_code(province: Province) -> None:
    a = Laptop.new(province, "An")
    b = Laptop.new(province, "Bình", "b")
    record = province.establishment(a.workspace, "Lò rèn", commune=province.communes[0])
    a.sync()
    saved = Saved.of(province)
    a.write(record, "a1")
    a.sync()
    a.workspace.close()
    a.marks = province.folder / "new marks"  # the disk went into another computer
    a.open()
    a.write(record, "a2")
    a.sync()
    b.sync()
    assert a.told == ["elsewhere"]
    saved.put_back()
    a.write(record, "a3")
    settled(province, [a, b], {"a1", "a2", "a3"})
    check_all_hold_the_same(province, a.workspace, b.workspace)
    assert Marks(a.marks).read(a.workspace.id, a.workspace.device_id) is not None


def test_a_device_enrolled_since_joins_once_more_and_brings_everything(province: Province) -> None:
    person = province.person("An")
    saved = Saved.of(province)
    officer = province.joined(person)
    record = province.establishment(officer, "Lò rèn")
    province.sync(officer)
    saved.put_back()
    with pytest.raises(Rejected) as unknown:
        province.sync(officer)
    assert unknown.value.code == "token"
    province.join(officer)
    report = province.sync(officer)
    assert (report.sent_again, report.waiting, report.went_on) == (1, 0, ())
    check_all_hold_the_same(province, officer)
    assert record in states(officer)


# By parcels alone


def test_by_parcels_alone(province: Province, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    post = Post(province, stick)
    far = post.enrolled("An", "officer")
    near = province.joined(province.person("Bình"))
    province.establishment(far, "Trước")
    post.round(far)
    saved = Saved.of(province)
    late_answers = []
    for number in range(3):
        province.establishment(far, f"Sau {number}")
        province.establishment(near, f"Gần {number}")
        province.sync(near)
        late_answers += post.take(*post.write(far))
    late = late_answers.pop()
    for answer in late_answers:
        post.read(far, answer)
    saved.put_back()
    both_sync(province, (near,))

    (answer,) = post.take(*post.write(far))  # it comes early: two before it are forgotten
    read = post.read(far, answer)
    assert (read.delivered_n, read.waiting) == (1, 3)
    assert far.parcels.in_parcels() <= 3
    with pytest.raises(Rejected) as stale:
        post.read(far, late)  # of before the restoration: believing it would skip what is new
    assert stale.value.code == "former_epoch"
    assert far.chain().confirmed_n == 1
    for _ in range(2):
        read = post.round(far)
        assert (read.waiting, read.problem) == (0, None)
    both_sync(province, (near,))
    check_all_hold_the_same(province, far, near)
