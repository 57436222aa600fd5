"""The device's bodies: packing what goes to the province, and taking in what it says.

Owns what a device believes of an answer and what it keeps of it. Leaves to others: getting bytes there and back
(`engine`, `client`), the packing itself (`format`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kcdesk import __version__
from kcdesk.changes import Change, extend
from kcdesk.domain.clock import Randomness
from kcdesk.errors import BadAnswer, Rejected
from kcdesk.storage.devices.identity import Speaker
from kcdesk.storage.former_devices import Former
from kcdesk.storage.sync_books import Cursor, Exchange, Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import AnswerHeader, End, Received, Refusal
from kcdesk.sync.tail import with_tail

UNREAD = Cursor(0, protocol.NO_DIGEST)
_END = 1 << 53
"""Further than any log."""


def begin(
    workspace: Workspace,
    speaker: Speaker,
    province: Province,
    randomness: Randomness,
    byte_limit: int,
    *,
    reads: bool = True,
) -> Exchange:
    """Pack a device's next changes into the body of a new exchange and keep it; at most about `byte_limit` bytes.

    reads: whether what is new at the province is wanted in return
    """
    last_n, last_hash, size = speaker.confirmed_n, speaker.confirmed_hash, 0

    def sections() -> Iterator[bytes]:
        nonlocal last_n, last_hash, size
        up_to = min(speaker.last_n, speaker.confirmed_n + protocol.EXCHANGE_CHANGES)
        changes = workspace.own_changes(speaker.confirmed_n, up_to, speaker.id)
        for group in packing.grouped(changes, size_of):
            after = extend(last_hash, group)
            section = protocol.encode(protocol.Sent(packing.to_columns(group), after))
            if size and size + len(section) > byte_limit:
                return
            size += len(section)
            last_n, last_hash = group[-1].n, after
            yield section

    packed = list(packing.frame(sections()))
    if last_n == speaker.last_n and last_hash != speaker.last_hash:
        raise ValueError("the chain of this workspace does not fit its changes")
    device = speaker.id
    header = protocol.SentHeader(
        device,
        province.epoch,
        speaker.confirmed_n + 1,
        last_n,
        speaker.confirmed_hash,
        last_hash,
        speaker.sign(protocol.sent_statement(device, last_n, last_hash)),
        {log: cursor.position if reads else _END for log, cursor in workspace.cursors().items()},
        report(workspace) if reads else None,
    )
    body = with_tail([*packing.frame([protocol.encode(header)]), *packed])
    workspace.begin_exchange(randomness(16).hex(), last_n, last_hash, packing.in_pieces(body))
    exchange = workspace.exchange()
    assert exchange is not None
    return exchange


def report(workspace: Workspace) -> protocol.DeviceReport:
    """What the workspace's device tells of itself: the oldest undelivered change is that of any device it was."""
    identity = workspace.identity
    undelivered = (
        change.at
        for each in (*identity.predecessors(unsettled_only=True), identity.speaker())
        for change in workspace.own_changes(each.confirmed_n, each.confirmed_n + 1, each.id)
    )
    newest = workspace.editions.newest()
    return protocol.DeviceReport(
        __version__,
        newest.number if newest is not None else 0,
        identity.speaker().last_n,
        min(undelivered, default=None),
    )


def know_former(workspace: Workspace, said: AnswerHeader) -> None:
    """Keep what the province tells of the person's other devices."""
    workspace.former_devices.replace(
        Former(
            one.device,
            one.enrolled_at,
            one.last_contact_at,
            one.n,
            one.told_n,
            one.revoked_at,
            tuple(one.waits),
            tuple(one.left),
        )
        for one in said.former
    )


