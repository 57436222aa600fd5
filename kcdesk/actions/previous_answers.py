"""The answers of the sheet before, so that what is the same again need not be typed again.

Rows have other ids in another sheet; answers in them are compared by the place of their row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kcdesk.actions.desk import Desk
from kcdesk.actions.surveys import OpenSurvey, answers_of
from kcdesk.domain.kinds import SURVEYS


def previous_answers(desk: Desk, survey: OpenSurvey) -> dict[str, str]:
    """The answers of the newest other sheet by the same questionnaire on this computer, by place; none: empty."""
    of_form = [
        str(row["id"])
        for row in desk.workspace.lists.every(SURVEYS.name)
        if row.get("questionnaire") == survey.questionnaire.id and row["id"] != survey.record
    ]
    if not of_form:
        return {}
    said = answers_of(desk.workspace.state(SURVEYS.name, max(of_form)))
    told = {path: text for path, text in said.items() if isinstance(text, str) and text}
    return {place_of(told, path): text for path, text in told.items()}


def place_of(answers: Iterable[str] | Mapping[str, str], path: str) -> str:
    """An answer path with the places of its rows for their ids.

    >>> place_of(["t/b/x", "t/a/x"], "t/b/x"), place_of([], "phone")
    ('t/1/x', 'phone')
    """
    parts = path.split("/")
    for end in range(1, len(parts) - 1, 2):
        before = "/".join(path.split("/")[:end]) + "/"
        rows = sorted(
            {each[len(before) :].split("/")[0] for each in answers if each.startswith(before)}
        )
        parts[end] = str(rows.index(parts[end])) if parts[end] in rows else str(len(rows))
    return "/".join(parts)
