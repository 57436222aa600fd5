"""Reading what comes down in a parcel: an answer of the province, or the enrolment file.

Everything is believed only with the province's signature over the whole file. Each group is a transaction and all of it
may be repeated; an answer that was overtaken brings nothing and harms nothing. Leaves to others: what is kept of a
receipt and of entries (`bodies`), the file (`envelope`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import BadInput, Rejected
from kcdesk.storage.content_places import ContentPlace
from kcdesk.storage.devices.identity import token_of
from kcdesk.storage.sync_books import Cursor, Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bodies, protocol, restored
from kcdesk.sync import format as packing
from kcdesk.sync.bundle import BadBundle
from kcdesk.sync.contents import take_in_content
from kcdesk.sync.editions import take_in_bundle
from kcdesk.sync.engine import Progress
from kcdesk.sync.parcels import contents, envelope
from kcdesk.sync.parcels.contents import Bundle, Content, ContentReceipts, DownHead, EnrolmentHead
from kcdesk.sync.parcels.envelope import BadParcel, Header, Parcel
from kcdesk.sync.parcels.keys import code_identity, parcel_identity, plain_code
from kcdesk.sync.parcels.writing import Told, joined
from kcdesk.sync.protocol import AnswerHeader, End, ErrorBody, Received, Refusal
from kcdesk.sync.tus import CONTENT_BYTES

CODE_LETTERS = 16


@dataclass
class ReadAnswer:
    """What an answer brought.

    answers:     ids of the parcels it answers
    delivered_n: the province holds this device's changes up to here; waiting: so many it does not hold yet
    refused:     changes that it newly refused;  received: changes of others, repeats included
    missing_n:   what it waits for; problem: why it did not take the parcels
    differing:   logs that are not as the province has them; the next parcel asks for them from their start
    editions:    numbers of the editions it brought; bad_edition: why some were refused, empty when all is well
    photos:      contents of pictures and scans that it brought
    photos_held: of those that were sent, how many the province has now
    photos_refused: why it will not have others
    """

    answers: list[str]
    delivered_n: int = 0
    waiting: int = 0
    refused: list[Refusal] = field(default_factory=list)
    received: int = 0
    missing_n: int | None = None
    problem: ErrorBody | None = None
    differing: set[str] = field(default_factory=set)
    editions: list[int] = field(default_factory=list)
    bad_edition: str = ""
    photos: int = 0
    photos_held: int = 0
    photos_refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Joined:
    """What an enrolment file brought: the province, whom the file was written for, changes of others.

    editions: numbers of the editions in it; bad_edition: why some were refused, empty when all is well
    """

    province: Province
    person: str
    received: int
    editions: tuple[int, ...]
    bad_edition: str


def read_answer(
    workspace: Workspace,
    path: Path,
    *,
    clock: Clock,
    randomness: Randomness,
    progress: Progress | None = None,
) -> ReadAnswer:
    """Take in an answer of the province. Raises `BadInput`, `BadBody`, `Rejected`, `BadAnswer`.

    progress: told of the phase `parcel` in bytes; may raise to stop, what was read before stays
    """
    province = joined(workspace)
    with Parcel.open(path) as parcel:
        _require_answer(parcel.header, province, path.name)
        if not parcel.is_signed_by(province.public_key):
            raise envelope.damaged(path.name)
        identity = parcel_identity(workspace.identity.speaker().signing_key)
        answer = ReadAnswer(list(parcel.header.answers))
        sections = Told(progress, parcel.size).of(parcel.sections(identity))
        try:
            first = next(sections, b"")
        except BadParcel:
            raise _for_another(path.name) from None
        head = packing.decode(contents.down_decoder, first)
        if not isinstance(head, DownHead) or head.device != workspace.device_id:
            raise _for_another(path.name)
        answer.missing_n, answer.problem = head.missing_n, head.problem
        if head.problem is None:
            _settle(workspace, province, head)
            _take_sections(workspace, province, sections, answer, randomness)
    problem = head.problem.message if head.problem is not None else ""
    workspace.parcels.answered(answer.answers, clock(), problem)
    workspace.enrolled()
    workspace.synced(clock())
    chain = workspace.chain()
    answer.delivered_n, answer.waiting = chain.confirmed_n, chain.last_n - chain.confirmed_n
    return answer


def join_by_file(workspace: Workspace, path: Path, code: str, *, clock: Clock) -> Joined:
    """Join a province by an enrolment file and the code that was said. Raises `BadInput`, `BadBody`."""
    if len(plain_code(code)) != CODE_LETTERS:
        raise BadInput(
            f"Mã đăng ký có {CODE_LETTERS} chữ và số, chia bốn nhóm; mã vừa gõ có {len(plain_code(code))}.",
            hint="Gọi trung tâm đọc lại từng nhóm.",
            code="code",
        )
    with Parcel.open(path) as parcel:
        if parcel.header.kind != "enrolment":
            raise BadParcel(
                f"Gói “{path.name}” không phải là tệp đăng ký.",
                hint="Tệp đăng ký do trung tâm ghi bằng kcdesk server enrol -o.",
            )
        sections = parcel.sections(code_identity(code, parcel.header.salt))
        try:
            first = next(sections, b"")
        except BadParcel:
            raise BadInput(
                f"Mã vừa gõ không mở được tệp “{path.name}”.",
                hint="Kiểm tra lại từng nhóm bốn ký tự; nếu vẫn vậy, tệp đã hỏng: xin trung tâm ghi lại.",
                code="code",
            ) from None
        head = packing.decode(contents.enrolment_decoder, first)
        if not isinstance(head, EnrolmentHead):
            raise bodies.strange()
        if not parcel.is_signed_by(head.public_key):
            raise envelope.damaged(path.name)
        province = _join(workspace, head, code, clock)
        received = 0
        editions: list[int] = []
        bad_edition = ""
        for section in sections:
            match packing.decode(contents.enrolment_decoder, section):
                case Bundle() as said:
                    new, why = _take_bundle(workspace, said, sections)
                    editions += new
                    bad_edition = why or bad_edition
                case Received() as said:
                    _require_no_gap(workspace, said)
                    received += bodies.take_in(workspace, said)
                case EnrolmentHead():
                    raise bodies.strange()
    return Joined(province, head.person, received, tuple(editions), bad_edition)


def _join(workspace: Workspace, head: EnrolmentHead, code: str, clock: Clock) -> Province:
    known = workspace.province()
    if known is not None and known.public_key != head.public_key:
        raise BadInput(
            f"Dữ liệu này đã thuộc về {known.name}, không nối sang {head.province} được.",
            hint="Tạo một thư mục dữ liệu khác cho tỉnh kia.",
            code="other_province",
        )
    former = workspace.identity.predecessors(unsettled_only=True)
    current = workspace.identity.speaker()
    province = Province(
        head.url or (known.url if known is not None else ""),
        head.province,
        known.epoch
        if known is not None
        else head.epoch,  # a new one is followed by its first answer
        head.public_key,
        token_of(current.signing_key),
        head.role,
        clock(),
        known.synced_at if known is not None else None,
        head.recipient,
        code.strip(),
    )
    if former:
        workspace.identity.keep_token(former[0].id, token_of(former[0].signing_key))
    workspace.join_province(province)
    return province


def _settle(workspace: Workspace, province: Province, head: DownHead) -> None:
    """Receipts of devices the workspace was before, oldest first."""
    unsettled = {each.id for each in workspace.identity.predecessors(unsettled_only=True)}
    for each in head.former:
        if each.device not in unsettled:
            continue
        _confirm(workspace, province, each.receipt, each.device)
        speaker = workspace.identity.speaker(each.device)
        if each.settled and speaker.confirmed_n == speaker.last_n:
            workspace.identity.settle(each.device)


def _take_sections(
    workspace: Workspace,
    province: Province,
    sections: Iterator[bytes],
    answer: ReadAnswer,
    randomness: Randomness,
) -> None:
    lacking: set[str] | None = None
    for section in sections:
        said = packing.decode(contents.down_decoder, section)
        match said:
            case Bundle():
                new, why = _take_bundle(workspace, said, sections)
                answer.editions += new
                answer.bad_edition = why or answer.bad_edition
            case AnswerHeader():
                answer.refused += _confirm(workspace, province, said, workspace.device_id)
                bodies.know_former(workspace, said)
                now = workspace.province()
                if now is None or now.epoch != province.epoch:
                    return  # the next answer brings it from the start, as the logs are numbered now
            case Received():
                _require_no_gap(workspace, said)
                answer.received += bodies.take_in(workspace, said)
            case End():
                answer.differing |= _differing(workspace, said)
            case ContentReceipts():
                _note_contents(workspace, province, said, answer)
            case Content():
                if lacking is None:  # the records are all here now
                    lacking = {one.sha256 for one in workspace.content_places.to_fetch()}
                answer.photos += _take_content(workspace, said, sections, lacking, randomness)
            case _:
                raise bodies.strange()
    if answer.differing:
        bodies.read_again(workspace, answer.differing)


def _take_bundle(
    workspace: Workspace, said: Bundle, sections: Iterator[bytes]
) -> tuple[list[int], str]:
    """Keep the editions that are new here: their numbers, and why they were refused, so that what is here stays in use.

    Raises `BadBody`.
    """
    if said.length > packing.BODY_LIMIT:
        raise bodies.strange()
    bundle = b"".join(contents.bytes_after(sections, said.length))
    try:
        return take_in_bundle(workspace, bundle), ""
    except BadBundle as error:
        return [], error.message


def _note_contents(
    workspace: Workspace, province: Province, said: ContentReceipts, answer: ReadAnswer
) -> None:
    if said.epoch != province.epoch:
        return  # of a province that went back to a backup since, or of before that
    held = [(sha256, ContentPlace.PROVINCE, "") for sha256 in said.held]
    refused = [(one.sha256, ContentPlace.REFUSED, one.message) for one in said.refused]
    workspace.content_places.note_all(held + refused)
    answer.photos_held += len(held)
    answer.photos_refused += [one.message for one in said.refused]


def _take_content(
    workspace: Workspace,
    said: Content,
    sections: Iterator[bytes],
    lacking: set[str],
    randomness: Randomness,
) -> bool:
    """Keep a content that a record names and that is not here; whether it was one. Raises `BadBody`, `BadAnswer`."""
    if said.length > CONTENT_BYTES:
        raise bodies.strange()
    content = b"".join(contents.bytes_after(sections, said.length))
    if said.sha256 not in lacking:
        return False
    lacking.remove(said.sha256)
    if not take_in_content(workspace, said.sha256, content, randomness):
        raise bodies.strange()
    workspace.content_places.drop(said.sha256)  # what had arrived of it over the network
    return True


def _confirm(
    workspace: Workspace, province: Province, said: AnswerHeader, device: str
) -> list[Refusal]:
    """Believe a receipt; one that was overtaken says nothing new. Returns what it refuses."""
    speaker = workspace.identity.speaker(device)
    if restored.is_new_epoch(workspace, said):
        restored.follow(workspace, None, province, speaker, said)
        speaker = workspace.identity.speaker(device)
    elif said.epoch in workspace.former_epochs():
        raise Rejected(
            "Gói trả lời này có từ trước khi máy chủ của tỉnh được khôi phục nên không còn đúng.",
            hint="Bỏ gói này; ghi một gói mới gửi lên tỉnh rồi đọc trả lời của gói đó.",
            code="former_epoch",
        )
    if said.confirmed_n < speaker.confirmed_n:
        return []
    bodies.confirm(workspace, speaker, province, (speaker.last_n, speaker.last_hash), said)
    return [each for each in said.refusals if each.n > speaker.confirmed_n]


def _differing(workspace: Workspace, end: End) -> set[str]:
    """Logs that were read as far as the answer tells, and are not what the province has."""
    cursors = workspace.cursors()
    return {
        log
        for log, there in end.logs.items()
        if cursors.get(log, bodies.UNREAD).position == there.position
        and cursors.get(log, bodies.UNREAD) != Cursor(there.position, there.digest)
    }


def _require_no_gap(workspace: Workspace, group: Received) -> None:
    cursors = workspace.cursors()
    for run in group.runs:
        cursor = cursors.get(run.log, bodies.UNREAD)
        if run.first > cursor.position + 1:
            raise Rejected(
                "Gói trả lời này nối tiếp một gói trả lời khác mà máy này chưa đọc.",
                hint="Đọc gói kia trước; nếu không còn, ghi một gói mới gửi lên tỉnh rồi đọc trả lời của gói đó.",
                code="gap",
            )
        cursors[run.log] = Cursor(run.first + len(run.n) - 1, b"")


def _require_answer(header: Header, province: Province, name: str) -> None:
    if header.province != protocol.device_id(province.public_key):
        raise BadParcel(
            f"Gói “{name}” là của một tỉnh khác, không phải của {province.name}.",
            hint="Chọn đúng gói do tỉnh của mình gửi về.",
            code="other_province",
        )
    if header.kind == "up":
        raise BadParcel(
            f"Gói “{name}” là gói gửi lên tỉnh, không phải gói trả lời.",
            hint="Muốn mang giúp gói này lên tỉnh, dùng kcdesk parcel carry.",
            code="goes_up",
        )
    if header.kind == "enrolment":
        raise BadParcel(
            f"Gói “{name}” là tệp đăng ký.",
            hint="Dùng kcdesk join --file với mã trung tâm đọc qua điện thoại.",
            code="is_enrolment",
        )


def _for_another(name: str) -> BadParcel:
    return BadParcel(
        f"Gói trả lời “{name}” dành cho một máy khác, máy này không mở được và không đọc gì từ đó.",
        hint="Giao gói cho đúng máy đã ghi gói gửi lên.",
        code="other_device",
    )
