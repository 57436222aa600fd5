"""How many bytes the changes that wait would be on the line, before any is sent."""

from __future__ import annotations

from collections.abc import Iterator

from kcdesk.storage.devices.identity import Speaker
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.bodies import size_of

HEADER_BYTES = 500
"""What goes with each body, about."""


def amount_to_send(workspace: Workspace) -> int:
    """Bytes of the bodies that the next pass sends, packed as they will be; 0 where nothing waits."""
    speakers = [*workspace.identity.predecessors(unsettled_only=True), workspace.identity.speaker()]
    return sum(_amount(workspace, speaker) for speaker in speakers)


def _amount(workspace: Workspace, speaker: Speaker) -> int:
    total = 0
    for n in range(speaker.confirmed_n, speaker.last_n, protocol.EXCHANGE_CHANGES):
        up_to = min(speaker.last_n, n + protocol.EXCHANGE_CHANGES)
        sections = _sections(workspace, speaker, n, up_to)
        total += HEADER_BYTES + sum(map(len, packing.frame(sections)))
    return total


def _sections(workspace: Workspace, speaker: Speaker, after: int, up_to: int) -> Iterator[bytes]:
    changes = workspace.own_changes(after, up_to, speaker.id)
    for group in packing.grouped(changes, size_of):
        yield protocol.encode(protocol.Sent(packing.to_columns(group), speaker.last_hash))
