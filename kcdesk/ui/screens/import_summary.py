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
    for total in plan.totals:
        line = label(total.sentence, wrap=True)
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
        Column(
            tr("Mức"),
            lambda f: tr("không nhập") if f.finding.level == "hard" else tr("lưu ý"),
            110,
            colour=colour,
        ),
        Column(tr("Nhận xét"), lambda f: f"{f.finding.message} {f.finding.hint}".strip()),
    ]


def afterwards(screen: QWidget, report: ImportReport) -> str:
    """What else there is to say when a list was taken in."""
    tr = screen.tr
    said = []
    if report.updated:
        said.append(tr("Đã cập nhật {0} cơ sở.").format(format_vnd(report.updated)))
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
