"""What is no questionnaire is refused by name, with sheet, row and column, and everything at once."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kcdesk.actions.editions import shipped
from kcdesk.domain.published.tables import ReportNeed
from kcdesk.errors import BadInput
from kcdesk.questionnaire import Sheet, WorkbookRefused, from_xform, load_workbook
from kcdesk.questionnaire.problems import CATALOGUE
from kcdesk.questionnaire.profile import QUESTION_TYPES
from kcdesk.resources import resource_path
from tests.questionnaire.books import Row, book, choices, load, open_sheet, q

Found = set[tuple[str, int | None, str | None]]


def refused(
    survey: list[Row],
    choice_rows: list[Row] | None = None,
    settings: Row | None = None,
    media: dict[str, bytes] | None = None,
) -> WorkbookRefused:
    with pytest.raises(WorkbookRefused) as caught:
        load(survey, choice_rows or [], settings, media or {})
    return caught.value


def found(error: WorkbookRefused) -> Found:
    return {(problem.code, problem.row, problem.column) for problem in error.problems}


def test_everything_wrong_is_told_at_once() -> None:
    error = refused(
        [
            q("text", "a", relevant="${nobody} = 1"),  # row 2
            q("audio", "b"),
            q("integer", "c", constraint=". >"),
            q("integer", "a"),
            q("calculate", "d", calculation="shake(1)"),
            q("calculate", "e", calculation="${f} + 1"),
            q("calculate", "f", calculation="${e} + 1"),
            q("text", "đ"),
            q("text", ""),
            q("calculate", "g", calculation="/data/elsewhere + 1"),
            q("select_one nothing", "h"),
            q("text", "i", label="Chào ${stranger}"),
            q("text", "deleted"),
            q("calculate", "j", calculation="substr('a')"),
            q("calculate", "k", calculation="sum(1)"),
            q("calculate", "l", calculation="//a | //c"),
            q("text", "m", constraint="regex(., '[')"),
            q("", "n"),
        ]
    )
    assert found(error) == {
        ("reference", 2, "relevant"),
        ("type", 3, "type"),
        ("ends", 4, "constraint"),
        ("duplicate", 5, "name"),
        ("function", 6, "calculation"),
        ("cycle", 7, "calculation"),
        ("name", 9, "name"),
        ("no_name", 10, "name"),
        ("path", 11, "calculation"),
        ("list", 12, "type"),
        ("reference", 13, "label"),
        ("reserved", 14, "name"),
        ("arguments", 15, "calculation"),
        ("nodes", 16, "calculation"),
        ("axis", 17, "calculation"),
        ("pattern", 18, "constraint"),
        ("no_type", 19, "type"),
    }
    assert all(problem.sheet == "survey" for problem in error.problems)
    assert isinstance(error, BadInput)
    first = error.problems[0]
    assert first.sentence() == "Trang survey, dòng 2, cột relevant: không có câu hỏi tên «nobody»."
    assert first.sentence("en") == (
        "Sheet survey, row 2, column relevant: there is no question named 'nobody'."
    )
    assert "và 16 lỗi khác" in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"relevant": "${b} = 1"}, "relevant", "b → a → b"),
        ({"calculation": "${a} + 1"}, "calculation", "a → a"),
        ({"calculation": ". + 1"}, "calculation", "a → a"),
    ],
)
def test_a_circle_is_named(cells: Row, column: str, words: str) -> None:
    error = refused([q("integer", "a", **cells), q("integer", "b", relevant="${a} = 1")])
    (problem,) = error.problems
    assert problem.code == "cycle"
    names = words.split(" → ")
    assert set(problem.message_en.partition(": ")[2].rstrip(".").split(" → ")) == set(names)


def test_a_circle_through_a_repeat_and_its_count() -> None:
    error = refused(
        [
            q("begin_repeat", "t", repeat_count="${total}"),
            q("integer", "n"),
            q("end_repeat", ""),
            q("calculate", "total", calculation="sum(${n})"),
        ]
    )
    assert [problem.code for problem in error.problems] == ["cycle"]


def test_selects_may_exclude_each_others_choices() -> None:
    lists = choices(c=["a", "b"])
    sheet = open_sheet(
        load(
            [
                q("select_one c", "x", choice_filter="name != ${y}"),
                q("select_one c", "y", choice_filter="name != ${x}"),
            ],
            lists,
        )
    )
    sheet.set_value("x", "a")
    assert [choice.name for choice in sheet.node("y").choices] == ["b"]


@pytest.mark.parametrize(
    "type_",
    [
        "audio",
        "video",
        "geotrace",
        "geoshape",
        "start-geopoint",
        "background-audio",
        "audit",
        "xml-external",
    ],
)
def test_types_outside_of_the_profile_are_refused_by_name(type_: str) -> None:
    error = refused([q("text", "a"), q(type_, "b")])
    assert ("type", 3, "type") in found(error)
    assert f"«{type_}»" in error.problems[0].message_vi


def test_every_type_of_the_profile_is_read() -> None:
    needs = {"select_one": " c", "select_multiple": " c", "rank": " c"}
    survey = [
        q(
            word + (" f.csv" if word.endswith("_file") else needs.get(type_, "")),
            f"q{n}",
            label="Câu",
            parameters="start=1 end=5 step=1" if word == "range" else None,
            calculation="1 + 1" if type_ == "calculate" else None,
        )
        for n, (word, type_) in enumerate(QUESTION_TYPES.items())
    ]
    media = {"f.csv": b"name,label\n1,A\n"}
    questionnaire = load(survey, choices(c=["a"]), media=media)
    sheet = open_sheet(questionnaire)
    for n, type_ in enumerate(QUESTION_TYPES.values()):
        assert sheet.node(f"q{n}").type == type_, survey[n]


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ({}, "media"),
        ({"c.csv": b"\xff\xfe"}, "csv"),
        ({"c.csv": b""}, "csv"),
        ({"c.csv": b"name,name\n1,2\n"}, "csv"),
        ({"c.csv": b"name,title\n1,2\n"}, "csv_column"),
    ],
)
def test_list_files_are_checked(media: dict[str, bytes], code: str) -> None:
    error = refused([q("select_one_from_file c.csv", "a")], media=media)
    assert {problem.code for problem in error.problems} == {code}


def test_list_files_are_found_beside_the_workbook(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("name,label\n1,Một\n", encoding="utf-8")
    path = tmp_path / "form.xlsx"
    path.write_bytes(book([q("select_one_from_file c.csv", "a")]))
    sheet = open_sheet(load_workbook(path))
    assert [choice.label for choice in sheet.node("a").choices] == ["Một"]


def test_bindings_are_checked() -> None:
    names = {"namespaces": 'kc="http://kcdesk.org/xforms"'}
    error = refused(
        [
            q("text", "a", **{"bind::kc:field": "phone"}),
            q("begin_repeat", "t"),
            q("text", "b", **{"bind::kc:field": "establishments.phone"}),
            q("end_repeat", ""),
            q("begin_repeat", "u", **{"bind::kc:row": "establishments.main_products"}),
            q("text", "c", **{"bind::kc:field": "establishments.main_products/name"}),
            q("text", "d", **{"bind::kc:field": "establishments.others/name"}),
            q("begin_repeat", "v", **{"bind::kc:row": "establishments.main_products"}),
            q("text", "e"),
            q("end_repeat", ""),
            q("end_repeat", ""),
            q("text", "f", **{"bind::kc:field": "establishments.main_products/name"}),
        ],
        settings=names,
    )
    assert found(error) == {
        ("meaning", 2, "bind::kc:field"),
        ("meaning_in_repeat", 4, "bind::kc:field"),
        ("meaning_in_repeat", 8, "bind::kc:field"),
        ("meaning_of_row", 9, "bind::kc:row"),
        ("meaning_in_repeat", 13, "bind::kc:field"),
    }


def products() -> Sheet:
    return open_sheet(
        load(
            [
                q("begin_repeat", "products", **{"bind::kc:row": "establishments.main_products"}),
                q("text", "what", **{"bind::kc:field": "establishments.main_products/name"}),
                q("decimal", "much", **{"bind::kc:field": "establishments.main_products/output"}),
                q("end_repeat", ""),
            ],
            settings={"namespaces": 'kc="http://kcdesk.org/xforms"'},
        )
    )


def test_rows_of_a_table_start_with_what_is_known_and_keep_their_ids() -> None:
    sheet = products()
    known = {
        "establishments.main_products/r2/name": "Bàn",
        "establishments.main_products/r1/name": "Tủ",
        "establishments.main_products/r1/output": "40",
        "establishments.main_products/r0/name": "Giường",
        "establishments.main_products/r0/deleted": True,
    }
    assert sheet.prefill(known) == 3
    assert [row.row_id for row in sheet.node("products").rows] == ["r1", "r2"]
    assert sheet.set_value("products/r1/much", "50") is None
    new = sheet.add_row("products")
    assert sheet.set_value(f"products/{new}/what", "Ghế") is None
    assert sheet.proposals() == [
        ("establishments", "main_products/r1/name", "Tủ"),
        ("establishments", "main_products/r1/output", "50"),
        ("establishments", "main_products/r2/name", "Bàn"),
        ("establishments", f"main_products/{new}/name", "Ghế"),
    ]


def test_a_table_of_which_nothing_is_known_keeps_its_blank_row() -> None:
    sheet = products()
    assert sheet.prefill({}) == 0
    assert len(sheet.node("products").rows) == 1


def test_what_pyxform_refuses_is_told_with_its_row() -> None:
    unclosed = refused([q("text", "a"), q("begin_group", "g"), q("text", "b")])
    assert [problem.code for problem in unclosed.problems] == ["pyxform"]
    assert "không khớp" in unclosed.problems[0].message_vi
    twice = refused([q("select_one c", "a")], choices(c=["x", "x"]))
    assert twice.problems[0].sheet == "choices"
    assert twice.problems[0].row == 3


def test_ignored_appearances_and_bare_conditions_are_warnings() -> None:
    questionnaire = load(
        [
            q("text", "a", appearance="multiline ex:other.app w4"),
            q("calculate", "b", calculation="if(${a}, 1, 2)"),
        ]
    )
    assert [(w.code, w.row) for w in questionnaire.warnings] == [
        ("unknown_appearance", 2),
        ("if_exists", 3),
    ]
    assert "${a} != ''" in questionnaire.warnings[1].message_vi


# -- files that are no workbooks -------------------------------------------------------------------


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def sheets_named(title: str) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.active.title = title
    workbook.create_sheet("choices")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_workbook"),
        (b"type,name\ntext,a\n", "not_workbook"),
        (b"PK\x03\x04 cut off", "not_workbook"),
        (zipped(readme=b"no workbook"), "not_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "password"),
        (bytes(21 * 1024 * 1024), "too_large"),
        (sheets_named("other"), "no_survey"),
        (book([]), "no_survey"),
        (book([q("text", "a")])[:-200], "not_workbook"),
    ],
)
def test_other_files_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(WorkbookRefused) as caught:
        load_workbook(data)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_small_file_that_unpacks_to_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(201 * 1024 * 1024))
    with pytest.raises(WorkbookRefused) as caught:
        load_workbook(buffer.getvalue())
    assert [problem.code for problem in caught.value.problems] == ["too_large"]


@pytest.mark.parametrize(
    "expression",
    ["(" * 5000 + "1" + ")" * 5000, "1" + "+1" * 4000, "-" * 9000 + "1", "'" + "x" * 20000 + "'"],
)
def test_expressions_without_measure_are_refused(expression: str) -> None:
    error = refused([q("calculate", "a", calculation=expression)])
    assert {problem.code for problem in error.problems} <= {"too_deep", "too_long"}


@pytest.mark.parametrize("depth", [21, 3000])
def test_groups_nested_without_measure_are_refused(depth: int) -> None:
    survey = [q("begin_group", f"g{n}") for n in range(depth)]
    survey += [q("text", "a"), *(q("end_group", "") for _ in range(depth))]
    error = refused(survey)
    assert [problem.code for problem in error.problems] == ["nested"]


def test_a_kept_xform_that_names_missing_files_is_refused() -> None:
    questionnaire = load(
        [q("select_one_from_file c.csv", "a")], media={"c.csv": b"name,label\n1,A\n"}
    )
    with pytest.raises(WorkbookRefused):
        from_xform(questionnaire.xform)


def test_every_message_names_its_subject_in_both_languages() -> None:
    for code, (vietnamese, english) in CATALOGUE.items():
        assert vietnamese.count("{") == english.count("{"), code
        assert vietnamese != english


def test_opening_a_kept_questionnaire_does_not_load_pyxform() -> None:
    code = "import sys, kcdesk.questionnaire; print('pyxform' in sys.modules, 'openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_names_that_reports_need() -> None:
    """A question that is missing, or bound to another field, is told with the others."""
    needs = [
        ReportNeed("T", "workers", "figures.workers", "B4", None),
        ReportNeed("T", "revenue", "figures.revenue", "B4", None),
        ReportNeed("T", "trade", None, "B4", None),
        ReportNeed("T", "place", None, "B4", None),
        ReportNeed("OTHER", "nothing", None, "B4", None),
    ]
    survey = [
        q("integer", "workers", **{"bind::kc:field": "figures.workers"}),
        q("integer", "revenue", **{"bind::kc:field": "figures.capital"}),
        q("text", "trade"),
        q("text", "late", relevant="${nobody} = 1"),
    ]
    settings: Row = {"namespaces": 'kc="http://kcdesk.org/xforms"'}
    with pytest.raises(WorkbookRefused) as caught:
        load_workbook(book(survey, settings=settings), needs=needs)
    told = {(one.code, one.sheet, one.row, one.column) for one in caught.value.problems}
    assert told == {
        ("report_field", "survey", 3, "bind::kc:field"),
        ("report_need", "survey", 6, "name"),
        ("reference", "survey", 5, "relevant"),
    }
    (missing,) = (one for one in caught.value.problems if one.code == "report_need")
    assert (
        missing.message_vi == "báo cáo của tỉnh cần câu «place (B4)», mẫu phiếu không có câu này."
    )
    assert (
        missing.message_en
        == "the province's reports need the question 'place (B4)', which the sheet lacks."
    )
    good = [*survey[:1], q("integer", "revenue", **{"bind::kc:field": "figures.revenue"})]
    good += [q("text", "trade"), q("text", "place")]
    assert load_workbook(book(good, settings=settings), needs=needs).id == "T"


def test_the_shipped_ones_ask_what_reports_need() -> None:
    needs = shipped().report_needs()
    assert {need.questionnaire for need in needs} == {"F01"}
    for file in resource_path("questionnaires").glob("*.xlsx"):
        load_workbook(file, needs=needs)


@pytest.mark.parametrize("written", ["or_other", "or other", "or specify other", "Or_Other"])
def test_one_more_choice_with_a_question_for_it(written: str) -> None:
    survey = [q(f"select_one c {written}", "pick"), q(f"select_multiple c {written}", "many")]
    sheet = open_sheet(load(survey, choices(c=["a", "b"])))
    assert [choice.name for choice in sheet.node("pick").choices] == ["a", "b", "other"]
    assert not sheet.node("pick_other").relevant
    assert sheet.set_value("pick", "other") is None
    assert sheet.set_value("many", "other a") is None
    assert sheet.set_value("pick_other", "Khác hẳn") is None
    assert sheet.node("many_other").relevant
    assert sheet.node("many").value == "a other"
    sheet.set_value("pick", "a")
    assert not sheet.node("pick_other").relevant


def test_one_more_choice_of_no_list() -> None:
    assert ("list", 2, "type") in found(refused([q("select_one nothing or_other", "pick")]))
