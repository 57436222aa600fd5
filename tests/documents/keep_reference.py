"""The kept positions of each form: first words of lines and rules, in millimetres from the top left corner.

`python -m tests.documents.keep_reference` writes them anew; look at the pictures before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.documents.papers import IDS, MM, read

REFERENCE = Path(__file__).with_name("reference")


def positions(name: str, *, blank: bool) -> list[list[Any]]:
    """For each page `[text, left, top]` of each line of words, and `[kind, left, top, right, bottom]` of each rule."""
    pages = []
    for page in read(name, blank=blank):
        here: list[Any] = [
            [line["text"][:40], round(line["x0"] / MM, 1), round(line["top"] / MM, 1)]
            for line in page.extract_text_lines(return_chars=False)
        ]
        here += [
            ["rule", *(round(rule[side] / MM, 1) for side in ("x0", "top", "x1", "bottom"))]
            for rule in page.lines
        ]
        pages.append(here)
    return pages


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for form in IDS:
        for empty in (False, True):
            path = REFERENCE / f"{form}-{'blank' if empty else 'filled'}.json"
            text = json.dumps(
                positions(form, blank=empty), ensure_ascii=False, separators=(",", ":")
            )
            path.write_text(text.replace("],[", "],\n["), "utf-8")
