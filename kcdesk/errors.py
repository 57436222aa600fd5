"""Expected trouble, in one tree; everything else is a bug of ours and keeps its trace.

An error carries facts. `message` is the one clear Vietnamese sentence for the user (what is wrong, and where);
`hint` says what to do next. `code` is stable and goes on the wire and into `--json` output.

    KcdeskError
    ├── BadInput            a file, value or answer from outside that we cannot take
    ├── NotFound            no such record, form, area, questionnaire
    ├── WorkspaceError      the workspace cannot be opened, read or written
    │   ├── WrongKey        the key does not open the file (or the file is no workspace: SQLCipher cannot tell)
    │   ├── NoKey           no keyring and no passphrase, keyring locked
    │   ├── KeyDestroyed    the province revoked the device: the key is gone for good
    │   ├── WorkspaceBusy   another process holds it
    │   └── ChangesMissing  this computer has seen more changes than the file holds
    ├── ServerError         the province
    │   ├── Unreachable     no answer, cut, time-out
    │   ├── BadAnswer       an answer that is not ours
    │   └── Rejected        the province understood and said no
    └── Cancelled           the user stopped it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class KcdeskError(Exception):
    """Base of all expected trouble.

    >>> error = KcdeskError("Không mở được tệp a.xlsx.", hint="Kiểm tra lại tệp.")
    >>> error.message, error.hint, error.code
    ('Không mở được tệp a.xlsx.', 'Kiểm tra lại tệp.', 'error')

    details: every single thing that is wrong, as facts with a `sentence`, where there may be several
    """

    code = "error"
    details: Sequence[Mapping[str, str | int | None]] = ()

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class BadInput(KcdeskError):
    code = "bad_input"


class NotFound(KcdeskError):
    code = "not_found"


class WorkspaceError(KcdeskError):
    code = "workspace"


class WrongKey(WorkspaceError):
    code = "wrong_key"


class NoKey(WorkspaceError):
    code = "no_key"


class KeyDestroyed(WorkspaceError):
    code = "key_destroyed"


class WorkspaceBusy(WorkspaceError):
    code = "workspace_busy"


class ChangesMissing(WorkspaceError):
    """The file is older than what this computer has seen of it, or has lost its end.

    device:  whose changes are missing, `first_n` to `last_n`
    from_at: when the newest change in the file was made;  to_at: when the newest known one was (ms UTC)
    """

    code = "changes_missing"

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        device: str,
        first_n: int,
        last_n: int,
        from_at: int,
        to_at: int,
    ) -> None:
        super().__init__(message, hint=hint)
        self.device = device
        self.first_n, self.last_n = first_n, last_n
        self.from_at, self.to_at = from_at, to_at


class ServerError(KcdeskError):
    code = "server"


class Unreachable(ServerError):
    """wait_s: how many seconds who answered asks to wait; 0: nothing was said of it."""

    code = "unreachable"
    wait_s = 0.0


class BadAnswer(ServerError):
    code = "bad_answer"


class Rejected(ServerError):
    code = "rejected"


class Cancelled(KcdeskError):
    code = "cancelled"
