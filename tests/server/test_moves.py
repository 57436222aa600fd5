"""Records that move between areas: what their devices read, and who may still write."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kcdesk.changes import ChangeId
from kcdesk.domain.kinds import figures_id
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.protocol import Refusal
from tests.sync.provinces import Province, states


@pytest.fixture
def neighbours(province: Province) -> tuple[Workspace, Workspace]:
    """An's workspace for the first commune, Bình's for the second; both officers."""
    first, second = province.communes[:2]
    return (
        province.joined(province.person("An", area=first)),
        province.joined(province.person("Bình", area=second)),
    )


def logged(province: Province, log: str) -> list[ChangeId]:
    with province.database.connect() as connection:
        rows = connection.execute(
            text("SELECT device, n FROM log_entries WHERE log = :log ORDER BY number"), {"log": log}
        )
        return [ChangeId(*row) for row in rows]


def area_of(province: Province, commune: str) -> int:
    with province.database.connect() as connection:
        return int(
            connection.execute(
                text("SELECT area FROM area_codes WHERE era = 'new' AND code = :code"),
                {"code": commune},
            ).scalar_one()
        )


def figures_of(workspace: Workspace, establishment: str, year: int, workers: int) -> str:
    record = figures_id(establishment, year, "FINAL")
    said = {"establishment": establishment, "year": year, "workers": workers}
    workspace.save([Edit("figures", record, said)])  # type: ignore[arg-type]
    return record


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_record_that_moves_takes_its_past_and_its_children_along(
    province: Province, neighbours: tuple[Workspace, Workspace], in_one_batch: bool
) -> None:
    here, there = neighbours
    first, second = province.communes[:2]
    record = province.establishment(here, "Đi", commune=first)
    stays = province.establishment(here, "Ở lại", commune=first)
    figures = figures_of(here, record, 2025, 3)
    if not in_one_batch:
        province.sync(here)
        province.sync(there)
        assert states(there) == {}
    here.save([Edit("establishments", record, {"commune": second})])
    here.save([Edit("figures", figures, {"workers": 4})])
    assert province.sync(here).refused == ()
    assert province.sync(there).digests_equal

    assert set(states(there)) == {record, figures}
    assert there.state("figures", figures).get("workers") == 4
    device = here.device_id
    a, b = (f"open:{area_of(province, code)}" for code in (first, second))
    assert logged(province, a) == [ChangeId(device, n) for n in (1, 2, 3, 4)]
    assert sorted(logged(province, b)) == [ChangeId(device, n) for n in (1, 3, 4, 5)]
    assert stays not in states(there)

    there.save([Edit("establishments", record, {"phone": "0912345678"})])
    assert province.sync(there).refused == ()
    assert ChangeId(there.device_id, 1) not in logged(province, a)
    # who had it may still write: offline they could not know
    here.save([Edit("establishments", record, {"hamlet": "Thôn 1"})])
    assert province.sync(here).refused == ()
    assert province.sync(there).digests_equal
    assert there.state("establishments", record).get("hamlet") == "Thôn 1"


def test_both_edit_while_it_moves(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, there = neighbours
    first, second = province.communes[:2]
    record = province.establishment(here, "Chung", commune_candidates=[first, second])
    province.sync(here)
    province.sync(there)
    assert set(states(there)) == {record}
    here.save([Edit("establishments", record, {"commune": first})])
    there.save([Edit("establishments", record, {"commune": second})])
    province.sync(here)
    province.sync(there)
    province.sync(here)
    assert here.state("establishments", record).conflicts == ("commune",)
    assert states(here) == states(there)
    here.save([Edit("establishments", record, {"commune": second})])
    province.sync(here)
    province.sync(there)
    assert there.state("establishments", record).get("commune") == second
    assert there.state("establishments", record).conflicts == ()


def test_nobody_fetches_a_record_from_an_area_that_is_not_theirs(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, there = neighbours
    first, second = province.communes[:2]
    record = province.establishment(here, "Của An", commune=first)
    province.sync(here)
    there.save([Edit("establishments", record, {"commune": second})])
    assert province.sync(there).refused == (Refusal(1, "no_area"),)
    assert not logged(province, f"open:{area_of(province, second)}")


def test_a_record_that_comes_back_is_whole_again(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, there = neighbours
    first, second = province.communes[:2]
    record = province.establishment(here, "Đi về", commune=first)
    here.save([Edit("establishments", record, {"commune": second})])
    province.sync(here)
    province.sync(there)
    there.save([Edit("establishments", record, {"phone": "0912345678"})])
    there.save([Edit("establishments", record, {"commune": first})])
    assert province.sync(there).refused == ()
    newcomer = province.joined(province.person("Cù", area=first))
    for workspace in (here, newcomer):
        assert province.sync(workspace).digests_equal
    assert states(newcomer) == states(here)
    assert newcomer.state("establishments", record).get("phone") == "0912345678"


def test_figures_that_change_their_establishment_follow_it(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, there = neighbours
    first, second = province.communes[:2]
    mine = province.establishment(here, "Của An", commune=first)
    figures = figures_of(here, mine, 2025, 3)
    theirs = province.establishment(there, "Của Bình", commune=second)
    province.sync(there)
    province.sync(here)
    here.save([Edit("figures", figures, {"establishment": theirs})])
    assert province.sync(here).refused == ()
    province.sync(there)
    assert there.state("figures", figures).get("workers") == 3


def test_what_says_no_known_place_leaves_a_record_where_it_is(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, _ = neighbours
    record = province.establishment(here, "Một", commune=province.communes[0])
    here.save([Edit("establishments", record, {"commune": "99999"})])
    here.save([Edit("establishments", record, {"commune": None})])
    assert province.sync(here).refused == ()
    area = area_of(province, province.communes[0])
    assert len(logged(province, f"open:{area}")) == 3


def test_an_old_commune_that_was_divided_is_in_all_its_areas(province: Province) -> None:
    old = next(o for o in province.units.old_communes.values() if o.divided)
    for code in old.successors:
        from kcdesk.server import admin

        admin.add_area(province.database, code, province.units)
    workspace = province.joined(province.person("Cán bộ", "centre", area=None))
    province.establishment(workspace, "Chưa rõ", old_commune=old.code)
    assert province.sync(workspace).refused == ()
    for code in old.successors:
        assert len(logged(province, f"open:{area_of(province, code)}")) == 1


def test_a_kind_or_a_parent_that_does_not_fit_is_refused(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    here, _ = neighbours
    record = province.establishment(here, "Một", commune=province.communes[0])
    here.save([Edit("surveys", record, {"establishment": record})])  # the same id, another kind
    other = "01990000-0000-7000-8000-00000000000a"
    here.save([Edit("figures", other, {"establishment": other, "workers": 1})])
    here.save([Edit("figures", other, {"establishment": "01990000-0000-7000-8000-00000000000b"})])
    here.save([Edit("unheard_of", other, {"note": "x"})])
    report = province.sync(here)
    assert report.refused == (
        Refusal(2, "form", "kind"),
        Refusal(3, "no_area"),
        Refusal(4, "no_area"),
        Refusal(5, "no_right", "unheard_of"),
    )
    assert report.digests_equal


def test_three_edit_while_the_centre_moves_it(
    province: Province, neighbours: tuple[Workspace, Workspace]
) -> None:
    """Nobody knows of the other: what each said is kept, and who had it before may still deliver."""
    here, there = neighbours
    first, second = province.communes[:2]
    centre = province.joined(province.person("Chi", "centre", area=None))
    record = province.establishment(here, "Đi", commune=first, phone="+84911111111")
    for workspace in (here, centre):
        province.sync(workspace)
    here.save([Edit("establishments", record, {"phone": "+84922222222", "trade": "Rèn"})])
    centre.save([Edit("establishments", record, {"commune": second, "phone": "+84933333333"})])
    province.sync(centre)
    province.sync(there)
    assert there.state("establishments", record).get("commune") == second
    there.save([Edit("establishments", record, {"hamlet": "Thôn 2"})])
    for workspace in (here, there, centre, here, there, centre):
        report = province.sync(workspace)
        assert (report.refused, report.waiting, report.digests_equal) == ((), 0, True)
    for workspace in (there, centre):
        state = workspace.state("establishments", record)
        assert state.conflicts == ("phone",)
        assert [state.get(name) for name in ("commune", "trade", "hamlet")] == [
            second,
            "Rèn",
            "Thôn 2",
        ]
    assert states(there)[record] == states(centre)[record]
    # the moving change is the last that who had it before reads
    before = here.state("establishments", record)
    assert (before.get("commune"), before.get("hamlet")) == (second, None)
