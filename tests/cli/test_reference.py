"""docs/cli.md says what the command line does, and every command can be asked for help."""

from __future__ import annotations

import pytest

from kcdesk.cli import main
from kcdesk.cli.arguments import parser
from kcdesk.cli.reference import _commands, markdown
from tests.cli.conftest import ROOT

COMMANDS = [" ".join(words) for words, _ in _commands(parser())]


def test_the_page_is_that_of_the_program() -> None:
    """After a change: python -m kcdesk.cli.reference > docs/cli.md"""
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == markdown()


def test_every_command_stands_there() -> None:
    page = markdown()
    assert len(COMMANDS) == len(set(COMMANDS)) > 20
    for words in COMMANDS:
        assert f"\n## {words}\n" in page
        assert f"\nkcdesk {words}" in page
    assert "None" not in page


@pytest.mark.parametrize("words", ["", *COMMANDS])
def test_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*words.split(), "--help"])
    assert stopped.value.code == 0
    assert f"kcdesk {words}".strip() in capsys.readouterr().out


WRONG = [
    "nothing",
    "init",
    "init --name Lan",
    "import establishments",
    "import schemes a.xlsx",
    "list",
    "list establishments --limit many",
    "list establishments --where name",
    "list establishments --where =x",
    "show establishments",
    "set establishments 1",
    "set establishments 1 phone",
    "add establishments",
    "resolve establishments 1 phone",
    "resolve establishments 1 phone --pick a --value b",
    "communes",
    "questionnaire fill F01 a.json",
    "document print F02 -o a.pdf",
    "document print F02 --record 1",
    "document print F02 --record 1 --blank -o a.pdf",
    "report B99",
    "join --server x",
    "server",
    "server user Lan --role king",
    "status --nothing",
]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words.split())
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "kcdesk" in err
