"""A fleet of devices and one province: so many edits with cuts, kills, copies, restores and clocks that are years off.

What must come of them is held against the server at the end (`tests/sync/fleet.py`); what an edit costs, everything
included, must not grow with their number. The size counts edits in hundreds: `--size 10000` is a million.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchmarks.measuring import Figure, Ground
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import system_randomness
from kcdesk.resources import resource_path
from kcdesk.server import admin
from tests.sync.fleet import Fleet, in_a_hurry

DEVICES = 200
EDITS = 100
"""For each record of the size."""
AREA = "old:10"
GOAL = 1.5
"""Times what an edit costs in the first tenth."""


def measure(ground: Ground) -> Iterable[Figure]:
    seed = int.from_bytes(system_randomness(4), "big")
    edits = ground.size * EDITS
    ground.say(f"seed {seed}, {edits:,} edits")
    units = AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))
    url = f"sqlite:///{ground.folder() / 'province.db'}"
    engine = admin.init_province(url, "Tỉnh Lào Cai", randomness=system_randomness)
    admin.add_area(engine, AREA, units)
    in_a_hurry(engine)
    communes = [commune.code for commune in units.communes_of(AREA)]
    fleet = Fleet(engine, communes, DEVICES, seed)
    tenth = edits // 10
    started = time.perf_counter()
    fleet.run(tenth)
    first = time.perf_counter()
    fleet.run(edits - tenth)
    before_last = time.perf_counter()
    fleet.run(edits + tenth)
    last = time.perf_counter()
    fleet.quiesce()
    fleet.check()
    engine.dispose()
    ground.say(f"in {last - started:,.0f} s: {fleet.count}; confirmed and lost: 0")
    yield Figure(
        "simulation, an edit at the end",
        edits,
        (last - before_last) / tenth * 1e6,
        "µs",
        GOAL,
        (first - started) / tenth * 1e6,
    )
