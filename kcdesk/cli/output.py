"""What commands print: one JSON document, or short lines for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping

from kcdesk.domain.findings import Finding
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError


def print_json(document: Mapping[str, object]) -> None:
    """One JSON document on standard output, letters as they are."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def say(*lines: str) -> None:
    """Lines for people on standard output."""
    for line in lines:
        sys.stdout.write(line + "\n")


def tell(line: str) -> None:
    """A line for people on standard error: progress and findings, which never mix with output."""
    sys.stderr.write(line + "\n")


def tell_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        tell(f"Lưu ý: {finding.message}")


def print_error(error: KcdeskError, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, object] = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
        }
        if error.details:
            told["problems"] = [dict(each) for each in error.details]
        print_json({"error": told})
    tell(error.message)
    if len(error.details) > 1:
        for each in error.details:
            tell(f"  {each['sentence']}")
    if error.hint:
        tell(error.hint)


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as lines with aligned columns; the last column runs free."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return [
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]


def shown(value: Value) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
