"""Workbooks with formulas, as Excel saves them: each with the value that it had last."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

_SHEET = "xl/worksheets/sheet1.xml"


def give_values(path: Path, values: Mapping[str, str]) -> None:
    """Put the value of formulas (cell -> number as text) into the first sheet: openpyxl writes none."""
    made = path.with_suffix(".made")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name).decode() if name == _SHEET else before.read(name)
            if isinstance(content, str):
                for cell, value in values.items():
                    content, count = re.subn(
                        rf'(<c r="{cell}"[^>]*>\s*<f>[^<]*</f>\s*)<v\s*(?:/>|></v>)',
                        rf"\g<1><v>{value}</v>",
                        content,
                    )
                    assert count == 1, cell
            after.writestr(name, content)
    shutil.move(made, path)
