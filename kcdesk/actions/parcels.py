"""Exchanging with the province by USB stick: writing, reading, carrying others' parcels, joining by a file."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kcdesk.actions import contents
from kcdesk.actions.contents import PhotosStanding
from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import EditionInfo, list_editions
from kcdesk.actions.refusals import refusal_text
from kcdesk.actions.revocation import obey
from kcdesk.actions.syncing import SyncProgress
from kcdesk.domain.clock import local_time
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.parcel_books import CarriedParcel, CarriedState, OwnParcel

if TYPE_CHECKING:  # pyrage and cryptography are loaded when somebody exchanges
    from kcdesk.sync.parcels.reading import Joined, ReadAnswer
    from kcdesk.sync.parcels.writing import WrittenParcel


@dataclass(frozen=True, slots=True)
class ParcelsStatus:
    """Parcels of this workspace, newest first, how many changes and photos are where, and the edition in use."""

    province: str | None
    undelivered: int
    in_parcels: int
    own: tuple[OwnParcel, ...]
    carried: tuple[CarriedParcel, ...]
    edition: EditionInfo
    photos: PhotosStanding


def status(desk: Desk) -> ParcelsStatus:
    workspace = desk.workspace
    identity, province = workspace.identity, workspace.province()
    devices = [*identity.predecessors(), identity.speaker()]
    return ParcelsStatus(
        province.name if province is not None else None,
        sum(each.last_n - each.confirmed_n for each in devices),
        workspace.parcels.in_parcels(),
        tuple(workspace.parcels.own()),
        tuple(workspace.parcels.carried()),
        list_editions(desk)[0],
        contents.standing(desk),
    )


def write(
    desk: Desk,
    target: Path,
    *,
    photos: bool = False,
    fetch: bool = False,
    progress: SyncProgress | None = None,
) -> list[WrittenParcel]:
    """Write what the province has not confirmed into `target`, a folder or a file. Raises `BadInput`, `Rejected`.

    photos:   with the photos and scans that it lacks;  fetch: ask for those that this computer lacks
    progress: told of the phase `parcel` in bytes; may raise to stop, what was written before stays
    """
    from kcdesk.sync.parcels import writing  # noqa: PLC0415

    return writing.write(
        desk.workspace,
        target,
        clock=desk.clock,
        randomness=desk.randomness,
        photos=photos,
        fetch=fetch,
        progress=progress,
    )


def files_needed(photo_bytes: int) -> int:
    """About how many files photos and scans of so many bytes need."""
    from kcdesk.sync.parcels.envelope import LARGEST_SECTIONS  # noqa: PLC0415

    return max(1, -(-photo_bytes // LARGEST_SECTIONS))


def read(
    desk: Desk,
    files: Iterable[Path],
    *,
    remove: bool = True,
    progress: SyncProgress | None = None,
) -> tuple[list[ReadAnswer], list[Path]]:
    """Read answers of the province; returns what they brought, and the files that were done and removed.

    remove: take away the answers that were read, and own parcels beside them that the province has. Raises
    `BadInput`, `Rejected`, `BadAnswer`; what was read before stays.
    """
    from kcdesk.sync.parcels import reading  # noqa: PLC0415

    workspace = desk.workspace
    found, removed = [], []
    for file in files:
        answer = reading.read_answer(
            workspace, file, clock=desk.clock, randomness=desk.randomness, progress=progress
        )
        found.append(answer)
        if answer.problem is not None:
            obey(desk, answer.problem.revocation)
        workspace.erasing.finish_if_possible()
        if remove and answer.problem is None:
            removed += _remove_done(desk, file)
    return found, removed


def join(desk: Desk, file: Path, code: str) -> Joined:
    """Join the province by an enrolment file. Raises `BadInput`."""
    from kcdesk.sync.parcels import reading  # noqa: PLC0415

    return reading.join_by_file(desk.workspace, file, code, clock=desk.clock)


def carry(desk: Desk, files: Iterable[Path]) -> list[tuple[Path, bool]]:
    """Take parcels of others along, or answers to them; each with whether it is new here.

    Raises `BadInput`: those before it are taken, those behind it are not.
    """
    from kcdesk.sync import protocol  # noqa: PLC0415
    from kcdesk.sync.parcels.envelope import BadParcel, Parcel, damaged  # noqa: PLC0415
    from kcdesk.sync.parcels.writing import joined  # noqa: PLC0415

    province = joined(desk.workspace)
    desk.workspace.parcels.forget_old(desk.clock())
    books, at = desk.workspace.parcels, desk.clock()
    own = {each.id for each in books.own()}
    taken = []
    for file in files:
        with Parcel.open(file) as parcel:
            header = parcel.header
            of_province = header.province == protocol.device_id(province.public_key)
            if not of_province or header.kind == "enrolment":
                raise BadParcel(
                    f"Gói “{file.name}” không phải là gói gửi lên {province.name}, cũng không phải gói trả lời.",
                    hint="Chỉ mang giúp được gói do máy khác của cùng tỉnh ghi, và gói tỉnh trả lời các máy đó.",
                    code="other_province",
                )
            if header.kind == "down":
                if own & set(header.answers):
                    raise BadParcel(
                        f"Gói “{file.name}” trả lời gói của chính máy này.",
                        hint="Đọc nó bằng kcdesk parcel read, hoặc nút “Đọc gói trả lời”.",
                        code="own_parcel",
                    )
                if not parcel.is_signed_by(province.public_key):
                    raise damaged(file.name)
                new = books.take_answer(header.id, file.name, parcel.pieces(), at, header.answers)
            else:
                if header.id in own:
                    raise BadParcel(
                        f"Gói “{file.name}” do chính máy này ghi.",
                        hint="Đồng bộ qua mạng là đủ, không cần mang gói của máy mình.",
                        code="own_parcel",
                    )
                new = books.take(header.id, file.name, parcel.pieces(), at)
            taken.append((file, new))
    return taken


def write_carried(desk: Desk, folder: Path) -> list[Path]:
    """Write the answers to carried parcels into a folder. Raises `BadInput` when it cannot be written."""
    return _put_on_stick(desk, folder, "answered", "down", "tra-loi")


def pass_on(desk: Desk, folder: Path) -> list[Path]:
    """Write the carried parcels that wait into a folder, to go on by stick. Raises `BadInput` as `write_carried`.

    They wait here all the same: whichever way is faster brings the answer.
    """
    return _put_on_stick(desk, folder, "waits", "up", "goi-len-tinh")


def _put_on_stick(
    desk: Desk, folder: Path, state: CarriedState, direction: Literal["up", "down"], kind: str
) -> list[Path]:
    from kcdesk.sync.parcels.envelope import write_bytes  # noqa: PLC0415
    from kcdesk.sync.parcels.writing import ready_name  # noqa: PLC0415

    if not folder.is_dir():
        raise BadInput(
            f"Không có thư mục “{folder}”.",
            hint="Cắm thẻ nhớ rồi chọn thư mục trên thẻ.",
            code="no_folder",
        )
    books, written = desk.workspace.parcels, []
    for one in books.carried():
        if one.state != state:
            continue
        path = folder / ready_name(kind, one.answered_at or one.taken_at, one.id)
        write_bytes(path, books.bytes_of(one.id, direction))
        books.put_on_stick(one.id, desk.clock())
        written.append(path)
    return written


def editions_text(numbers: Iterable[int]) -> str:
    """What is said of the editions that a parcel brought; empty where it brought none.

    >>> editions_text([3, 4])
    'Nhận bản công bố số 3, 4.'
    """
    said = ", ".join(map(str, numbers))
    return f"Nhận bản công bố số {said}." if said else ""


def own_text(parcel: OwnParcel) -> str:
    """How it stands with an own parcel."""
    if parcel.problem:
        return f"Tỉnh không nhận: {parcel.problem}"
    if parcel.answered_at is not None:
        if parcel.photos_waiting:
            return f"Đã đọc trả lời, còn {parcel.photos_waiting} ảnh chưa được nhận"
        return "Đã đọc trả lời" if parcel.delivered else "Đã đọc trả lời, tỉnh còn chờ gói khác"
    holds_something = parcel.count or parcel.photos
    return "Tỉnh đã nhận" if parcel.delivered and holds_something else "Chưa có trả lời"


def photos_text(answer: ReadAnswer) -> str:
    """What an answer says of photos and scans; empty where it says nothing."""
    parts = (
        f"Tỉnh đã có {answer.photos_held} ảnh, tài liệu gửi lên." if answer.photos_held else "",
        f"Nhận về {answer.photos} ảnh, tài liệu." if answer.photos else "",
        *(f"Tỉnh không nhận một tệp: {why}" for why in answer.photos_refused),
    )
    return " ".join(filter(None, parts))


def carried_text(parcel: CarriedParcel) -> str:
    """How it stands with somebody's parcel."""
    match parcel.state:
        case "refused":
            return f"Tỉnh không nhận: {parcel.reason}"
        case "answered":
            return "Đã ghi trả lời ra thẻ nhớ" if parcel.written_at else "Có trả lời, chưa ghi"
        case "waits":
            if parcel.written_at:
                return "Đã chép sang thẻ nhớ, chờ trả lời"
            return f"Chờ: {parcel.reason}" if parcel.reason else "Chờ lần đồng bộ tới"


