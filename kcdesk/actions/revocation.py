"""What the person at the laptop meets of a revocation: nothing opens any more, and one sentence says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.errors import KeyDestroyed, WorkspaceError
from kcdesk.storage.backups.copying import SECOND_PLACE
from kcdesk.storage.keys import destroying
from kcdesk.storage.keys.destroying import Destruction

if TYPE_CHECKING:  # httpx and cryptography are loaded when somebody syncs
    from kcdesk.actions.desk import Desk
    from kcdesk.sync.protocol import Revocation


@contextmanager
def heeding(desk: Desk) -> Iterator[None]:
    """Around every talk with the province: when it has revoked this device, the key goes and `KeyDestroyed` is raised.

    What anybody else says in its place destroys nothing and is raised as it is.
    """
    from kcdesk.sync.client import Revoked  # noqa: PLC0415

    try:
        yield
    except Revoked as error:
        obey(desk, error.revocation)
        raise


def obey(desk: Desk, said: Revocation | None) -> None:
    """Raises `KeyDestroyed` when the province itself has revoked this device; its key is gone then.

    `WorkspaceError` when nothing can be written in the folder; the next contact tries again.
    """
    from kcdesk.sync import revocation  # noqa: PLC0415

    if said is None or not revocation.believed(desk.workspace, said):
        return
    place = desk.workspace.setting(SECOND_PLACE)
    try:
        destruction = revocation.announce(desk.workspace, said, [place] if place else [])
    except OSError as error:
        raise WorkspaceError(
            "Tỉnh đã thu hồi máy này, nhưng chưa huỷ được khoá vì không ghi được vào thư mục dữ liệu.",
            hint="Kiểm tra quyền ghi và chỗ trống của ổ đĩa, rồi liên hệ trung tâm.",
            code="read_only",
        ) from error
    raise _finish(desk.workspace.folder, destruction)


def require_key(folder: Path) -> None:
    """At the start of whatever opens a workspace: raises `KeyDestroyed` where its key was destroyed.

    What a cut left is finished, and the province told if it does not know yet.
    """
    destruction = destroying.announced(folder)
    if destruction is not None:
        raise _finish(folder, destruction)


def _finish(folder: Path, destruction: Destruction) -> KeyDestroyed:
    """Bring a destruction to its end, tell the province once it is done; what the person is told."""
    from kcdesk.sync import revocation  # noqa: PLC0415

    done = destroying.finish(folder, destruction)
    if done:
        revocation.tell(folder, destruction)
    return destroying.destroyed(destruction, done=done)
