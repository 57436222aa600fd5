"""Makes the kept workspace of today's schema: see fixtures/README.md."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kcdesk.actions.importing import import_list
from kcdesk.actions.needs import register_need
from kcdesk.changes import Change
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE, DESCRIPTION_FILE
from kcdesk.storage.schema import applied_steps
from kcdesk.storage.sync_books import Cursor
from tests.storage.workspaces import DIVIDED, NOW, desk_on, make, raw

FIXTURES = Path(__file__).parent / "fixtures"


def keep(fixtures: Path = FIXTURES) -> Path:
    """A workspace with an import, a need, a deletion, a conflict and a refusal; the folder. Raises FileExistsError."""
    with TemporaryDirectory() as temporary:
        made = Path(temporary) / "workspace"
        with make(made) as workspace:
            desk = desk_on(workspace)
            import_list(desk, DIVIDED)
            page = workspace.lists.page("establishments", limit=2)
            first, second = (str(row["id"]) for row in page.records)
            register_need(desk, first, {"purpose": "Mua máy", "total": "320 triệu"})
            workspace.save([Edit("establishments", second, {"deleted": True})])
            named = {"name": "Tên khác"}
            other = Change("00000000000000b2", 1, "establishments", first, NOW, named, {})
            workspace.receive([other], {"area": Cursor(1, bytes(16))})
            chain = workspace.chain()
            workspace.confirm(chain.last_n, chain.last_hash, [(chain.last_n, "no_right")])
        db = raw(made)
        number = len(applied_steps(db))
        db.close()
        folder = fixtures / f"schema-{number:04}"
        folder.mkdir(parents=True)
        for name in (DATABASE_FILE, DESCRIPTION_FILE, "bare.key"):
            shutil.copyfile(made / name, folder / name)
    return folder


if __name__ == "__main__":
    sys.stdout.write(f"{keep()}\n")
