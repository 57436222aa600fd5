"""Table B4 (dossier section 6.3, F25): establishments by legal form, with what they employ and produce."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.value import Value


@dataclass(frozen=True, slots=True)
class B4Row:
    """One legal form. Money in đồng; `avg_wage` weighs each establishment's wage with its workers."""

    legal_form: str
    label: str
    establishments: int
    workers: int
    production_value: int
    revenue: int
    avg_wage: int | None


@dataclass(frozen=True, slots=True)
class B4:
    """Table B4. `rows` in the order of the code list, `total` over all of them.

    in_conflict:      how many of its records have a field in conflict (they count with the provisional value)
    figures_left_out: how many figures were not counted because duplicates that were merged had them twice
    """

    rows: tuple[B4Row, ...]
    total: B4Row
    in_conflict: int
    figures_left_out: int


def table_b4(records: Iterable[Mapping[str, Value]]) -> B4:
    """Table B4 of establishments as lists show them (keys of dossier section 6.2, figures of the latest year)."""
    groups: dict[str, list[Mapping[str, Value]]] = {}
    everything: list[Mapping[str, Value]] = []
    for record in records:
        groups.setdefault(str(record.get("legal_form", "")), []).append(record)
        everything.append(record)
    order = [form.value for form in LegalForm]
    codes = sorted(
        groups, key=lambda code: (order.index(code) if code in order else len(order), code)
    )
    return B4(
        tuple(_row(code, _label(code), groups[code]) for code in codes),
        _row("", "Tổng cộng", everything),
        sum(bool(record.get("conflicts")) for record in everything),
        sum(_count(record, "figures_left_out") for record in everything),
    )


def _row(code: str, label: str, records: list[Mapping[str, Value]]) -> B4Row:
    waged = [
        (_count(record, "avg_wage"), _count(record, "workers_total"))
        for record in records
        if "avg_wage" in record and "workers_total" in record
    ]
    workers_waged = sum(workers for _, workers in waged)
    return B4Row(
        code,
        label,
        len(records),
        sum(_count(record, "workers_total") for record in records),
        sum(_count(record, "production_value") for record in records),
        sum(_count(record, "revenue") for record in records),
        sum(wage * workers for wage, workers in waged) // workers_waged if workers_waged else None,
    )


def _count(record: Mapping[str, Value], key: str) -> int:
    value = record.get(key)
    return value if isinstance(value, int) else 0


def _label(code: str) -> str:
    return next((form.label for form in LegalForm if form == code), code or "Chưa rõ loại hình")
