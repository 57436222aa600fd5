"""A province that came back from a backup: noticing its new epoch, and sending again from what it holds.

The numbers stay, and the chain goes on from the hash that the province has and signs. That this hash is of our own
changes is shown by hashing them; where values have been erased since, by the last of them. Leaves to others: what of
its logs is different, which their digests show (`bodies`), and devices the workspace was before (`settling`).
"""

from __future__ import annotations

from kcdesk.changes import chain_start, extend
from kcdesk.changes.erasing import erasure_of, without_erased
from kcdesk.errors import Rejected
from kcdesk.storage.devices.identity import Speaker
from kcdesk.storage.sync_books import Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bodies, protocol
from kcdesk.sync.client import Client
from kcdesk.sync.protocol import AnswerHeader


def is_new_epoch(workspace: Workspace, said: AnswerHeader) -> bool:
    """Whether the answer comes from an epoch that this workspace has never seen."""
    province = workspace.province()
    assert province is not None
    return said.epoch != province.epoch and said.epoch not in workspace.former_epochs()


def follow(
    workspace: Workspace,
    client: Client | None,
    province: Province,
    speaker: Speaker,
    said: AnswerHeader,
) -> int:
    """Follow the province into its new epoch; how many changes of `speaker` it has forgotten, to be sent again.

    With a former device's receipt only these are dealt with: the epoch is that of what the current device was told.
    client: to ask what it holds; None: there are only parcels, and logs are then read again from their start, because
    nothing tells how they differ
    Raises `BadAnswer`, `Rejected` (`other_chain`, `needs_network`), `ServerError`.
    """
    bodies.require_signed(province, speaker.id, said)
    n, h = said.confirmed_n, said.confirmed_hash
    forgotten = max(0, speaker.confirmed_n - n)
    if forgotten:
        if not is_own(workspace, client, speaker, n, h):
            raise _other_chain() if client is not None else _needs_network()
        workspace.send_again(n, h, speaker.id)
    if speaker.id == workspace.device_id:
        if client is None:
            bodies.read_again(workspace, workspace.cursors())
        workspace.follow_epoch(said.epoch)
    return forgotten


def is_own(workspace: Workspace, client: Client | None, speaker: Speaker, n: int, h: bytes) -> bool:
    """Whether `(n, h)`, as the province holds it, is the chain of the changes that `speaker` made here."""
    if extend(chain_start(speaker.id), workspace.own_changes(0, n, speaker.id)) == h:
        return True
    if client is None or n == 0:
        return False
    signature = speaker.sign(protocol.held_statement(speaker.id, n - 1))
    held, theirs = client.held(speaker.id, n - 1, signature)
    last = next((change for change in theirs if change.n == n), None)
    own = next(workspace.own_changes(n - 1, n, speaker.id), None)
    if last is None or own is None or (held.n, held.h) != (n, h):
        return False
    told = [erasure for change in held.erased if (erasure := erasure_of(change)) is not None]
    erased = [*workspace.erasing.every(), *told]
    return without_erased(last, erased).canonical() == without_erased(own, erased).canonical()


def _other_chain() -> Rejected:
    return Rejected(
        "Máy chủ của tỉnh, sau khi khôi phục, giữ những thay đổi khác mang số của máy này.",
        hint="Đồng bộ lại: dữ liệu này sẽ tiếp tục như một thiết bị mới, không mất gì.",
        code="other_chain",
    )


def _needs_network() -> Rejected:
    return Rejected(
        "Máy chủ của tỉnh vừa được khôi phục từ bản sao lưu; máy này phải thống nhất với tỉnh qua mạng một lần.",
        hint="Đồng bộ qua mạng, hoặc mang máy đến trung tâm. Dữ liệu trên máy vẫn đầy đủ.",
        code="needs_network",
    )
