"""Who may write what: the table of rights as data, and reading it.

Owns roles, operations and the table (design, section 4b), for the kinds of record that exist. Leaves to others: in
which areas a record is (`places`) and who is assigned where (`people`). Never looks at whether a value is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from kcdesk.changes import Change
from kcdesk.domain.code_lists import SheetState
from kcdesk.sync.protocol import Role


class Operation(Enum):
    """What a change does to a record; one change may do several things."""

    ADD = "add"
    EDIT = "edit"
    DELETE = "delete"
    MERGE = "merge"
    ACCEPT = "accept"  # take a sheet into the file, or return it
    HAND_IN = "hand in"  # register a need, which until then is a draft


class Scope(Enum):
    """Where a right holds."""

    OWN = "own"  # records the same person made, in areas of theirs
    AREA = "area"  # records of areas of theirs
    ALL = "all"


_O = Operation
Rights = Mapping[Operation, Scope]

_ALL: Rights = dict.fromkeys(Operation, Scope.ALL)
_ADD_EDIT: Rights = {_O.ADD: Scope.AREA, _O.EDIT: Scope.AREA}
_KEEP_IN_ORDER: Rights = {**_ADD_EDIT, _O.DELETE: Scope.AREA, _O.MERGE: Scope.AREA}
_OF_ESTABLISHMENTS: Mapping[Role, Rights] = {
    "collaborator": _ADD_EDIT,
    "officer": _KEEP_IN_ORDER,
    "centre": _ALL,
}

RIGHTS: Mapping[str, Mapping[Role, Rights]] = MappingProxyType(
    {
        "establishments": _OF_ESTABLISHMENTS,
        "figures": _OF_ESTABLISHMENTS,
        "surveys": {
            "collaborator": {_O.ADD: Scope.AREA, _O.EDIT: Scope.OWN, _O.DELETE: Scope.OWN},
            "officer": {**_ADD_EDIT, _O.DELETE: Scope.AREA, _O.ACCEPT: Scope.AREA},
            "centre": _ALL,
        },
        "round_sheets": {
            "collaborator": {_O.EDIT: Scope.AREA},
            "officer": {**_ADD_EDIT, _O.DELETE: Scope.AREA},
            "centre": _ALL,
        },
        "needs": {
            "collaborator": _ADD_EDIT,
            "officer": {**_ADD_EDIT, _O.DELETE: Scope.AREA, _O.HAND_IN: Scope.AREA},
            "centre": _ALL,
        },
        "attachments": {
            "collaborator": {_O.ADD: Scope.AREA, _O.EDIT: Scope.OWN, _O.DELETE: Scope.OWN},
            "officer": {**_ADD_EDIT, _O.DELETE: Scope.AREA},
            "centre": _ALL,
        },
        "erasures": {"centre": {_O.ADD: Scope.ALL}},  # nobody unsays one
    }
)
"""kind -> role -> operation -> scope. What does not stand here nobody may do."""

READS_OPEN: frozenset[Role] = frozenset({"collaborator", "officer", "centre"})
SEES_STANDING: frozenset[Role] = frozenset(("centre",))
"""Who sees how people's devices stand; administrators do on the server's own machine."""
READS_OFFICE: frozenset[Role] = frozenset({"officer", "centre"})


def operations(change: Change, *, new: bool) -> set[Operation]:
    """What a change does; `new`: the record does not exist before it."""
    found = {Operation.ADD if new else Operation.EDIT}
    if "deleted" in change.set:
        found.add(Operation.DELETE)
    if "merged_into" in change.set:
        found.add(Operation.MERGE)
    if change.kind == "surveys" and (
        "accepted_on" in change.set
        or change.set.get("sheet_state") in (SheetState.ACCEPTED, SheetState.RETURNED)
    ):
        found.add(Operation.ACCEPT)
    if change.kind == "needs" and "registered_on" in change.set:
        found.add(Operation.HAND_IN)
    return found


def forbidden(role: Role, kind: str, wanted: set[Operation], *, own: bool, in_area: bool) -> str:
    """The first operation that `role` may not do on such a record, by name; empty when all are allowed.

    own: the same person made the record; in_area: an area it is or was in is, or was until lately, one of theirs
    """
    rights = RIGHTS.get(kind, {}).get(role, {})
    for operation in sorted(wanted, key=lambda operation: operation.value):
        match rights.get(operation):
            case Scope.ALL:
                continue
            case Scope.AREA if in_area:
                continue
            case Scope.OWN if own and in_area:
                continue
        return operation.value
    return ""


def everywhere(role: Role, kind: str) -> bool:
    """Whether `role` may do something to such records wherever they are."""
    return Scope.ALL in RIGHTS.get(kind, {}).get(role, {}).values()
