"""What importing a list would do, in figures: facts, stated totals beside computed ones, the table of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QFrame, QWidget

from kcdesk.domain.code_lists import label_of
from kcdesk.domain.money import MoneyUnit, format_in, format_vnd
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column
from kcdesk.ui.widgets.parts import card, heading, label, restyle

if TYPE_CHECKING:
    from kcdesk.actions.import_report import ImportReport
    from kcdesk.importing.cells import CellFinding
    from kcdesk.importing.plan import ImportPlan


def facts_card(screen: QWidget, plan: ImportPlan) -> QFrame:
    """What would be taken in."""
    tr = screen.tr
    forms = "; ".join(
        f"{label_of('legal_form', form) if form else tr('chưa rõ')}: {format_vnd(count)}"
        for form, count in plan.by_legal_form.items()
    )
    basis = label_of("figure_basis", plan.basis.value).lower()
    year = f"{plan.year} ({basis})" if plan.year is not None else tr("danh sách không ghi năm")
    resolved = sum(use.new is not None for use in plan.communes)
    if plan.kind.by_year:
        years = sorted({str(row.figures["year"]) for row in plan.rows})
        return card(
            heading(tr("Sẽ nhập")),
            _facts(
                [
                    (tr("Tệp, trang tính"), f"{plan.source}, {plan.sheet}"),
                    (tr("Số liệu sẽ nhập"), format_vnd(len(plan.added))),
                    (tr("Đã có, không nhập lại"), format_vnd(len(plan.rows) - len(plan.added))),
                    (tr("Của số cơ sở"), format_vnd(len(plan.records))),
                    (tr("Của các năm"), ", ".join(years)),
                    (tr("Dòng không nhập được"), format_vnd(len(plan.rejected))),
                ]
            ),
            None,
        )
    facts = [
        (tr("Tệp, trang tính"), f"{plan.source}, {plan.sheet}"),
        (tr("Cơ sở sẽ nhập"), format_vnd(len(plan.added))),
        (
            tr("Đã có, không nhập lại"),
            format_vnd(len(plan.rows) - len(plan.added)),
        ),
        (tr("Theo loại hình"), forms),
        (tr("Lao động"), format_vnd(plan.sum_of("workers"))),
        (
            tr("Giá trị sản xuất"),
            tr("{0} tỷ đồng").format(format_in(plan.sum_of("production_value"), MoneyUnit.TY)),
        ),
        (tr("Số liệu của năm"), year),
        (
            tr("Xã, phường cũ"),
            tr("{0} nơi, {1} đã rõ nay thuộc đâu").format(len(plan.communes), resolved),
        ),
        (tr("Chờ chọn xã, phường"), format_vnd(len(plan.undecided))),
        (tr("Dòng không nhập được"), format_vnd(len(plan.rejected))),
    ]
    return card(heading(tr("Sẽ nhập")), _facts(facts), None)


def totals_card(screen: QWidget, plan: ImportPlan) -> QFrame:
    """The totals that the list states, beside those of its rows."""
    lines: list[QWidget] = []
    for part in plan.sheets:
        for total in part.totals:
            on_sheet = f"{part.sheet}: " if plan.parts else ""
            line = label(f"{on_sheet}{total.sentence}", wrap=True)
            restyle(line, "note", "good" if total.agrees else "error")
            lines.append(line)
    return card(heading(screen.tr("Tổng ghi trong danh sách, so với tổng từ các dòng")), *lines)


def finding_columns(screen: QWidget) -> list[Column[CellFinding]]:
    """Where something was found, how much it matters, and what it is."""
    tr = screen.tr

    def colour(found: CellFinding) -> str:
        return theme.BAD if found.finding.level == "hard" else theme.WARN

    return [
        Column(tr("Dòng"), lambda f: str(f.row or ""), 70, number=True),
        Column(tr("Cột"), lambda f: str(f.column or ""), 60),
        Column(tr("Trang"), lambda f: f.sheet, 120),
        Column(
            tr("Mức"),
            lambda f: tr("không nhập") if f.finding.level == "hard" else tr("lưu ý"),
            110,
            colour=colour,
        ),
        Column(tr("Nhận xét"), lambda f: f"{f.finding.message} {f.finding.hint}".strip()),
    ]


def what_would_be(
    screen: QWidget, plan: ImportPlan, added: int, updated: int, accepted: int
) -> str:
    """In one sentence what taking the list in would do, as decided so far; or what has to be decided first.

    accepted: how many records that are there have a soft finding accepted
    """
    tr = screen.tr
    noun, count = plan.kind.noun, format_vnd(added)
    if plan.open_encodings:
        letters = ", ".join(typed.letter for typed in plan.open_encodings)
        return tr("Chọn bảng mã của cột {0} trước khi nhập.").format(letters)
    if updated:
        return tr("Sẽ nhập {0} {1}, cập nhật {2} từ {3}. Chưa ghi gì cả.").format(
            count, noun, format_vnd(updated), plan.source
        )
    if accepted and not added:
        return tr("Sẽ ghi lý do chấp nhận vào {0} hồ sơ đã có. Chưa ghi gì cả.").format(
            format_vnd(accepted)
        )
    if plan.rejected and not added:
        return tr("Không có gì mới để nhập từ {0}; {1} dòng chưa nhập được.").format(
            plan.source, format_vnd(len(plan.rejected))
        )
    return tr("Sẽ nhập {0} {1} từ {2}. Chưa ghi gì cả.").format(count, noun, plan.source)


def taken_in(screen: QWidget, report: ImportReport) -> str:
    """What was done, in one sentence."""
    return screen.tr("Đã nhập {0} {1}.").format(format_vnd(report.imported), report.plan.kind.noun)


def afterwards(screen: QWidget, report: ImportReport) -> str:
    """What else there is to say when a list was taken in."""
    tr = screen.tr
    said = []
    if report.updated:
        updated = format_vnd(report.updated)
        said.append(tr("Đã cập nhật {0} {1}.").format(updated, report.plan.kind.noun))
    if report.accepted:
        said.append(tr("Đã ghi lý do chấp nhận vào {0} hồ sơ.").format(format_vnd(report.accepted)))
    if report.plan.rejected:
        said.append(
            tr("{0} dòng chưa nhập được còn ở dưới đây, lưu ra tệp để sửa.").format(
                format_vnd(len(report.plan.rejected))
            )
        )
    if report.plan.undecided:
        said.append(tr("{0} cơ sở chờ chọn xã, phường (F8).").format(len(report.plan.undecided)))
    return " ".join(said)


def _facts(facts: list[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(theme.SPACE)
    form.setVerticalSpacing(theme.GAP)
    for name, value in facts:
        form.addRow(label(name, quiet=True), label(value, wrap=True))
    return form
