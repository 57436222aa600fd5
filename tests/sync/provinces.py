"""A province with people, and workspaces that join it: in this process, and as a real server on a real port.

The fixtures over it are in conftest.py; other folders of tests may import from here too.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from anyio.from_thread import BlockingPortal
from sqlalchemy import Engine

from kcdesk.changes import State, Value, fold
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.identifiers import new_record_id
from kcdesk.server import admin
from kcdesk.server.app import create_app
from kcdesk.server.settings import Limits, Settings
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.edits import Edit
from kcdesk.storage.keys import KeyMode
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine
from kcdesk.sync.engine import SyncReport
from tests.sync.in_process import Cut, InProcess

AREA = "old:10"
FILLED = 600
NOWHERE_URL = "http://province.test"

START_SERVER = """
import sys
from pathlib import Path
from kcdesk.domain.clock import system_clock, system_randomness
from kcdesk.server.run import run
from kcdesk.server.settings import read_settings
settings = read_settings(Path(sys.argv[4]), system_clock()) if sys.argv[4:] else None
run(sys.argv[1], host="127.0.0.1", port=0, clock=lambda: int(sys.argv[2]), randomness=system_randomness,
    settings=settings, workers=int(sys.argv[3]),
    ready=lambda listening: print('{"url": "%s"}' % listening.url, flush=True))
"""
"""What `kcdesk server run` does, with the clock standing where the test's stands."""


class OpenKeys:
    """Keys in memory: what tests of sync need of the keyring."""

    mode: KeyMode = "passphrase"

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def write(self, folder: Path, workspace: str, key: bytes) -> None:
        self._keys[workspace] = key

    def read(self, folder: Path, workspace: str) -> bytes:
        return self._keys[workspace]


@dataclass
class Province:
    """A provincial database with an area, its people, and the means to join and sync workspaces."""

    database: Engine
    url: str
    units: AdministrativeUnits
    clock: Clock
    randomness: Randomness
    folder: Path
    portal: BlockingPortal
    keys: OpenKeys
    filled_folder: Path
    workspaces: list[Workspace] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    @property
    def marks_folder(self) -> Path:
        """What one computer knows of its workspaces."""
        return self.folder / "marks"

    @property
    def marks(self) -> Marks:
        return Marks(self.marks_folder)

    @property
    def communes(self) -> list[str]:
        return [commune.code for commune in self.units.communes_of(AREA)]

    def transport(self, *cuts: Cut | None, body_limit: int | None = None) -> InProcess:
        """The server in this process. Each worker of the real one is such an application over the database."""
        limits = Limits() if body_limit is None else Limits(body_bytes=body_limit)
        settings = replace(self.settings, limits=limits)
        app = create_app(
            self.database, clock=self.clock, randomness=self.randomness, settings=settings
        )
        return InProcess(app, self.portal, cuts)

    def person(self, name: str, role: str = "officer", area: str | None = AREA) -> str:
        admin.add_user(self.database, name, role)  # type: ignore[arg-type]
        if area is not None:
            admin.assign(self.database, name, area, self.units, clock=self.clock)
        return name

    def code(self, person: str) -> str:
        return admin.enrol(self.database, person, clock=self.clock, randomness=self.randomness)

    def workspace(self, person: str) -> Workspace:
        """A workspace that has not joined."""
        workspace = Workspace.create(
            self.folder / f"workspace{len(self.workspaces)}",
            self.keys,
            self.marks,
            person=person,
            areas=[AREA],
            units=self.units,
            clock=self.clock,
            randomness=self.randomness,
        )
        self.workspaces.append(workspace)
        return workspace

    def opened(self, number: int) -> Workspace:
        """Open the workspace with that number once more, as a program does that is started again."""
        folder = self.folder / f"workspace{number}"
        return Workspace.open(
            folder,
            self.keys,
            self.marks,
            units=self.units,
            clock=self.clock,
            randomness=self.randomness,
        )

    def filled(self) -> Workspace:
        """A workspace of An's that has not joined and holds FILLED establishments, made once for all tests."""
        folder = self.folder / f"workspace{len(self.workspaces)}"
        shutil.copytree(self.filled_folder, folder)
        for mark in self.filled_folder.with_name("marks").iterdir():
            self.marks_folder.mkdir(exist_ok=True)
            shutil.copy(mark, self.marks_folder)
        workspace = Workspace.open(
            folder,
            self.keys,
            self.marks,
            units=self.units,
            clock=self.clock,
            randomness=self.randomness,
        )
        self.workspaces.append(workspace)
        return workspace

    def joined(
        self, person: str, url: str = NOWHERE_URL, transport: httpx.BaseTransport | None = None
    ) -> Workspace:
        """A workspace of a person who is known, joined."""
        return self.join(self.workspace(person), url, transport)

    def join(
        self,
        workspace: Workspace,
        url: str = NOWHERE_URL,
        transport: httpx.BaseTransport | None = None,
    ) -> Workspace:
        """Join a workspace of a person who is known; returns it."""
        if url == NOWHERE_URL:
            transport = transport or self.transport()
        code = self.code(workspace.person)
        engine.join(workspace, url, code, clock=self.clock, transport=transport)
        return workspace

    def sync(
        self, workspace: Workspace, transport: httpx.BaseTransport | None = None, **more: object
    ) -> SyncReport:
        """A pass in this process, without waiting."""
        arguments = {"wait": lambda seconds: None, **more}
        return engine.sync(
            workspace,
            clock=self.clock,
            randomness=self.randomness,
            transport=transport or self.transport(),
            **arguments,  # type: ignore[arg-type]
        )

    def establishment(self, workspace: Workspace, name: str, **fields: object) -> str:
        """Save a new establishment in the first commune, or where `fields` say; returns its id."""
        record = new_record_id(self.clock, self.randomness)
        said = {"name": name, **({} if fields else {"commune": self.communes[0]}), **fields}
        workspace.save([Edit("establishments", record, said)])  # type: ignore[arg-type]
        return record

    def many(self, workspace: Workspace, count: int) -> list[str]:
        """Save establishments with about twenty fields each, in one action."""
        edits = lifelike_edits(count, self.communes, self.clock, self.randomness)
        workspace.save(edits)
        return [edit.record for edit in edits]

    def status(self) -> admin.ProvinceStatus:
        return admin.status(self.database, self.clock())


