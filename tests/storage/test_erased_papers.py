"""The book of papers and waiting pages under an erasure: what is of somebody goes, the rest stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.actions.records import add_record
from kcdesk.changes import Change
from kcdesk.changes.erasing import KIND
from kcdesk.storage.erased_papers import GONE
from tests.conftest import SettableClock
from tests.storage.workspaces import NOW, desk_on, make

NAME = "Đặng Quỳnh Xuyến"


@pytest.fixture
def desk(tmp_path: Path, clock: SettableClock) -> Iterator[Desk]:
    with make(tmp_path / "workspace", clock=clock) as workspace:
        yield desk_on(workspace, clock=clock)


def owner(desk: Desk, name: str) -> str:
    typed = {"name": f"Hộ {name}", "rep_name": name, "commune": "02683"}
    return str(add_record(desk, "establishments", typed).records[0][1])


def test_what_is_of_the_erased_goes_and_what_is_of_others_stays(desk: Desk) -> None:
    mine, other = owner(desk, NAME), owner(desk, "Lò Văn Pao")
    papers = desk.workspace.papers
    for record, of, file, taker in (
        ("n1", mine, "F02_ho-dang.pdf", "Sở Công Thương"),
        ("s1", other, "F01_ho-lo.pdf", f"bà {NAME}"),
    ):
        papers.note(NOW, "copy", "F", record=record, establishment=of, file_name=file, taker=taker)
    papers.keep_unread(NOW, "quet.pdf", 1, b"of mine", "n1")
    papers.keep_unread(NOW, "quet.pdf", 2, b"of other", "s1")
    papers.keep_unread(NOW, "quet.pdf", 3, b"of nobody knows whom")
    plan = plan_erasure(desk, "establishments", mine, ["rep_name"])
    assert (plan.papers, plan.pages) == (2, 1)
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ-KC", paper_date="01/03/2026")
    second, first = papers.all()
    assert (first.file_name, first.taker) == ("", "Sở Công Thương")
    assert (second.file_name, second.taker) == ("F01_ho-lo.pdf", GONE)
    assert [page.picture for page in papers.unread()] == [b"of other"]


def test_an_erasure_of_what_is_not_here_leaves_waiting_pages(desk: Desk) -> None:
    papers = desk.workspace.papers
    papers.keep_unread(NOW, "quet.pdf", 1, b"of nobody knows whom")
    far = "01900000-0000-7000-8000-00000000000f"
    papers.keep_unread(NOW, "quet.pdf", 2, b"of somebody who comes later", far)
    said = {"of_kind": "establishments", "of": far, "fields": ["name"], "paper": "12/QĐ"}
    erasure = Change("00000000000000b2", 1, KIND, "01900000-0000-7000-8000-00000000000e", NOW, said, {})  # type: ignore[arg-type]  # fmt: skip
    desk.workspace.receive([erasure], {})
    assert [page.picture for page in papers.unread()] == [b"of nobody knows whom"]
