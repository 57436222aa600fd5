"""A PostgreSQL of one's own: a cluster in a temporary folder, reached through a socket there, and databases in it.

For tests and benchmarks. Nothing of a cluster that the machine runs already is touched, and none is needed.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg

SUPERUSER = "postgres"
ACCOUNTS = ("postgres", "nobody")
"""Who may run a cluster where the tests run as root, which PostgreSQL refuses; the first one that exists."""
OLDEST = 15
_FAST = {
    # nothing outlives the tests: no waiting for the disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


class Cluster:
    """A cluster that runs until `close`. durable: it waits for the disk, as one of a province does."""

    def __init__(self, *, durable: bool = False) -> None:
        self._programs = _programs()
        self._as_user = _account()
        self._numbers = itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="kcdesk-postgres-"))
        if self._as_user is not None:
            shutil.chown(self.folder, self._as_user)
        self._data = self.folder / "data"
        self._call(
            "initdb",
            *("--pgdata", self._data, "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
        )
        settings = {
            "listen_addresses": "''",  # the socket alone: the folder says who may
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            **({} if durable else _FAST),
        }
        self._options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start it, and return once it takes connections."""
        log = self.folder / "log"
        self._control("start", "--wait", "--log", log, "--options", self._options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` breaks connections off and is clean, `immediate` is a crash."""
        self._control("stop", "--wait", "--mode", mode)

    def close(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """The address of a database, as `--db` takes it."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def create(self, template: str = "template0", more: str = "") -> str:
        """A new database, empty or with all that `template` holds, to which nobody may be connected; its name."""
        name = f"province_{next(self._numbers)}"
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template} {more}")
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected."""
        self._tell(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _tell(self, statement: str) -> None:
        with psycopg.connect(
            dbname="postgres", user=SUPERUSER, host=str(self.folder), autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _control(self, what: str, *arguments: str | Path) -> None:
        self._call("pg_ctl", what, "--pgdata", self._data, "--silent", *arguments)

    def _call(self, program: str, *arguments: str | Path) -> None:
        other = self._as_user is not None
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            user=self._as_user,
            group=pwd.getpwnam(self._as_user).pw_gid if self._as_user is not None else None,
            extra_groups=[] if other else None,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )


def _programs() -> Path:
    """The folder of the newest PostgreSQL's programs; Debian keeps them out of the way."""
    found = {
        int(folder.parent.name): folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (folder / "initdb").exists() and folder.parent.name.isdigit()
    }
    newest = max(found, default=0)
    if newest >= OLDEST:
        return found[newest]
    on_path = shutil.which("initdb")
    if on_path is None:
        raise FileNotFoundError("PostgreSQL is not installed: run scripts/setup test")
    return Path(on_path).resolve().parent


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)
