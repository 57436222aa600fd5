"""What is being typed is on disk by itself, and goes with the change that its form makes, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcdesk.errors import BadInput
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import make, reopen

KIND = "establishments"
A = "01900000-0000-7000-8000-000000000001"
NEED = "01900000-0000-7000-8000-000000000002"


def test_fields_are_kept_one_by_one_and_open_again(folder: Path) -> None:
    form = Form("surveys", NEED, A, {"00000000000000b2": 4}, "F01", "3")
    with make(folder) as workspace:
        workspace.drafts.keep(form, {"name": "Hộ", "x": "1", "row/2/cell": {"typed": "năm"}}, at=5)
        workspace.drafts.keep(form, {"name": "Hộ A"}, ["x", "never there"], at=9)
    with reopen(folder) as workspace:
        draft = workspace.drafts.get("surveys", NEED)
        assert draft is not None
        assert draft.form == form
        assert (draft.began_at, draft.at) == (5, 9)
        assert draft.values == {"name": "Hộ A", "row/2/cell": {"typed": "năm"}}
        assert workspace.drafts.of_establishment("surveys", A) == [draft]
        assert workspace.chain().last_n == 0


def test_a_form_without_anything_typed_has_no_draft(workspace: Workspace) -> None:
    workspace.drafts.keep(Form(KIND, A), {"name": "x"}, at=1)
    workspace.drafts.keep(Form(KIND, A), {}, ["name"], at=2)
    assert workspace.drafts.every() == []
    assert list(workspace.checker.drafts()) == []


def test_the_one_typed_in_last_comes_first(workspace: Workspace) -> None:
    for at, record in ((3, A), (1, NEED)):
        workspace.drafts.keep(Form(KIND, record), {"name": "x"}, at=at)
    assert [draft.form.record for draft in workspace.drafts.every()] == [A, NEED]
    workspace.drafts.keep(Form(KIND, NEED), {"name": "y"}, at=4)
    assert [draft.form.record for draft in workspace.drafts.every()] == [NEED, A]


def test_saving_the_form_takes_its_draft_along(workspace: Workspace) -> None:
    for record in (A, NEED):
        workspace.drafts.keep(Form(KIND, record), {"name": "x"}, at=1)
    workspace.save([Edit(KIND, A, {"name": "x"})], closes=(KIND, A))
    assert [draft.form.record for draft in workspace.drafts.every()] == [NEED]
    workspace.save([Edit(KIND, NEED, {})], closes=(KIND, NEED))  # nothing was new in it
    assert workspace.drafts.every() == []


def test_a_save_that_fails_leaves_the_draft(workspace: Workspace) -> None:
    workspace.drafts.keep(Form(KIND, A), {"name": "x"}, at=1)
    with pytest.raises(BadInput):
        workspace.save([Edit(KIND, A, {"Tên": "x"})], closes=(KIND, A))
    assert len(workspace.drafts.every()) == 1
