"""Settling with the province what a workspace made as devices it no longer is.

For each former device, oldest first: find how far what it made here and what the province holds of it agree, deliver
the rest under its own numbers, or under those of a branch where the province holds other changes (or a closed device)
there; then say which device comes after it. Nothing of a later device is sent before. Every step may be repeated, by
this workspace after a cut as by any copy of it: the numbers are the same for all, so nothing is lost or doubled.

Leaves to others: the keys, branching and what is settled (`storage.identity`), the exchange (`engine`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from kcdesk.changes import chain_start, extend
from kcdesk.changes.erasing import erasure_of, without_erased
from kcdesk.errors import Rejected
from kcdesk.storage.devices.identity import Speaker, token_of
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bodies, protocol
from kcdesk.sync.client import Client
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.protocol import ContinueRequest, Held
from kcdesk.sync.restored import is_own

COPY_CODES = ("continued", "other_chain")
"""What the province answers a device of which another copy is in use."""
TRIES = 8
"""Times that copies of one folder may get in each other's way before this pass ends."""
_END = 1 << 53
"""No device has such a number."""

Deliver = Callable[[str], None]
"""Carry out exchanges as the device with this id until the province holds what it made here."""


def settle(workspace: Workspace, client: Client, deliver: Deliver) -> None:
    """Settle all former devices, then speak as the current one. Raises `ServerError`, `BadBody`, `Cancelled`."""
    while former := workspace.identity.predecessors(unsettled_only=True):
        device = former[0].id
        client.speak_with(former[0].token)
        _bring_home(workspace, client, device, deliver)
        workspace.end_exchange()
        former = workspace.identity.predecessors(unsettled_only=True)
        successor = former[1] if len(former) > 1 else workspace.identity.speaker()
        _hand_over(workspace, client, former[0], successor)
        workspace.identity.settle(device)
    client.speak_with(workspace.identity.speaker().token)


def _bring_home(workspace: Workspace, client: Client, device: str, deliver: Deliver) -> None:
    """Have the province hold all that `device` made here, as far as that can be under its name; the rest branches."""
    faster: Rejected | None = None
    for _ in range(TRIES):
        speaker = workspace.identity.speaker(device)
        held = _ask(client, speaker, speaker.confirmed_n)
        if held.n < speaker.confirmed_n and is_own(workspace, client, speaker, held.n, held.h):
            workspace.send_again(held.n, held.h, device)  # the province has come back from a backup
            speaker = workspace.identity.speaker(device)
        fits = held.n <= speaker.last_n and _chain_at(workspace, speaker, held.n) == held.h
        n = held.n if fits else _common(workspace, client, speaker, held)
        refused = bodies.reasons(refusal for refusal in held.refusals if refusal.n <= n)
        h = _chain_at(workspace, speaker, n)
        workspace.confirm(n, h, refused, device)
        if n == speaker.last_n:
            _branch_off_found(workspace, device, max((n, h), (held.n, held.h)))
            return
        if held.closed or not fits:
            workspace.fork(device, n, h)
            return
        try:
            deliver(device)
        except Rejected as error:
            if error.code not in COPY_CODES:
                raise
            workspace.end_exchange()
            faster = error
    raise faster or Rejected(
        "Máy chủ của tỉnh chưa nhận hết các thay đổi mà dữ liệu này đã ghi bằng thiết bị cũ.",
        hint="Đồng bộ lại sau; nếu vẫn vậy, báo cho trung tâm: có thể máy chủ vừa được khôi phục từ bản sao lưu cũ.",
        code="province_behind",
    )


def _branch_off_found(workspace: Workspace, device: str, home: tuple[int, bytes]) -> None:
    """What a recovery has found behind missing changes, and the province has not, gets the numbers of a branch.

    home: number and chain up to which all is at the province
    """
    n, h = home
    if next(workspace.own_changes(n, _END, device), None) is not None:
        workspace.fork(device, n, h)


def _common(workspace: Workspace, client: Client, speaker: Speaker, held: Held) -> int:
    """The newest number under which both hold the same change; what lies before it is then the same too.

    What has been erased since, here or there, counts as the same.
    """
    told = [erasure for change in held.erased if (erasure := erasure_of(change)) is not None]
    erased = [*workspace.erasing.every(), *told]
    common = after = min(speaker.confirmed_n, held.n)
    while True:
        theirs = client.held(speaker.id, after, _signature(speaker, after))[1]
        if not theirs:
            return common
        after = theirs[-1].n
        own = workspace.own_changes(common, min(after, speaker.last_n), speaker.id)
        canonical = {change.n: without_erased(change, erased).canonical() for change in own}
        same = [
            change.n
            for change in theirs
            if canonical.get(change.n) == without_erased(change, erased).canonical()
        ]
        common = max(same, default=common)
        if after >= speaker.last_n:
            return common


def _hand_over(workspace: Workspace, client: Client, speaker: Speaker, successor: Speaker) -> None:
    answer = client.continue_as(continues(speaker, successor))
    token = successor.token or token_of(successor.signing_key)
    if answer.token_expires_at:
        workspace.identity.renew_token(successor.id, token, answer.token_expires_at)
    else:  # of a province that does not tell
        workspace.identity.keep_token(successor.id, token)


def continues(speaker: Speaker, successor: Speaker) -> ContinueRequest:
    """A device's word that another one comes after it, signed by both."""
    token = successor.token or token_of(successor.signing_key)
    token_hash = hashlib.sha256(token.encode()).digest()
    recipient = recipient_of(parcel_identity(successor.signing_key))
    statement = protocol.continue_statement(speaker.id, successor.id, recipient, token_hash)
    return ContinueRequest(
        speaker.id,
        successor.id,
        successor.public_key,
        recipient,
        token_hash,
        speaker.sign(statement),
        successor.sign(statement),
    )


def _ask(client: Client, speaker: Speaker, after: int) -> Held:
    return client.held(speaker.id, after, _signature(speaker, after), changes=False)[0]


def _signature(speaker: Speaker, after: int) -> bytes:
    return speaker.sign(protocol.held_statement(speaker.id, after))


def _chain_at(workspace: Workspace, speaker: Speaker, n: int) -> bytes:
    """The chain of a device after its change `n` here."""
    if n == speaker.last_n:
        return speaker.last_hash
    start, h = speaker.confirmed_n, speaker.confirmed_hash
    if n < start:
        start, h = 0, chain_start(speaker.id)
    return extend(h, workspace.own_changes(start, n, speaker.id))
