"""A new key for a workspace: database, key file, keyring, attachments and backups, safe against a cut at any moment.

Owns the order. What was cut off is finished or forgotten when the workspace is opened next (`keys.change`).
"""

from __future__ import annotations

from functools import partial

from kcdesk.domain.clock import Randomness
from kcdesk.storage.keys import KeySource
from kcdesk.storage.keys.change import KeyChange
from kcdesk.storage.keys.resealing import reseal
from kcdesk.storage.keys.wrapped import Wraps
from kcdesk.storage.workspace import Workspace


def rekey(
    workspace: Workspace, keys: KeySource, *, new: bytes, wraps: Wraps, randomness: Randomness
) -> None:
    """Give `workspace` the key `new`, kept as `wraps` say, and in the keyring when `keys` is one.

    Raises `WorkspaceBusy`, `WorkspaceError`, `NoKey`, OSError; whatever is raised, the workspace opens afterwards.
    """
    workspace.require_alone()
    change = KeyChange(workspace.folder, workspace.id, workspace.key, new, wraps)
    change.announce(randomness)
    workspace.change_key(new)
    change.finish(keys, partial(reseal, workspace.folder, randomness=randomness))
