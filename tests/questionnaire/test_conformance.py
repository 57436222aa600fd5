"""Expressions give what JavaRosa 5.1.0 or ODK Web Forms 0.22.0 give; what differs on purpose is written down.

`engines/agreed.tsv` and `engines/different.tsv` hold what those engines answered over `engines/document.xml`. Where a
Java development kit is present the answers of JavaRosa are asked for again.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from kcdesk.errors import BadInput
from kcdesk.questionnaire import evaluate
from tests.questionnaire.books import Chance, clock

ENGINES = Path(__file__).parent / "engines"
AT = "/data/result"


def rows(name: str) -> list[dict[str, str]]:
    with (ENGINES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


DOCUMENT = (ENGINES / "document.xml").read_text("utf-8")
INSTANCE = re.search(r"<instance>(.*?)</instance>", DOCUMENT, re.DOTALL)
COLOURS = re.search(r'<instance id="colours">(.*?)</instance>', DOCUMENT, re.DOTALL)
AGREED = rows("agreed.tsv")
DIFFERENT = rows("different.tsv")


def ours(expression: str) -> str:
    assert INSTANCE
    assert COLOURS
    try:
        return evaluate(
            expression,
            INSTANCE[1],
            at=AT,
            clock=clock,
            randomness=Chance(),
            choice_lists={"colours": COLOURS[1]},
            language="en",
        )
    except BadInput:
        return "error"


@pytest.mark.parametrize("row", AGREED, ids=[row["expression"] for row in AGREED])
def test_gives_what_another_engine_gives(row: dict[str, str]) -> None:
    assert ours(row["expression"]) == row["result"]


@pytest.mark.parametrize("row", DIFFERENT, ids=[row["expression"] for row in DIFFERENT])
def test_differs_as_written_down(row: dict[str, str]) -> None:
    assert ours(row["expression"]) == row["kcdesk"]


def test_javarosa_still_says_so() -> None:
    if shutil.which("javac") is None:
        pytest.skip("no Java development kit on this machine")
    package = find_spec("pyxform")
    assert package is not None
    assert package.origin is not None
    jar = Path(package.origin).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    expected = [row for row in AGREED if "JavaRosa" in row["given by"]]
    asked = subprocess.run(
        [
            *("java", "-Duser.timezone=Asia/Ho_Chi_Minh", "-Duser.language=en"),
            *("-cp", str(jar), str(ENGINES / "Evaluate.java"), str(ENGINES / "document.xml")),
        ],
        input="".join(f"{AT}\t{row['expression']}\n" for row in expected),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    answers = [
        "error" if line.startswith("!") else line[1:]
        for line in asked.stdout.split("\n")[: len(expected)]
    ]
    assert answers == [row["result"] for row in expected]
