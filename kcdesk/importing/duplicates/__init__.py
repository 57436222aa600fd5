"""Which records are one establishment: how alike two of them are, why, and which pairs are worth a look.

The way of a record: `profiles` reduces it to what tells establishments apart, `names` compares names, `comparing`
weighs two profiles against each other, `blocking` finds the pairs worth weighing. Nothing is decided or stored here,
and nothing is ever joined by itself: a pair is certain, a question for a person, or different.
Thresholds and how they were measured: docs/decisions/0016-duplicates.md.
"""

from kcdesk.importing.duplicates.blocking import Index
from kcdesk.importing.duplicates.comparing import Likeness, Reason, Verdict, compare, compare_likely
from kcdesk.importing.duplicates.names import parts_of
from kcdesk.importing.duplicates.profiles import Profile, profile_of

__all__ = [
    "Index",
    "Likeness",
    "Profile",
    "Reason",
    "Verdict",
    "compare",
    "compare_likely",
    "parts_of",
    "profile_of",
]
