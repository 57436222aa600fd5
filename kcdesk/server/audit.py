"""The record of administration: every change of people, areas, codes, devices and publications is a line that stays.

A line is written in the transaction of the change it tells of: there is none without the other. Who acts is the account
of the operating system, for nobody signs in; a device that enrols acts by itself. Never a code or a token. Leaves to
others: what is changed.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from kcdesk.domain.clock import Clock, system_clock
from kcdesk.server.database import reading
from kcdesk.server.tables import audit

Action = Literal[
    "province.made",
    "user.added",
    "area.added",
    "area.assigned",
    "code.made",
    "device.enrolled",
    "device.continued",
    "device.revoked",
    "device.key_destroyed",
    "edition.published",
]
_OPTION = "kcdesk_actor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, and the clock that says when."""

    account: str
    clock: Clock


class Entry(msgspec.Struct, frozen=True):
    """One line. at: ms UTC; account: of the operating system, or `device ID`; about: what the action says."""

    at: int
    account: str
    action: str
    about: dict[str, Any]


def act_as(engine: Engine, actor: Actor) -> None:
    """What is changed through this engine from now on is changed by `actor`."""
    engine.update_execution_options(**{_OPTION: actor})


def this_account() -> str:
    """The account of this process; behind sudo also whose it is.

    >>> bool(this_account())
    True
    """
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        name = str(os.getuid()) if hasattr(os, "getuid") else "?"
    before = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo: {before})" if before and before != name else name


def note(connection: Connection, action: Action, *, device: str = "", **about: Any) -> None:
    """Write a line in the transaction of `connection`. `device`: which acts by itself."""
    actor: Actor | None = connection.get_execution_options().get(_OPTION)
    actor = actor or Actor(this_account(), system_clock)
    connection.execute(
        insert(audit).values(
            at=actor.clock(),
            account=f"device {device}" if device else actor.account,
            action=action,
            about=msgspec.json.encode(about).decode(),
        )
    )


def entries(engine: Engine, since: int = 0) -> list[Entry]:
    """The lines from an instant (ms UTC) on, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(audit).where(audit.c.at >= since).order_by(audit.c.id))
        return [Entry(row.at, row.account, row.action, _about(row.about)) for row in rows]


def _about(text: str) -> dict[str, Any]:
    said: Mapping[str, Any] = msgspec.json.decode(text)
    return dict(said)
