"""XLSForm questionnaires: read a workbook, check it, open answer sheets, evaluate, answer. No Qt, no SQL.

    workbook -> pyxform -> XForm -> `xform` -> `Form` -> `Sheet`

`load_workbook` refuses with every problem at once; `Questionnaire.open` gives a `Sheet`; `Sheet` is the one
object that window, command line and paper work with. Profile of XLSForm: `profile` and `functions`.
"""

from kcdesk.questionnaire.bindings import FieldValue, difference
from kcdesk.questionnaire.carrying import Carried, LeftBehind, Reason, carry_over
from kcdesk.questionnaire.form import Language
from kcdesk.questionnaire.problems import WorkbookProblem, WorkbookRefused
from kcdesk.questionnaire.questionnaire import Questionnaire, from_xform
from kcdesk.questionnaire.sheet import Device, Sheet
from kcdesk.questionnaire.standalone import evaluate
from kcdesk.questionnaire.submission import Submission, identify
from kcdesk.questionnaire.views import Choice, NodeView, Problem
from kcdesk.questionnaire.workbook import load_workbook

__all__ = [
    "Carried",
    "Choice",
    "Device",
    "FieldValue",
    "Language",
    "LeftBehind",
    "NodeView",
    "Problem",
    "Questionnaire",
    "Reason",
    "Sheet",
    "Submission",
    "WorkbookProblem",
    "WorkbookRefused",
    "carry_over",
    "difference",
    "evaluate",
    "from_xform",
    "identify",
    "load_workbook",
]