def confirm(
    workspace: Workspace,
    speaker: Speaker,
    province: Province,
    sent: tuple[int, bytes],
    said: AnswerHeader,
) -> None:
    """Believe a receipt only with the province's signature, and only for what this device did make.

    sent: up to which number the device has sent, and its chain there

    Raises `BadAnswer` (`bad_signature`), `Rejected` (`province_behind`, `other_chain`).
    """
    require_signed(province, speaker.id, said)
    n, h = said.confirmed_n, said.confirmed_hash
    if n < speaker.confirmed_n:
        raise Rejected(
            f"Máy chủ của tỉnh chỉ còn giữ {n} thay đổi của máy này, trước đây đã nhận {speaker.confirmed_n}.",
            hint="Báo cho trung tâm: nếu máy chủ vừa được khôi phục từ bản sao lưu, chạy kcdesk server restored.",
            code="province_behind",
        )
    sent_n, own = sent
    if n < sent_n:
        own = extend(
            speaker.confirmed_hash, workspace.own_changes(speaker.confirmed_n, n, speaker.id)
        )
    if n > sent_n or h != own:
        raise Rejected(
            "Máy chủ của tỉnh giữ những thay đổi khác mang số của máy này.",
            hint="Có thể dữ liệu này là bản sao được dùng ở hai nơi. Báo cho trung tâm.",
            code="other_chain",
        )
    workspace.confirm(n, h, reasons(said.refusals), speaker.id)


def require_signed(province: Province, device: str, said: AnswerHeader) -> None:
    """Raise `BadAnswer` (`bad_signature`) for a receipt that the province has not signed for this device."""
    statement = protocol.confirmed_statement(device, said.confirmed_n, said.confirmed_hash)
    if not protocol.is_signed(province.public_key, said.signature, statement):
        raise BadAnswer(
            "Chữ ký trong câu trả lời không phải của tỉnh mà dữ liệu này đã đăng ký.",
            hint="Không đồng bộ tiếp; báo cho trung tâm khuyến công của tỉnh.",
            code="bad_signature",
        )


def take_in(workspace: Workspace, group: Received) -> int:
    """Keep a group of entries and move the cursors, in one transaction; returns how many changes it brought.

    Entries that were read before a cut already are passed over. Raises `BadAnswer`, `BadBody`.
    """
    changes = packing.from_columns(group.columns)
    cursors = workspace.cursors()
    moved: dict[str, Cursor] = {}
    for run in group.runs:
        cursor = cursors.get(run.log, UNREAD)
        position, digest = cursor.position, cursor.digest
        for number, device, n in _entries(run):
            if number <= position:
                continue
            if number != position + 1:
                raise strange()
            position = number
            digest = protocol.add_to_digest(digest, run.log, number, device, n)
        moved[run.log] = cursors[run.log] = Cursor(position, digest)
    workspace.know_devices(group.people)
    workspace.receive(changes, moved)
    return len(changes)


def differing_logs(workspace: Workspace, end: End) -> set[str]:
    """The logs of which this device has not read what the province says there is."""
    cursors = workspace.cursors()
    return {
        log
        for log, there in end.logs.items()
        if cursors.get(log, UNREAD) != Cursor(there.position, there.digest)
    }


def read_again(workspace: Workspace, logs: Iterable[str]) -> None:
    """Have these logs sent from their start; repeats are harmless."""
    workspace.receive([], dict.fromkeys(logs, UNREAD))


def reasons(refusals: Iterable[Refusal]) -> list[tuple[int, str]]:
    """Refusals as the workspace keeps them: number, and the code with its detail."""
    return [
        (said.n, f"{said.reason_code}: {said.detail}" if said.detail else said.reason_code)
        for said in refusals
    ]


def strange() -> BadAnswer:
    """An answer that is well-formed and against the protocol."""
    return BadAnswer(
        "Câu trả lời của máy chủ không đúng quy ước trao đổi của kcdesk.",
        hint="Đồng bộ lại; nếu vẫn vậy, kiểm tra phiên bản chương trình và báo cho trung tâm.",
    )


def size_of(change: Change) -> int:
    """Bytes of a change, about, as `packing.grouped` counts them."""
    return len(change.canonical())


def _entries(run: protocol.LogRun) -> Iterator[tuple[int, str, int]]:
    try:
        yield from protocol.entries_of(run)
    except (IndexError, ValueError):
        raise strange() from None
