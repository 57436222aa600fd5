"""Invented records for each form: to see a paper whose records are still to come, and to try an edited form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kcdesk.documents.form import Form
from kcdesk.documents.issuer import Issuer, Signer

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples" / "documents"
ISSUERS = {
    "centre": Issuer(
        "Trung tâm Khuyến công và Tư vấn phát triển công nghiệp",
        "Sở Công Thương tỉnh Lào Cai",
        "TTKC",
        "Lào Cai",
        Signer("Lê Thị Thu Hường", "Phó Giám đốc", "KT. GIÁM ĐỐC"),
    ),
    "department": Issuer(
        "Sở Công Thương",
        "Ủy ban nhân dân tỉnh Lào Cai",
        "SCT",
        "Lào Cai",
        Signer("Đỗ Mạnh Cường", "Giám đốc"),
    ),
    "commune": Issuer(
        "Ủy ban nhân dân xã Mường Hum",
        "",
        "UBND",
        "Mường Hum",
        Signer("Sùng A Lềnh", "Chủ tịch", "TM. ỦY BAN NHÂN DÂN"),
    ),
}


def sample_record(form: Form) -> dict[str, Any]:
    """The invented record of a form: what all have in common, then its own. A form without a sample has the former."""
    record = _read("common.json") | _read(f"{form.id}.json")
    return {
        key: value for key, value in record.items() if key in form.fields or key == "report_tables"
    }


def sample_issuer(form: Form) -> Issuer | None:
    return ISSUERS.get(form.office) if form.family == "A" else None


def _read(name: str) -> dict[str, Any]:
    path = SAMPLES / name
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}
