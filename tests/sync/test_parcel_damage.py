"""Parcels that are damaged, cut, from elsewhere or forged: found out before anything is taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import extend
from kcdesk.errors import KcdeskError, Rejected
from kcdesk.server import parcels
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.parcels import contents, envelope, keys, reading
from kcdesk.sync.parcels.contents import Content, UpHead
from kcdesk.sync.parcels.envelope import BadParcel, Header, Parcel
from tests.sync.pictures import attach, picture
from tests.sync.post import Post
from tests.sync.provinces import Province

SEED = bytes(range(32))


def small(sections: list[bytes]) -> tuple[bytes, bytes]:
    """A parcel of these sections, and the public key that it is signed with."""
    import io

    key = Ed25519PrivateKey.from_private_bytes(SEED)
    recipient = keys.recipient_of(keys.parcel_identity(SEED))
    header = Header("0123456789abcdef" * 2, "up", "00" * 8)
    out = io.BytesIO()
    size = envelope.write(out, header, recipient, sections, key.sign)
    assert size == len(out.getvalue())
    return out.getvalue(), key.public_key().public_bytes_raw()


def is_accepted(data: bytes, public_key: bytes) -> bool:
    """Whether somebody who has the right keys would believe it."""
    try:
        with Parcel([data], "x") as parcel:
            return parcel.is_signed_by(public_key)
    except BadParcel:
        return False


def test_every_bit_and_every_byte_of_a_parcel_counts() -> None:
    data, public_key = small([b"{}", b"section"])
    assert is_accepted(data, public_key)
    assert [n for n in range(len(data) * 8) if is_accepted(flipped(data, n), public_key)] == []
    assert [n for n in range(len(data)) if is_accepted(data[:n], public_key)] == []
    assert not is_accepted(data + b"\0", public_key)
    assert not is_accepted(data * 2, public_key)


@pytest.fixture(scope="module")
def large() -> tuple[bytes, bytes]:
    """A parcel of several age chunks of 64 kB."""
    noise = hashlib.shake_256(b"seed").digest(400_000)
    return small([noise, b"{}"])


@given(st.data())
def test_damage_to_a_larger_parcel_is_found(
    large: tuple[bytes, bytes], data: st.DataObject
) -> None:
    parcel, public_key = large
    bit = data.draw(st.integers(0, len(parcel) * 8 - 1))
    assert not is_accepted(flipped(parcel, bit), public_key)
    assert not is_accepted(parcel[: bit // 8], public_key)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_enrolment_file_joins_nobody(
    enrolment: Callable[[], tuple[Workspace, bytes, str, Path]], data: st.DataObject
) -> None:
    workspace, good, code, path = enrolment()
    if data.draw(st.booleans()):
        path.write_bytes(flipped(good, data.draw(st.integers(0, len(good) * 8 - 1))))
    else:
        path.write_bytes(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(KcdeskError):
        reading.join_by_file(workspace, path, code, clock=lambda: 0)
    assert workspace.province() is None


@pytest.fixture
def enrolment(
    province: Province, post: Post, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], tuple[Workspace, bytes, str, Path]]:
    """A workspace, the enrolment file made for it and its code, with little work to open it."""
    monkeypatch.setattr(keys, "CODE_COST", 2)
    workspace = province.workspace(province.person("An"))
    path, code = post.enrolment("An")
    good = path.read_bytes()
    return lambda: (workspace, good, code, path)


def test_a_damaged_stick_brings_no_part_of_a_photo(province: Province, post: Post) -> None:
    author = post.enrolled("An")
    record = province.establishment(author, "Rèn An")
    attach(province, author, record, picture(1))
    (up,) = post.write(author, photos=True)
    good = up.read_bytes()
    before = province.status()
    for length in range(0, len(good), len(good) // 24):
        up.write_bytes(good[:length])
        with pytest.raises(KcdeskError):
            post.take(up)
        up.write_bytes(flipped(good, length * 8 + length % 8))
        with pytest.raises(KcdeskError):
            post.take(up)
    assert province.status() == before
    up.write_bytes(good)
    (answer,) = post.take(up)
    assert post.read(author, answer).photos_held == 1


def test_a_parcel_of_another_province_is_nothing_here(
    make_province: Callable[[], Province], post: Post
) -> None:
    other = make_province()
    folder = post.folder / "other"
    folder.mkdir()
    strangers = Post(other, folder)
    here, there = post.enrolled("An"), strangers.enrolled("An")
    # both are copies of one database, so give the other province keys of its own
    assert here.province() is not None
    _new_keys(other)
    there = strangers.enrolled("Bình")
    post.province.establishment(here, "Rèn An")
    other.establishment(there, "Mộc Bình")
    (ours,), (theirs,) = post.write(here), strangers.write(there)
    with pytest.raises(BadParcel, match="không phải là gói gửi lên tỉnh này") as error:
        post.take(theirs)
    assert error.value.code == "other_province"
    (answer,) = strangers.take(theirs)
    with pytest.raises(BadParcel, match="của một tỉnh khác") as error:
        post.read(here, answer)
    assert error.value.code == "other_province"
    with pytest.raises(BadParcel):
        strangers.take(ours)
    assert other.status().changes == 1
    assert post.province.status().changes == 0


def _new_keys(province: Province) -> None:
    from kcdesk.server import tables

    with province.database.begin() as connection:
        connection.execute(tables.province.update().values(signing_key=province.randomness(32)))


# Devices that are known, and lie


def forged(province: Province, workspace: Workspace, *sections: bytes, **head: object) -> bytes:
    """A parcel by a known device with any sections behind its head."""
    import io

    speaker = workspace.identity.speaker()
    home = workspace.province()
    assert home is not None
    said = {
        "device": speaker.id,
        "public_key": speaker.public_key,
        "recipient": keys.recipient_of(keys.parcel_identity(speaker.signing_key)),
        "written_at": 1,
        "reads": False,
        "enrolment": None,
        **head,
    }
    header = Header(province.randomness(16).hex(), "up", protocol.device_id(home.public_key))
    out = io.BytesIO()
    first = contents.encode(UpHead(**said))  # type: ignore[arg-type]
    envelope.write(out, header, home.recipient, [first, *sections], speaker.sign)
    return out.getvalue()


def take(province: Province, data: bytes) -> parcels.Taken:
    with Parcel([data], "x") as parcel:
        return parcels.take_in(
            province.database, parcel, clock=province.clock, randomness=province.randomness
        )


def body_of(province: Province, workspace: Workspace) -> list[bytes]:
    """The sections of the device's own changes."""
    speaker = workspace.identity.speaker()
    changes = list(workspace.own_changes(speaker.confirmed_n, speaker.last_n, speaker.id))
    after = extend(speaker.confirmed_hash, changes)
    header = protocol.SentHeader(
        speaker.id,
        "",
        speaker.confirmed_n + 1,
        speaker.last_n,
        speaker.confirmed_hash,
        after,
        speaker.sign(protocol.sent_statement(speaker.id, speaker.last_n, after)),
        {},
    )
    group = [contents.encode(protocol.Sent(packing.to_columns(changes), after))] if changes else []
    return [contents.encode(header), *group]


