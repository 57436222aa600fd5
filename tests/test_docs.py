"""The documents against the project: what they link to, name and show exists, and commands are real ones."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from kcdesk import __version__
from kcdesk.cli.arguments import parser

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    (
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *(PROJECT / "resources").rglob("*.md"),
    )
)
DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("*.md"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(\./)?[\w.*-]+(/[\w.*-]+)*/?")
FILE_ENDINGS = (".md", ".py", ".toml", ".lock", ".tsv", ".xlsx", ".sql", ".ttf")


def name_of(document: Path) -> str:
    return document.relative_to(PROJECT).as_posix()


def prose(document: Path) -> str:
    """The text of a document without its fenced blocks."""
    return FENCE.sub("", document.read_text("utf-8"))


def anchors(document: Path) -> set[str]:
    """The headings of a document as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def broken_links(document: Path) -> list[str]:
    broken = []
    for target in LINK.findall(prose(document)):
        file, _, anchor = target.partition("#")
        if "://" in file:
            continue
        there = (document.parent / file).resolve() if file else document
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    return broken


def is_path(words: str) -> bool:
    """Whether the code in a text means a file or folder of the project rather than something else."""
    if not PATH.fullmatch(words) or words in FILE_ENDINGS:
        return False
    if words.startswith("./") or words.endswith(FILE_ENDINGS):
        return True
    first, slash, _ = words.partition("/")
    return bool(slash) and any((base / first).is_dir() for base in (PROJECT, PROJECT / "kcdesk"))


def exists(words: str, near: Path) -> bool:
    """Whether a path is there: from the project, from the package (`domain/`), or from beside the document.

    A name alone (`profile.py`) may stand for the one file of that name in the package.
    """
    bases = (PROJECT, PROJECT / "kcdesk", near.parent)
    pattern = words.removeprefix("./").rstrip("/")
    if any(holds_something(path) for base in bases for path in base.glob(pattern)):
        return True
    return "/" not in words and len(list((PROJECT / "kcdesk").rglob(words))) == 1


def holds_something(path: Path) -> bool:
    """A file, or a folder with files: an empty folder is not in anybody's checkout."""
    return path.is_file() or any(inside.is_file() for inside in path.rglob("*"))


def missing_paths(document: Path) -> list[str]:
    # a command such as `./test tests/sync -k cut` names paths as well
    words = itertools.chain.from_iterable(code.split() for code in CODE.findall(prose(document)))
    return [word for word in words if is_path(word) and not exists(word, document)]


def shown_commands(document: Path) -> list[str]:
    """The lines of the blocks that are marked as shell."""
    blocks = FENCE.findall(document.read_text("utf-8"))
    lines = [line for mark, block in blocks if mark in {"sh", "bash"} for line in block.split("\n")]
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def complaint(arguments: list[str]) -> str:
    """What the command line says against these words; empty when it takes them. Runs nothing."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            parser().parse_args(arguments)
    except SystemExit:
        return said.getvalue() or "shows its help"
    return ""


def help_of(arguments: list[str]) -> str:
    """The help that these words lead to; empty when there is no such command."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            parser().parse_args([*arguments, "--help"])
    except SystemExit as ended:
        return printed.getvalue() if ended.code == 0 else ""
    raise AssertionError("--help ends the program")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_named_files_and_folders_exist(document: Path) -> None:
    assert missing_paths(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_shown_commands_are_real(document: Path) -> None:
    for line in shown_commands(document):
        program, *arguments = shlex.split(line, comments=True)
        if program == "kcdesk":
            assert not complaint(arguments), line
        elif program.startswith("./"):
            assert os.access(PROJECT / program, os.X_OK), line


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_in_sentences_are_real(document: Path) -> None:
    for code in CODE.findall(prose(document)):
        if not code.startswith("kcdesk "):
            continue
        words = code.split()[1:]
        commands = list(itertools.takewhile(lambda word: re.fullmatch(r"[a-z-]+", word), words))
        help_text = help_of([word for word in commands if not word.startswith("-")])
        assert help_text, code
        options = [word for word in words if word.startswith("-")]
        assert all(option in help_text for option in options), code


def test_the_pages_meant_for_everybody_are_there() -> None:
    assert DOCUMENTS
    shown = set(shown_commands(PROJECT / "README.md"))
    assert {"./run", "./test"} <= shown


def test_a_broken_document_is_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# One\n[gone](gone.md) [here](#one) [no](#two) [web](https://example.vn)\n"
        "`kcdesk/gone.py` `kcdesk/cli/` `domain/gone/` `machines/<row>/price` `./gone` `units.tsv`\n",
        "utf-8",
    )
    assert broken_links(document) == ["gone.md", "#two"]
    gone = ["kcdesk/gone.py", "domain/gone/", "./gone", "units.tsv"]
    assert missing_paths(document) == gone


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["demo", "--check"], True),
        (["list", "establishments", "--search", "vang a pao"], True),
        (["demo", "--chekc"], False),
        (["sink"], False),
        (["document"], False),
    ],
)
def test_a_wrong_command_is_found(arguments: list[str], right: bool) -> None:
    assert (complaint(arguments) == "") is right


def test_every_room_stands_in_the_architecture() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    rooms = sorted(path.parent.name for path in (PROJECT / "kcdesk").glob("*/__init__.py"))
    assert rooms
    assert [room for room in rooms if f"\n  {room}/ " not in text] == []


def test_every_folder_of_resources_is_described() -> None:
    text = (PROJECT / "resources" / "README.md").read_text("utf-8")
    folders = [path.name for path in (PROJECT / "resources").iterdir() if path.is_dir()]
    assert folders
    assert [folder for folder in folders if f"| `{folder}/` |" not in text] == []


def test_decisions_have_numbers_and_the_same_parts() -> None:
    numbers = Counter(path.name[:5] for path in DECISIONS)
    assert sorted(numbers) == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        lines = path.read_text("utf-8").splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name
        parts = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], path.name


def test_what_the_code_says_about_documents_is_true() -> None:
    sources = [*(PROJECT / "kcdesk").rglob("*.py"), PROJECT / "pyproject.toml"]
    named = {
        (path.name, name)
        for path in sources
        for name in re.findall(r"docs/[\w/-]+(?:\.md)?", path.read_text("utf-8"))
    }
    assert named
    gone = [(file, name) for file, name in named if not any(PROJECT.glob(f"{name.rstrip('/')}*"))]
    assert gone == []


def test_the_changelog_begins_with_what_is_not_released_or_this_version() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## (.+)$", text, re.MULTILINE)
    assert first is not None
    assert first[1] == "Unreleased" or first[1].startswith(__version__)
