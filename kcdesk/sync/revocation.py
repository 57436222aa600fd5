"""A device that the province revoked: its word is judged, and the key of the workspace is destroyed.

Somebody may answer in the server's place, so only a statement counts that is signed by the pinned key of the province
and names a device by which this workspace speaks. What the device says of it to the province is signed before the key
is gone, for the signing key goes with it. Leaves to others: which keys there are (`storage.keys.destroying`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from kcdesk.errors import ServerError
from kcdesk.storage.keys import destroying
from kcdesk.storage.keys.destroying import Destruction
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import protocol, trust
from kcdesk.sync.client import Client
from kcdesk.sync.protocol import KeyDestroyed, Revocation


def believed(workspace: Workspace, said: Revocation | None) -> bool:
    """Whether the province itself has revoked a device as which this workspace speaks.

    A former device that is settled does not count: it may have been revoked because another copy was lost.
    """
    province = workspace.province()
    if said is None or province is None:
        return False
    speaking = {each.id for each in workspace.identity.predecessors(unsettled_only=True)}
    statement = protocol.revocation_statement(said.device, said.at)
    return said.device in {*speaking, workspace.device_id} and protocol.is_signed(
        province.public_key, said.signature, statement
    )


def announce(workspace: Workspace, said: Revocation, places: Sequence[str]) -> Destruction:
    """Write down that the key of an open workspace is to be destroyed, by a statement that is believed.

    places: where a second place of backups may hold key files. From now on the workspace does not open again. Raises
    OSError.
    """
    province = workspace.province()
    speaker = workspace.identity.speaker(said.device)
    signature = speaker.sign(protocol.destroyed_statement(said.device, said.at))
    return destroying.announce(
        workspace.folder,
        workspace.key,
        Destruction(
            said.device,
            province.name if province is not None else "",
            province.url if province is not None else "",
            said.at,
            signature.hex(),
            places=tuple(places),
            ca=workspace.setting(trust.SETTING) or "",
        ),
    )


def tell(
    folder: Path, destruction: Destruction, transport: httpx.BaseTransport | None = None
) -> None:
    """Tell the province once that the key is gone; without a line it stays to be told. Never raises for that."""
    if destruction.told or not destruction.url:
        return
    said = KeyDestroyed(
        destruction.device, destruction.revoked_at, bytes.fromhex(destruction.signature)
    )
    with suppress(ServerError, OSError):
        with Client(destruction.url, transport=transport, ca=destruction.ca) as client:
            client.key_destroyed(said)
        destroying.note_told(folder, destruction)
