"""Any history of three people, through their real files and the real wire, ends in the one state that `fold` gives.

The same steps are played twice: in memory (`tests.changes.histories.World`, which knows who had seen what) and by three
workspaces on disk that exchange with the province's application, with lines that are cut. One of the three may not
delete or merge establishments: what she deletes or merges is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import MERGED_INTO, Change, fold
from kcdesk.changes.fold import DELETED
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.changes.histories import RECORDS, Open, Save, Step, Sync, World, said, steps
from tests.conftest import SettableClock
from tests.sync.databases import sqlite_only
from tests.sync.in_process import Cut
from tests.sync.provinces import Province

COLLABORATOR = 2
cuts = st.lists(
    st.none()
    | st.builds(Cut, st.sampled_from(("body", "answer")), st.none() | st.integers(0, 600)),
    max_size=3,
)


class Play:
    """Steps on real workspaces."""

    def __init__(self, province: Province, clock: SettableClock) -> None:
        self.province = province
        self.clock = clock
        people = [
            province.person("Lý Thị Mẩy"),
            province.person("Trần Văn Đức"),
            province.person("Giàng A Páo", "collaborator"),
        ]
        self.workspaces = [province.joined(person) for person in people]
        self.forms: dict[tuple[int, str], dict[str, int]] = {}

    def do(self, step: Step, line: list[Cut | None]) -> None:
        workspace = self.workspaces[step.device]
        match step:
            case Open():
                record = RECORDS[step.record]
                self.forms[step.device, record] = workspace.state("establishments", record).seen
            case Save():
                record = RECORDS[step.record]
                self.clock.now = step.clock
                seen = self.forms.pop((step.device, record), None)
                workspace.save([Edit("establishments", record, dict(step.fields), seen)])
            case Sync():
                report = self.province.sync(workspace, self.province.transport(*line))
                assert report.digests_equal
                assert report.waiting == 0


def begin(play: Play, world: World) -> None:
    """Both records exist everywhere before anybody differs about them."""
    place = {"commune": play.province.communes[0]}
    for step in (Save(0, 0, place, 1), Save(0, 1, place, 1), Sync(0), Sync(1), Sync(2)):
        world.run([step])
        play.do(step, [])


def refused_to_collaborator(workspaces: list[Workspace]) -> Callable[[Change], bool]:
    device = workspaces[COLLABORATOR].device_id
    return lambda change: (
        change.device == device and not {DELETED, MERGED_INTO}.isdisjoint(change.set)
    )


@sqlite_only
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.data())
def test_files_and_wire_give_what_fold_gives(
    make_province: Callable[[], Province],
    clock: SettableClock,
    history: list[Step],
    data: st.DataObject,
) -> None:
    clock.now = 0
    play = Play(make_province(), clock)
    world = World(
        [workspace.device_id for workspace in play.workspaces],
        refused_to_collaborator(play.workspaces),
    )
    begin(play, world)
    for step in history:
        play.do(step, data.draw(cuts) if isinstance(step, Sync) else [])
        world.run([step])
    for step in [Sync(device) for device in (0, 1, 2)] * 2:
        play.do(step, [])
        world.run([step])

    for record in RECORDS:
        wanted = fold(change for change in world.province.values() if change.record == record)
        found = {name: {head.change.id for head in heads} for name, heads in wanted.heads.items()}
        assert found == world.heads(record)
        for workspace in play.workspaces:
            own = workspace.identity.past().nameless  # what it has always seen, nobody names
            asked = workspace.state("establishments", record)
            assert said(asked) == said(replace(wanted, own=own))
    status = play.province.status()
    assert status.double_changes == status.double_entries == 0
    assert status.changes == len(world.province)
    read_under = [[w.lists.stands_for(record) for record in RECORDS] for w in play.workspaces]
    assert read_under[1:] == read_under[:-1]
    for workspace in play.workspaces:
        assert list(workspace.checker.rows(lambda done, total: None)) == []
        assert list(workspace.checker.counters()) == []
        chain = workspace.chain()
        assert (chain.confirmed_n, chain.confirmed_hash) == (chain.last_n, chain.last_hash)
