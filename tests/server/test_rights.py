"""The table of rights, cell by cell, as design section 4b has it."""

from __future__ import annotations

import pytest

from kcdesk.changes import Change, Value
from kcdesk.domain.kinds import KINDS, KINDS_THAT_TRAVEL
from kcdesk.server.rights import RIGHTS, Operation, forbidden, operations
from kcdesk.sync.protocol import Role

_O = Operation
EVERYTHING = set(Operation)
BASE = {_O.ADD, _O.EDIT}

ALLOWED_IN_AREA: dict[tuple[str, Role], set[Operation]] = {
    ("establishments", "collaborator"): BASE,
    ("establishments", "officer"): BASE | {_O.MERGE, _O.DELETE},
    ("figures", "collaborator"): BASE,
    ("figures", "officer"): BASE | {_O.MERGE, _O.DELETE},
    ("surveys", "collaborator"): {_O.ADD},
    ("surveys", "officer"): BASE | {_O.DELETE, _O.ACCEPT},
    ("needs", "collaborator"): BASE,
    ("needs", "officer"): BASE | {_O.DELETE, _O.HAND_IN},
    ("attachments", "collaborator"): {_O.ADD},
    ("attachments", "officer"): BASE | {_O.DELETE},
}


def allowed(role: Role, kind: str, *, own: bool, in_area: bool) -> set[Operation]:
    return {o for o in Operation if not forbidden(role, kind, {o}, own=own, in_area=in_area)}


def change(kind: str, **said: Value) -> Change:
    return Change("0011223344556677", 1, kind, "r", 1, said, {})


@pytest.mark.parametrize(("kind", "role"), ALLOWED_IN_AREA)
def test_in_their_areas(kind: str, role: Role) -> None:
    assert allowed(role, kind, own=False, in_area=True) == ALLOWED_IN_AREA[kind, role]
    assert allowed(role, kind, own=True, in_area=False) == set()


@pytest.mark.parametrize("kind", ["surveys", "attachments"])
def test_own_sheets_and_photos_of_a_collaborator(kind: str) -> None:
    found = allowed("collaborator", kind, own=True, in_area=True)
    assert found == {_O.ADD, _O.EDIT, _O.DELETE}


@pytest.mark.parametrize("kind", KINDS)
def test_the_centre_may_do_everything_and_an_administrator_nothing(kind: str) -> None:
    assert allowed("centre", kind, own=False, in_area=False) == EVERYTHING
    assert allowed("administrator", kind, own=True, in_area=True) == set()


@pytest.mark.parametrize("role", ["collaborator", "officer", "centre", "administrator"])
def test_an_erasure_is_made_by_the_centre_and_unsaid_by_nobody(role: Role) -> None:
    found = allowed(role, "erasures", own=True, in_area=True)
    assert found == ({_O.ADD} if role == "centre" else set())


def test_nobody_writes_what_the_table_does_not_name() -> None:
    assert set(RIGHTS) == set(KINDS_THAT_TRAVEL)
    assert allowed("centre", "programmes", own=True, in_area=True) == set()


def test_several_operations_need_all_their_rights() -> None:
    wanted = {_O.EDIT, _O.MERGE}
    assert forbidden("collaborator", "establishments", wanted, own=True, in_area=True) == "merge"
    assert forbidden("officer", "establishments", wanted, own=False, in_area=True) == ""


@pytest.mark.parametrize(
    ("made", "new", "found"),
    [
        (change("establishments", name="A"), True, {_O.ADD}),
        (change("establishments", name="A"), False, {_O.EDIT}),
        (change("establishments", deleted=True), False, {_O.EDIT, _O.DELETE}),
        (change("establishments", merged_into="x"), False, {_O.EDIT, _O.MERGE}),
        (change("needs", **{"machines_to_buy/x/deleted": True}), False, {_O.EDIT}),
        (change("needs", registered_on="2026-01-05"), True, {_O.ADD, _O.HAND_IN}),
        (change("surveys", registered_on="2026-01-05"), False, {_O.EDIT}),
        (change("surveys", sheet_state="FINISHED"), False, {_O.EDIT}),
        (change("surveys", sheet_state="ACCEPTED"), False, {_O.EDIT, _O.ACCEPT}),
        (change("surveys", sheet_state="RETURNED"), False, {_O.EDIT, _O.ACCEPT}),
        (change("surveys", sheet_state=["ACCEPTED"]), False, {_O.EDIT}),
        (change("surveys", accepted_on="2026-01-05"), False, {_O.EDIT, _O.ACCEPT}),
    ],
)
def test_what_a_change_does(made: Change, new: bool, found: set[Operation]) -> None:
    assert operations(made, new=new) == found
