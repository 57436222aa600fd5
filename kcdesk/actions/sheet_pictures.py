"""Pictures that answer a question: each is an attachment of the establishment that belongs to the survey.

The answer is the attachment's file name, which begins with its id, as an ODK submission names its pictures.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from kcdesk.actions.attachments import ENDINGS, add_attachments
from kcdesk.actions.desk import Desk
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.domain.kinds import ATTACHMENTS, SURVEYS
from kcdesk.errors import BadInput, NotFound


def attach_picture(desk: Desk, survey: OpenSurvey, question: str, file: Path) -> str:
    """Keep a picture as the answer to a question of a saved survey; what to answer. Raises `NotFound`, `BadInput`."""
    title = survey.sheet.node(question).label
    added = add_attachments(desk, survey.establishment, [file], title=title, of=survey.record)
    if added.refused:
        raise added.refused[0].error
    if not added.records:
        raise BadInput(
            "Phiếu này đã có đúng ảnh ấy.", hint="Chọn ảnh khác, hoặc bỏ ảnh cũ trước.", code="same"
        )
    return file_answer(desk, added.records[0][1])


def file_answer(desk: Desk, attachment: str) -> str:
    """The answer that names an attachment."""
    row = desk.workspace.lists.get(ATTACHMENTS.name, attachment)
    return attachment + ENDINGS.get(str(row.get("media_type")), "")


def picture_of(desk: Desk, survey: str, answer: str) -> bytes | None:
    """A small picture of an answer, None when there is none on this computer."""
    name = PurePath(answer).stem
    for row in desk.workspace.lists.of_establishments(
        ATTACHMENTS.name, [_establishment(desk, survey)]
    ):
        if row.get("of") == survey and name in (row["id"], row.get("title")):
            return desk.workspace.attachments.thumbnail(str(row.get("sha256")))
    return None


def _establishment(desk: Desk, survey: str) -> str:
    try:
        return str(desk.workspace.state(SURVEYS.name, survey).get("establishment"))
    except NotFound:
        return ""