def test_who_says_he_is_somebody_else_is_refused(province: Province, post: Post) -> None:
    thief, victim = post.enrolled("An"), post.enrolled("Bình")
    for one in (thief, victim):
        post.round(one)
    own = victim.identity.speaker()
    with pytest.raises(KcdeskError):  # the victim's id with the thief's key
        take(province, forged(province, thief, device=own.id))
    with pytest.raises(BadParcel, match="bị sửa"):  # the victim's id and key, the thief's signature
        take(province, forged(province, thief, device=own.id, public_key=own.public_key))
    province.establishment(victim, "Mộc Bình")
    stolen = body_of(province, victim)  # what the victim signed, in the thief's parcel
    taken = take(province, forged(province, thief, *stolen))
    assert taken.problem is not None
    assert (province.status().changes, taken.accepted) == (1, 1)  # the victim's own word, as it was
    read = post.round(victim)
    assert (read.waiting, read.problem) == (0, None)


def test_a_device_that_never_enrolled_is_refused(province: Province, post: Post) -> None:
    known = post.enrolled("An")
    stranger = province.workspace("Lạ")
    home = known.province()
    assert home is not None
    stranger.join_province(home)
    with pytest.raises(Rejected) as error:
        take(province, forged(province, stranger, *body_of(province, stranger)))
    assert error.value.code == "unknown_device"


@pytest.mark.parametrize(
    "sections",
    [
        [contents.encode(Content("0" * 64, 10))],
        [contents.encode(Content("0" * 64, 10)), b"12345"],
        [contents.encode(Content("0" * 64, 10)), b"12345", b"123456"],
        [contents.encode(Content("0" * 64, 10)), b"", b"1234567890"],
        [b"\xff\xfe"],
        [b"{}"],
        [b'{"type":"wants","sha256":"all"}'],
    ],
    ids=["no bytes", "too few", "too many", "empty", "noise", "untyped", "wants"],
)
def test_sections_that_make_no_sense_end_the_parcel(
    province: Province, post: Post, sections: list[bytes]
) -> None:
    workspace = post.enrolled("An")
    post.round(workspace)
    taken = take(province, forged(province, workspace, *body_of(province, workspace), *sections))
    assert taken.problem is not None
    assert taken.photos.held == set()


@pytest.mark.parametrize("length", [-1, 0, 21 << 20, 1 << 60])
def test_a_content_of_a_senseless_length_is_not_taken(
    province: Province, post: Post, length: int
) -> None:
    workspace = post.enrolled("An")
    record = province.establishment(workspace, "Rèn An")
    name = attach(province, workspace, record, picture(1))
    post.round(workspace)
    said = contents.encode(Content(name, length))
    taken = take(province, forged(province, workspace, *body_of(province, workspace), said, b"x"))
    assert taken.photos.held == set()


def test_contents_before_anything_else_are_refused(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    post.round(workspace)
    said = contents.encode(Content("0" * 64, 1))
    taken = take(province, forged(province, workspace, said, b"x", *body_of(province, workspace)))
    assert taken.problem is not None


def test_bytes_that_are_another_content_are_refused(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    record = province.establishment(workspace, "Rèn An")
    name = attach(province, workspace, record, picture(1))
    post.round(workspace)
    other = picture(2)
    said = contents.with_bytes(Content(name, len(other)), [other])
    taken = take(province, forged(province, workspace, *body_of(province, workspace), *said))
    assert set(taken.photos.refused) == {name}
    (answer,) = post.take(*post.write(workspace, photos=True))
    assert post.read(workspace, answer).photos_held == 1