def as_json(now: ParcelsStatus) -> dict[str, Value]:
    return {
        "province": now.province,
        "undelivered": now.undelivered,
        "in_parcels": now.in_parcels,
        "edition": now.edition.number,
        "photos": {
            "to_send": now.photos.to_send,
            "to_send_bytes": now.photos.to_send_bytes,
            "to_fetch": now.photos.to_fetch,
            "to_fetch_bytes": now.photos.to_fetch_bytes,
        },
        "own": [
            {
                "id": each.id,
                "file": each.file,
                "written_at": _iso(each.written_at),
                "changes": each.count,
                "last_n": each.last_n,
                "photos": each.photos,
                "photo_bytes": each.photo_bytes,
                "photos_waiting": each.photos_waiting,
                "delivered": each.delivered,
                "answered_at": _iso(each.answered_at),
                "problem": each.problem,
            }
            for each in now.own
        ],
        "carried": [
            {
                "id": each.id,
                "file": each.name,
                "bytes": each.length,
                "taken_at": _iso(each.taken_at),
                "state": each.state,
                "reason": each.reason,
                "written_at": _iso(each.written_at),
            }
            for each in now.carried
        ],
    }


def answer_as_json(answer: ReadAnswer) -> dict[str, Value]:
    problem = answer.problem
    return {
        "answers": list(answer.answers),
        "delivered_n": answer.delivered_n,
        "waiting": answer.waiting,
        "refused": [
            {"n": one.n, "reason": refusal_text(one.reason_code)} for one in answer.refused
        ],
        "received": answer.received,
        "missing_n": answer.missing_n,
        "editions": list(answer.editions),
        "bad_edition": answer.bad_edition or None,
        "photos": answer.photos,
        "photos_held": answer.photos_held,
        "photos_refused": list(answer.photos_refused),
        "digests_equal": not answer.differing,
        "problem": None
        if problem is None
        else {"code": problem.code, "message": problem.message, "hint": problem.hint},
    }


def _remove_done(desk: Desk, answer: Path) -> list[Path]:
    """Remove an answer that was read, and own parcels beside it, or where they were written, that have a receipt."""
    from kcdesk.sync.parcels.envelope import BadParcel, read_header  # noqa: PLC0415

    done = []
    for parcel in desk.workspace.parcels.own():
        holds_something = parcel.count or parcel.photos
        if not parcel.delivered or (parcel.answered_at is None and not holds_something):
            continue
        written = Path(parcel.file)
        for path in {written, answer.with_name(written.name)}:
            with suppress(BadParcel):  # it is elsewhere, or another file has its name
                if read_header(path).id == parcel.id:
                    done.append(path)
    removed = []
    for path in [*done, answer]:
        with suppress(OSError):  # a stick that is locked keeps its files
            path.unlink()
            removed.append(path)
    return removed


def _iso(at: int | None) -> str | None:
    return local_time(at).isoformat(timespec="seconds") if at is not None else None