def lifelike_edits(
    count: int, communes: list[str], clock: Clock, randomness: Randomness
) -> list[Edit]:
    """New establishments with about twenty fields each."""
    chance = random.Random(count)
    return [
        Edit(
            "establishments",
            new_record_id(clock, randomness),
            lifelike(chance, number, communes),
        )
        for number in range(count)
    ]


def lifelike(chance: random.Random, number: int, communes: list[str]) -> dict[str, Value]:
    """Values that repeat and differ about as those of a register do."""
    pick = chance.choice
    name = f"{pick(['Vàng', 'Giàng', 'Lý', 'Trần'])} {pick(['Văn', 'Thị', 'A'])} {pick(['Páo', 'Mỷ', 'Đức', 'Hoa'])}"
    return {
        "name": f"Cơ sở {pick(['mộc', 'rèn', 'chè', 'may', 'gạch'])} {name} {number}",
        "legal_form": pick(["HTX", "HO_KINH_DOANH", "DOANH_NGHIEP"]),
        "status": "ACTIVE",
        "tax_code": f"{chance.randrange(10**10):010}",
        "reg_no": f"{chance.randrange(10**8):08}",
        "reg_date": f"20{chance.randrange(10, 24)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}",
        "reg_issuer": "Phòng Tài chính - Kế hoạch",
        "rep_name": name,
        "rep_gender": pick(["MALE", "FEMALE"]),
        "rep_ethnic": pick(["KINH", "HMONG", "DAO", "TAY"]),
        "rep_id_no": f"{chance.randrange(10**12):012}",
        "phone": f"09{chance.randrange(10**8):08}",
        "hamlet": f"Thôn {chance.randrange(30)}",
        "address": f"Thôn {chance.randrange(30)}, đường {chance.randrange(90)}",
        "commune": pick(communes),
        "trade": pick(["Chế biến gỗ", "Rèn, cơ khí", "Chế biến chè", "May mặc"]),
        "vsic": pick(["1610", "2593", "1076", "1410"]),
        "founded_year": chance.randrange(1990, 2024),
        "area_m2": str(chance.randrange(20, 900)),
        "electricity_kwh": str(chance.randrange(1000, 90000)),
        "markets": pick([["IN_PROVINCE"], ["IN_PROVINCE", "OTHER_PROVINCES"]]),
    }


def states(workspace: Workspace) -> dict[str, State]:
    """Every record of a workspace, folded from the changes it holds and the province did not refuse."""
    refused = {(device, n) for device, n, *_ in workspace.lists.refused()}
    held = (change for change in workspace.changes() if change.id not in refused)
    return {record: fold(group) for record, group in itertools.groupby(held, lambda c: c.record)}


class ServerProcess:
    """`run` in a process of its own."""

    def __init__(self, province: Province, workers: int = 1, settings: Path | None = None) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-c",
                START_SERVER,
                province.url,
                str(province.clock()),
                str(workers),
                *([str(settings)] if settings is not None else []),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.line = self._process.stdout.readline()
        self.url: str = json.loads(self.line)["url"]

    def workers(self) -> list[int]:
        """The processes that serve, where there are several (on Linux)."""
        process = self._process.pid
        return [
            int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
        ]

    def stop(self, number: signal.Signals) -> int:
        """Ask it to end; its exit status."""
        self._process.send_signal(number)
        return self._process.wait(20)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)

    def close(self) -> None:
        self.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
