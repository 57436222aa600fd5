"""XLSForm questionnaires: read a workbook, check it, open answer sheets, evaluate, answer. No Qt, no SQL.

    workbook -> pyxform -> XForm -> `xform` -> `Form` -> `Sheet`

**Public interface.** What stands here is all that the window, the command line, papers and tests use; the names of
`__all__` stay, the modules behind them may change. Profile of XLSForm: tables in `profile` and `functions`.

Clock and chance are arguments: `clock()` gives milliseconds since 1970 UTC, `randomness(n)` gives n bytes. An *answer
path* names a node without its groups: `phone`, `machines` (a repeat), `machines/<row>` (a row, by its id),
`machines/<row>/price`, `hh/<row>/members/<row>/name`.

    load_workbook(path or bytes, media=None, needs=())  -> Questionnaire; raises WorkbookRefused
        media: name -> bytes of the csv files that the workbook names; without it they are read beside the path.
        `WorkbookRefused.problems`: every WorkbookProblem with code, sheet, row, column, message_vi, message_en.
    from_xform(text, media=None)                        -> the same from an XForm
    Questionnaire: id, version, title, languages (the default one first), xform, media, warnings
        .open(answers=None, *, clock, randomness, language="vi", device=None) -> Sheet
            None: a new sheet with its defaults; else what `Sheet.answers()` gave, or a record keeps
        .read(xml)                                      -> Submission: answers of an ODK instance XML, for `open`
    Sheet, one open answer sheet:
        .node(path)          -> NodeView; NotFound for a path that is not there
        .walk()              -> NodeViews of all relevant nodes that people see, in document order
        .first_error()       -> the first NodeView whose `error` is not None, or None
        .set_value(path, text) -> None, or Problem(kind, message): `type`, `choice`, `read_only`, `irrelevant` (not
                                stored), `constraint`, `required` (stored). Blank text clears an answer.
        .add_row(path)       -> id of the new last row; .remove_row("machines/<row>"). BadInput for counted repeats
        .language            the code of the language of labels, may be set: `vi`, `en`
        .answers()           -> path -> text, also of what is not relevant; .finished_answers(): relevant ones only
        .instance_xml()      -> the submission as ODK instance XML, relevant nodes only
        .prefill(known), .proposals(): what records say and what they would learn (`bind::kc:field`, `bind::kc:row`)
        .outline(...)        -> what stands on its paper
    NodeView, at this moment: path, name, kind (`question`, `group`, `repeat`, `row`), type, value, relevant, required,
        read_only, label, hint, choices (of Choice: name, label), error (Problem or None), rows (of a repeat, with
        row_id), can_add, appearance, parameters, depth
    evaluate(expression, instance_xml, *, clock, randomness, at="", choice_lists=None, language="vi") -> text
        one expression over a given instance, without binds or defaults. at: the context node, `/data/rows[2]/price`;
        choice_lists: name -> XML `<root><item>...</item></root>` for `instance()` and `pulldata()`; an expression that
        cannot be read raises BadInput
    carry_over(...)          the answers of a sheet on another version of its questionnaire (`Carried`, `LeftBehind`)
    identify(xml)            which questionnaire a filled form belongs to
    difference(before, after) what to write so that a record holds the answers of a sheet

Values are texts, as ODK stores them: whole numbers and decimals in plain notation with a point, dates `2026-11-22`,
times `08:30:00.000+07:00`, dateTimes with milliseconds and offset, choices by name, several parted by blanks,
geopoints `latitude longitude altitude accuracy`, an acknowledged note `OK`. Times without an offset are Vietnamese.

    >>> import random
    >>> chance = random.Random(1).randbytes
    >>> evaluate("sum(/d/r/x) div 4", "<d><r><x>1</x></r><r><x>2</x></r></d>", clock=lambda: 0, randomness=chance)
    '0.75'
    >>> evaluate("../x + 1", "<d><x>2</x><y/></d>", at="/d/y", clock=lambda: 0, randomness=chance)
    '3'
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
