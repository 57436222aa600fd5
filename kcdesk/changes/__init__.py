"""What a change is, and `fold`: a set of changes in, the state of a record out.

Pure functions over plain structures. The workspace, sync and the provincial server all use them, so the
same history gives the same state everywhere. Leaves to others: where changes are kept (`storage`, `server`),
how they travel (`sync`), what their fields mean (`domain`).
"""

from kcdesk.changes.chain import chain_start, extend
from kcdesk.changes.fold import Head, State, fold, trim
from kcdesk.changes.merging import MERGED_INTO, survivors
from kcdesk.changes.model import Change, ChangeId, check_form, is_record_id, same
from kcdesk.domain.value import Value

__all__ = [
    "MERGED_INTO",
    "Change",
    "ChangeId",
    "Head",
    "State",
    "Value",
    "chain_start",
    "check_form",
    "extend",
    "fold",
    "is_record_id",
    "same",
    "survivors",
    "trim",
]
