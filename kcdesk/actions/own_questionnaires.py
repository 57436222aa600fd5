"""Adding workbooks to a workspace, and taking them away again.

Without a province they count like the shipped ones, and may take the place of one of the same id. With one they are on
trial: marked wherever they show, never in reports or in changes of the records. A version that sheets were filled in by
stays readable for ever.
"""

from __future__ import annotations

from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current, find_questionnaire
from kcdesk.actions.questionnaires import QuestionnaireInfo, require_file
from kcdesk.domain.kinds import SURVEYS
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import load_workbook


def add_questionnaire(desk: Desk, path: Path) -> QuestionnaireInfo:
    """Add the workbook of a file, with the lists beside it that it names; sheets are filled in by it from now on.

    Raises `WorkbookRefused` with everything that is wrong in it; `BadInput` for one without a version, one whose
    version is there already and says something else, and in a province for one that has the id of a published one.
    """
    require_file(path)
    workbook = path.read_bytes()
    library = current(desk)
    one = load_workbook(path, needs=library.report_needs())
    if not one.version:
        raise BadInput(
            f"Mẫu phiếu {one.id} chưa ghi phiên bản.",
            hint="Ghi cột version ở trang settings, ví dụ 2026112801, rồi thêm lại.",
            code="no_version",
        )
    if desk.workspace.province() is not None and library.is_published(one.id):
        raise BadInput(
            f"Tỉnh đã có mẫu phiếu {one.id}; mẫu thử phải có mã khác.",
            hint="Đổi form_id ở trang settings, ví dụ thêm đuôi -thu, rồi thêm lại.",
            code="published",
        )
    known = find_questionnaire(desk, one.id, one.version) if _is_known(desk, one.id) else None
    if known is not None and known.questionnaire.xform != one.xform:
        raise BadInput(
            f"Mẫu phiếu {one.id} phiên bản {one.version} đã có và khác với tệp này: phiếu cũ và mới sẽ không phân "
            "biệt được.",
            hint="Ghi một phiên bản khác ở trang settings, rồi thêm lại.",
            code="same_version",
        )
    if known is None or known.own:
        own = desk.workspace.own_questionnaires
        own.add(one.id, one.version, one.title, workbook, one.media, at=desk.clock())
    return current(desk).info(one.id)


def remove_questionnaire(desk: Desk, questionnaire: str) -> None:
    """Take an own questionnaire away: no new sheets. Those that were filled in open as before. Raises `NotFound`."""
    own = desk.workspace.own_questionnaires
    if own.newest(questionnaire) is None:
        raise NotFound(
            f"Không có mẫu phiếu tự thêm “{questionnaire}”.",
            hint="Chỉ bỏ được mẫu do máy này thêm. Xem bằng kcdesk questionnaire list.",
        )
    used = {
        str(row.get("questionnaire_version"))
        for deleted in (False, True)
        for row in desk.workspace.lists.every(SURVEYS.name, deleted=deleted)
        if row.get("questionnaire") == questionnaire
    }
    used |= {
        str(draft.form.version)
        for draft in desk.workspace.drafts.every()
        if draft.form.questionnaire == questionnaire
    }
    own.remove(questionnaire, keep=frozenset(used), at=desk.clock())


def _is_known(desk: Desk, questionnaire: str) -> bool:
    return current(desk).is_published(questionnaire) or any(
        each.id == questionnaire for each in desk.workspace.own_questionnaires.every()
    )
