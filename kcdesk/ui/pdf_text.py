"""The text of a PDF as a reader program sees it: to check a printed paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtPdf import QPdfDocument

from kcdesk.errors import BadInput


def pdf_pages(path: Path) -> list[str]:
    """The text of each page. Raises `BadInput` for what is no PDF."""
    document = QPdfDocument()
    if document.load(str(path)) != QPdfDocument.Error.None_:
        raise BadInput(f"Tệp “{path}” không phải là PDF đọc được.", hint="In lại giấy tờ này.")
    return [document.getAllText(page).text() for page in range(document.pageCount())]
