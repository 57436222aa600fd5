"""Databases for provinces of tests, one after the other: files of SQLite, and databases of a PostgreSQL of our own.

A test that asks for `databases`, or for a province, runs on both kinds; `sqlite_only` is for one that shows nothing of
a database, or something of SQLite's files.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.server import admin
from tests.postgres import Cluster
from tests.sync.provinces import AREA

KINDS = ("sqlite", "postgresql")

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


class Databases(Protocol):
    """Makes databases; `folder` is one for each."""

    kind: str

    def blank(self, folder: Path) -> str:
        """The address of a database with nothing in it."""
        ...

    def province(self, folder: Path) -> str:
        """The address of the database of a province with the areas of AREA and nobody in it."""
        ...

    def drop(self) -> None:
        """Take away all that were made."""
        ...


def make_empty_province(url: str, units: AdministrativeUnits) -> None:
    """What `Databases.province` copies."""
    chance = random.Random("province")
    database = admin.init_province(url, "Tỉnh Lào Cai", randomness=chance.randbytes)
    admin.add_area(database, AREA, units)
    database.dispose()


@dataclass
class Files:
    """SQLite: a file in each folder."""

    template: Path
    kind = "sqlite"

    def blank(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'province.db'}"

    def province(self, folder: Path) -> str:
        shutil.copy(self.template, folder / "province.db")
        return self.blank(folder)

    def drop(self) -> None:
        """The folders are the tests'."""


@dataclass
class InCluster:
    """PostgreSQL: databases of one cluster."""

    cluster: Cluster
    template: str
    kind = "postgresql"
    made: list[str] = field(default_factory=list)

    def blank(self, folder: Path) -> str:
        return self._url(self.cluster.create())

    def province(self, folder: Path) -> str:
        return self._url(self.cluster.create(self.template))

    def drop(self) -> None:
        for name in self.made:
            self.cluster.drop(name)

    def _url(self, name: str) -> str:
        self.made.append(name)
        return self.cluster.url(name)
