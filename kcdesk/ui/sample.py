"""A workspace that shows something on every screen: for pictures and for tests of the window.

Everything in it is invented or comes from the sample lists that kcdesk ships.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.desk import Desk, create_desk, open_desk
from kcdesk.actions.importing import import_establishments
from kcdesk.actions.records import list_records, set_fields
from kcdesk.domain.clock import Clock, Randomness, system_randomness
from kcdesk.resources import resource_path
from kcdesk.storage.sync_books import Province

AREA = "old:10"
PERSON = "Nguyễn Thị Hoa"
COLLEAGUE = "Lò Văn Sơn"
REGISTER = resource_path("samples", "lao-cai-register.xlsx")
DIVIDED = resource_path("samples", "dia-ban-chia-tach.xlsx")


@dataclass(frozen=True, slots=True)
class Sample:
    """A workspace in `folder`, opened with the passphrase in a file beside it."""

    folder: Path
    clock: Clock
    randomness: Randomness = system_randomness

    @property
    def passphrase_file(self) -> Path:
        return self.folder / "mat-khau.txt"

    @property
    def workspace(self) -> Path:
        return self.folder / "du-lieu"

    def create(self, person: str = PERSON) -> Desk:
        """Make the workspace and open it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.passphrase_file.write_text("mật khẩu của bản thử\n", "utf-8")
        return create_desk(
            self.workspace,
            person=person,
            areas=[AREA],
            passphrase_file=self.passphrase_file,
            clock=self.clock,
            randomness=self.randomness,
        )

    def open(self) -> AbstractContextManager[Desk]:
        return open_desk(
            self.workspace,
            passphrase_file=self.passphrase_file,
            clock=self.clock,
            randomness=self.randomness,
        )


def fill(desk: Desk) -> None:
    """The register, and a list with addresses in communes that were divided."""
    import_establishments(desk, REGISTER)
    import_establishments(desk, DIVIDED)


def disagree(desk: Desk, colleague: Desk) -> str:
    """An establishment of which two devices say different things without knowing of each other; its id.

    Both desks lie in this process, so their changes are handed over directly.
    """
    record = str(list_records(desk, "establishments", search="vang a pao").records[0].row["id"])
    colleague.workspace.receive(desk.workspace.history("establishments", record), {})
    before = colleague.workspace.chain().last_n
    set_fields(colleague, "establishments", record, {"phone": "0912 345 678", "email": ""})
    set_fields(desk, "establishments", record, {"phone": "0987 654 321"})
    own = colleague.workspace.own_changes(before, colleague.workspace.chain().last_n)
    desk.workspace.know_devices({colleague.workspace.device_id: colleague.workspace.person})
    desk.workspace.receive(own, {})
    return record


def deliver(desk: Desk) -> None:
    """As if the province had taken everything but the newest change, and one more was made since.

    It never answers: there is no such server.
    """
    workspace = desk.workspace
    refused, waiting = list_records(desk, "establishments", limit=2).records
    set_fields(desk, "establishments", str(refused.row["id"]), {"note": "Sửa thử"})
    chain = workspace.chain()
    workspace.join_province(
        Province(
            "https://tinh.example",
            "Trung tâm Khuyến công tỉnh Lào Cai",
            "1",
            bytes(32),
            "",
            "officer",
            desk.clock(),
            desk.clock(),
        )
    )
    workspace.confirm(chain.last_n, chain.last_hash, [(chain.last_n, "no_area")])
    set_fields(desk, "establishments", str(waiting.row["id"]), {"note": "Chưa gửi"})
