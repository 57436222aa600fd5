"""Reading survey rounds: each sheet that was given out, with its establishment and how far it is.

How far a sheet is follows from the surveys that name the round; what it means for people is `actions.rounds`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.identifiers import RecordId
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.merged import HIDDEN, STANDS, followed
from kcdesk.storage.sqlite import Database


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A sheet of a round. Blank: nothing is said.

    establishment: the one it is read under;  name, commune, hamlet: of it
    result:        why there is no sheet (`RoundResult`)
    survey:        the survey of that establishment in this round that is furthest;  survey_state: its `SheetState`
    """

    record: RecordId
    establishment: RecordId
    name: str
    commune: str
    hamlet: str
    round: str
    round_title: str
    questionnaire: str
    due_on: str
    assigned_to: str
    result: str
    survey: str
    survey_state: str


_ORDER = (SheetState.ACCEPTED, SheetState.FINISHED, SheetState.RETURNED, SheetState.DRAFT)
_RANK = " ".join(f"WHEN '{state.value}' THEN {rank}" for rank, state in enumerate(_ORDER))
_OPEN = f"'{SheetState.DRAFT.value}', '{SheetState.RETURNED.value}'"
CARRIED_ON = (
    "(SELECT json_extract(rest, '$.carried_from') FROM surveys"
    " WHERE deleted = 0 AND json_extract(rest, '$.carried_from') IS NOT NULL)"
)
"""The sheets whose answers went over to one of a newer version."""
_OF_SURVEY = followed("surveys")
_QUERY = f"""
WITH filled AS (
  SELECT {_OF_SURVEY} AS establishment, round, id, sheet_state, row_number() OVER (
    PARTITION BY {_OF_SURVEY}, round ORDER BY CASE sheet_state {_RANK} ELSE 9 END, id
  ) AS nth FROM surveys WHERE round IS NOT NULL AND deleted = 0
  AND NOT (sheet_state IN ({_OPEN}) AND id IN {CARRIED_ON})
), given AS (
  SELECT *, {followed("round_sheets")} AS under FROM round_sheets
  WHERE deleted = 0 AND coalesce(establishment, '') NOT IN {HIDDEN} AND (:round IS NULL OR round = :round)
)
SELECT given.id, under, coalesce(name, ''), coalesce(commune, ''), coalesce(hamlet, ''),
  coalesce(given.round, ''), coalesce(round_title, ''), coalesce(questionnaire, ''), coalesce(due_on, ''),
  coalesce(assigned_to, ''), coalesce(result, ''), coalesce(filled.id, ''), coalesce(sheet_state, '')
FROM given LEFT JOIN establishments ON establishments.id = under
LEFT JOIN filled ON filled.establishment = under AND filled.round = given.round AND nth = 1
ORDER BY establishments.sort_key, given.key
"""  # noqa: S608


class Rounds:
    def __init__(self, db: Database) -> None:
        self._db = db

    def communes(self) -> list[tuple[str, int]]:
        """The communes of today with establishments, and how many stand there."""
        query = f"SELECT commune, count(*) FROM establishments WHERE {STANDS} AND commune IS NOT NULL GROUP BY commune"  # noqa: S608
        return [(commune, count) for commune, count in self._db.execute(query)]

    def standing_in(self, communes: Collection[str]) -> list[str]:
        """The establishments of these communes, in the order of lists."""
        query = f"SELECT id FROM establishments WHERE {STANDS} AND commune IN {ANY_OF} ORDER BY sort_key, key"  # noqa: S608
        return [record for (record,) in self._db.execute(query, (_encode(list(communes)),))]

    def given_out(self, round_id: str | None = None) -> Iterator[GivenOut]:
        """The sheets of a round, or of all rounds; by the name of their establishment."""
        for record, under, *texts in self._db.execute(_QUERY, {"round": round_id}):
            yield GivenOut(RecordId(record), RecordId(under or ""), *texts)


_encode = msgspec.json.Encoder().encode
