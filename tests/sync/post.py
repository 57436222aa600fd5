"""Parcels on their way between workspaces and a province in this process. The fixture over it is in conftest.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kcdesk.server import enrolment_files, parcels
from kcdesk.server.contents import DAY_BYTES
from kcdesk.storage.workspace import Workspace
from kcdesk.sync.parcels import envelope, reading, writing
from kcdesk.sync.parcels.envelope import Parcel
from tests.sync.provinces import Province


@dataclass
class Post:
    """Carries parcels between workspaces and a province; keeps every file."""

    province: Province
    folder: Path
    taken: list[parcels.Taken] = field(default_factory=list)

    def enrolled(self, person: str, role: str = "collaborator") -> Workspace:
        """A workspace that joined by a file and a code."""
        workspace = self.province.workspace(self.province.person(person, role))
        path, code = self.enrolment(person)
        reading.join_by_file(workspace, path, code, clock=self.province.clock)
        return workspace

    def enrolment(self, person: str) -> tuple[Path, str]:
        path = self.folder / f"{person}.kcparcel"
        code, size = enrolment_files.write(
            self.province.database,
            person,
            path,
            url="",
            clock=self.province.clock,
            randomness=self.province.randomness,
        )
        assert size == path.stat().st_size
        return path, code

    def write(
        self,
        workspace: Workspace,
        largest: int = envelope.LARGEST_SECTIONS,
        *,
        photos: bool = False,
        fetch: bool = False,
    ) -> list[Path]:
        written = writing.write(
            workspace,
            self.folder,
            clock=self.province.clock,
            randomness=self.province.randomness,
            photos=photos,
            fetch=fetch,
            largest=largest,
        )
        assert all(each.size == each.path.stat().st_size for each in written)
        return [each.path for each in written]

    def take(self, *paths: Path, day_bytes: int = DAY_BYTES) -> list[Path]:
        """Have the province take parcels in; the answers, one for each device."""
        taken = []
        for path in paths:
            with Parcel.open(path) as parcel:
                taken.append(
                    parcels.take_in(
                        self.province.database,
                        parcel,
                        clock=self.province.clock,
                        randomness=self.province.randomness,
                        day_bytes=day_bytes,
                    )
                )
        self.taken += taken
        return [path for of in parcels.by_device(taken).values() for path in self.answers(of)]

    def answers(
        self, taken: list[parcels.Taken], largest: int = envelope.LARGEST_SECTIONS
    ) -> list[Path]:
        """The files of the answer to parcels of one device."""
        name = f"answer-{taken[0].parcel}-{len(list(self.folder.iterdir()))}"
        return parcels.write_answer_files(
            self.province.database,
            taken,
            self.folder / name,
            clock=self.province.clock,
            randomness=self.province.randomness,
            largest=largest,
        )

    def read(self, workspace: Workspace, path: Path) -> reading.ReadAnswer:
        return reading.read_answer(
            workspace, path, clock=self.province.clock, randomness=self.province.randomness
        )

    def round(self, workspace: Workspace) -> reading.ReadAnswer:
        """Up and down once."""
        (answer,) = self.take(*self.write(workspace))
        return self.read(workspace, answer)
