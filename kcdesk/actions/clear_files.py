"""Files that leave the encrypted workspace because a person said so."""

from __future__ import annotations

from pathlib import Path

from kcdesk.errors import BadInput


def write_clear_file(path: Path, content: bytes, *, make_folder: bool = False) -> None:
    """Write a file that everybody can read; `make_folder`: and the folder for it. Raises `BadInput`."""
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError:
        raise BadInput(
            f"Không ghi được tệp “{path}”.",
            hint="Kiểm tra thư mục và quyền ghi, hoặc đóng tệp nếu đang mở.",
            code="unwritable",
        ) from None
