"""Parcels between a device and its province: both ways, any order, any repeat, mixed with the network."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from kcdesk.errors import BadInput, KcdeskError, Rejected, Unreachable
from kcdesk.server import parcels, tables
from kcdesk.storage.reading.lists import Place
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bodies, protocol
from kcdesk.sync.parcels import envelope, reading, writing
from kcdesk.sync.parcels.envelope import BadParcel, Parcel
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from tests.sync.laptops import Laptop, written
from tests.sync.post import Post
from tests.sync.provinces import FILLED, NOWHERE_URL, Province, states


def test_from_enrolment_to_receipts_and_others_changes(province: Province, post: Post) -> None:
    other = province.joined(province.person("Bình"))
    theirs = province.establishment(other, "Mộc Bình")
    province.sync(other)

    workspace = post.enrolled("An")
    assert workspace.lists.get("establishments", theirs)["name"] == "Mộc Bình"
    mine = province.establishment(workspace, "Rèn An")
    assert workspace.lists.deliveries([mine])[mine].place is Place.LOCAL
    assert workspace.parcels.in_parcels() == 0

    up = post.write(workspace)
    assert workspace.lists.deliveries([mine])[mine].place is Place.PARCEL
    assert workspace.parcels.in_parcels() == 1
    assert [p.delivered for p in workspace.parcels.own()] == [False]
    (answer,) = post.take(*up)
    assert workspace.lists.deliveries([mine])[mine].place is Place.PARCEL

    read = post.read(workspace, answer)
    assert (read.delivered_n, read.waiting, read.refused, read.problem) == (1, 0, [], None)
    assert workspace.lists.deliveries([mine])[mine].place is Place.PROVINCE
    assert workspace.parcels.in_parcels() == 0
    assert [p.delivered for p in workspace.parcels.own()] == [True]

    province.sync(other)
    assert states(other) == states(workspace)


def test_refusals_come_in_the_answer(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    outside = province.establishment(workspace, "Ở tỉnh khác", commune="00004")
    inside = province.establishment(workspace, "Trong xã")
    read = post.round(workspace)
    assert [(each.n, each.reason_code) for each in read.refused] == [(1, "no_area")]
    assert read.waiting == 0
    assert workspace.lists.deliveries([outside, inside])[outside].place is Place.REFUSED
    assert workspace.lists.deliveries([inside])[inside].place is Place.PROVINCE


def test_mixed_with_the_network_a_parcel_is_harmless(province: Province, post: Post) -> None:
    workspace = province.joined(province.person("An"))
    province.establishment(workspace, "Một")
    first = post.write(workspace)
    province.establishment(workspace, "Hai")
    province.sync(workspace)
    before = province.status()
    (answer,) = post.take(*first)
    assert province.status().changes == before.changes == 2
    read = post.read(workspace, answer)
    assert (read.delivered_n, read.waiting, read.differing) == (2, 0, set())
    province.establishment(workspace, "Ba")
    assert province.sync(workspace).confirmed_n == 3
    assert (province.status().double_changes, province.status().double_entries) == (0, 0)


def test_old_and_repeated_answers_are_harmless(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    answers = []
    for name in ("Một", "Hai", "Ba"):
        province.establishment(workspace, name)
        answers += post.take(*post.write(workspace))
    held = workspace.count_changes()
    assert post.read(workspace, answers[2]).delivered_n == 3
    for answer in (answers[0], answers[1], answers[0], answers[2]):
        read = post.read(workspace, answer)
        assert (read.delivered_n, read.waiting, read.differing) == (3, 0, set())
    assert workspace.count_changes() == held


def test_parts_come_in_any_order(province: Province, post: Post) -> None:
    province.person("An")
    workspace = province.join(province.filled())
    for _ in range(3):  # groups of 2,000 changes: four of them
        province.many(workspace, 2_000)
    parts = post.write(workspace, largest=500_000)
    assert len(parts) > 2
    for path in reversed(parts):
        post.take(path)
    assert [one.waits for one in post.taken] == [True] * (len(parts) - 1) + [False]
    assert province.status().changes == FILLED + 6_000
    with province.database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.waiting_parcels)) == 0
        waiting = tables.waiting_parcel_bytes
        assert connection.scalar(select(func.count()).select_from(waiting)) == 0
    (answer,) = post.take(*parts)
    read = post.read(workspace, answer)
    assert (read.delivered_n, read.waiting, read.missing_n) == (FILLED + 6_000, 0, None)


def test_what_waits_is_named_in_the_answer(province: Province, post: Post) -> None:
    workspace = province.joined(province.person("An"))
    province.many(workspace, 4_001)
    parts = post.write(workspace, largest=100_000)
    (answer,) = post.take(parts[-1])
    read = post.read(workspace, answer)
    assert (read.missing_n, read.delivered_n, read.waiting) == (1, 0, 4_001)


def test_an_answer_for_another_device_is_refused_with_a_sentence(
    province: Province, post: Post
) -> None:
    first, second = post.enrolled("An"), post.enrolled("Bình")
    province.establishment(first, "Một")
    (answer,) = post.take(*post.write(first))
    with pytest.raises(BadParcel, match="dành cho một máy khác") as error:
        post.read(second, answer)
    assert error.value.code == "other_device"
    assert second.chain().confirmed_n == 0


def test_parcels_that_go_the_wrong_way_are_refused(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    (up,) = post.write(workspace)
    (answer,) = post.take(up)
    with pytest.raises(BadParcel, match="gói gửi lên tỉnh"):
        post.read(workspace, up)
    with pytest.raises(BadParcel, match="không phải là gói gửi lên"):
        post.take(answer)
    with pytest.raises(BadParcel, match="tệp đăng ký"):
        post.read(workspace, post.folder / "An.kcparcel")
    nonsense = post.folder / "thu.kcparcel"
    nonsense.write_bytes(b"PK\x03\x04 nothing of ours")
    with pytest.raises(BadParcel, match="không phải là gói dữ liệu"):
        post.read(workspace, nonsense)


def test_a_code_opens_the_file_once_for_one_device(province: Province, post: Post) -> None:
    province.person("An", "collaborator")
    path, code = post.enrolment("An")
    first, second = province.workspace("An"), province.workspace("An")
    with pytest.raises(BadInput, match="không mở được") as wrong:
        reading.join_by_file(first, path, "AAAA-BBBB-CCCC-DDDD", clock=province.clock)
    assert wrong.value.code == "code"
    assert first.province() is None
    with pytest.raises(BadInput, match="có 16 chữ và số"):
        reading.join_by_file(first, path, code[:-1], clock=province.clock)
    typed = code.lower().replace("-", " ")
    for workspace in (first, second):
        joined = reading.join_by_file(workspace, path, typed, clock=province.clock)
        assert (joined.person, joined.province.role) == ("An", "collaborator")
    assert post.round(first).problem is None
    with pytest.raises(Rejected, match="đã được dùng cho một máy khác"):
        post.take(*post.write(second))


def test_a_device_enrolled_by_file_may_use_the_network_later(
    province: Province, post: Post
) -> None:
    workspace = post.enrolled("An")
    with pytest.raises(BadInput, match="trao đổi với Tỉnh Lào Cai bằng gói"):
        province.sync(workspace)
    province.establishment(workspace, "Một")
    post.round(workspace)
    known = workspace.province()
    assert known is not None
    province.join(workspace)
    province.establishment(workspace, "Hai")
    assert province.sync(workspace).confirmed_n == 2


def test_a_copy_on_another_computer_goes_on_by_parcel(province: Province, post: Post) -> None:
    laptop = Laptop.new(province, "An")
    record = province.establishment(laptop.workspace, "Mộc")
    laptop.sync()
    laptop.write(record, "hai")
    copy = laptop.copied("b")
    assert copy.told == ["elsewhere"]
    copy.write(record, "ba")
    assert post.write(copy.workspace)
    assert copy.workspace.parcels.in_parcels() == 2
    read = post.round(copy.workspace)
    assert (read.problem, read.waiting, read.delivered_n) == (None, 0, 1)
    assert copy.workspace.identity.predecessors(unsettled_only=True) == []
    assert copy.sync().waiting == 0
    assert written(province) == ["ba", "hai"]


def test_a_copy_that_differs_is_told_to_use_the_network(province: Province, post: Post) -> None:
    laptop = Laptop.new(province, "An")
    record = province.establishment(laptop.workspace, "Mộc")
    laptop.sync()
    copy = laptop.copied("b", with_marks=True)  # nothing shows that it is a copy
    laptop.write(record, "hai")
    laptop.sync()
    copy.write(record, "ba")
    read = post.round(copy.workspace)
    assert read.problem is not None
    assert read.problem.code == "other_chain"
    assert copy.workspace.parcels.own()[0].problem
    copy.sync()
    assert written(province) == ["ba", "hai"]


def test_a_revoked_device_is_refused(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    province.establishment(workspace, "Một")
    post.round(workspace)
    with province.database.begin() as connection:
        connection.execute(tables.devices.update().values(revoked_at=province.clock()))
    province.establishment(workspace, "Hai")
    (answer,) = post.take(*post.write(workspace))
    assert province.status().changes == 1
    read = post.read(workspace, answer)
    assert read.problem is not None
    assert read.problem.code == "revoked"
    said = read.problem.revocation
    assert said is not None
    assert (said.device, said.at) == (workspace.device_id, province.clock())
    home = workspace.province()
    assert home is not None
    statement = protocol.revocation_statement(said.device, said.at)
    assert protocol.is_signed(home.public_key, said.signature, statement)


def test_no_bit_of_a_parcel_can_change_unnoticed(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    province.establishment(workspace, "Một")
    (up,) = post.write(workspace)
    (answer,) = post.take(up)
    good = answer.read_bytes()
    changed = post.folder / "changed.kcparcel"
    tables_before = province.status()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1 << position % 8
        changed.write_bytes(bad)
        with pytest.raises(KcdeskError):
            post.read(workspace, changed)
    assert workspace.chain().confirmed_n == 0
    sent = up.read_bytes()
    for position in range(len(sent)):
        bad = bytearray(sent)
        bad[position] ^= 1 << position % 8
        with pytest.raises(KcdeskError), Parcel([bytes(bad)], "x") as parcel:
            parcels.take_in(
                province.database, parcel, clock=province.clock, randomness=province.randomness
            )
    assert province.status() == tables_before
    for length in (0, 5, 9, 20, len(good) // 2, len(good) - 1):
        changed.write_bytes(good[:length])
        with pytest.raises(KcdeskError):
            post.read(workspace, changed)
    changed.write_bytes(good + b"x")
    with pytest.raises(KcdeskError):
        post.read(workspace, changed)
    assert post.read(workspace, answer).delivered_n == 1


def test_a_stranger_can_neither_read_nor_forge(province: Province, post: Post) -> None:
    workspace, relay = post.enrolled("An"), post.enrolled("Bình")
    province.establishment(workspace, "Bí mật của An")
    (up,) = post.write(workspace)
    (answer,) = post.take(up)
    for path in (up, answer):
        data = path.read_bytes()
        for secret in (b"An", "Bí mật".encode(), workspace.device_id.encode()):
            assert secret not in data[:200]
        key = parcel_identity(relay.identity.speaker().signing_key)
        with Parcel.open(path) as parcel, pytest.raises(BadParcel):
            list(parcel.sections(key))
    home = relay.province()
    assert home is not None
    thief = relay.identity.speaker()
    with Parcel.open(up) as parcel:
        stolen = b"".join(parcel.pieces())
    re_signed = stolen[:-64]
    forged = re_signed + thief.sign(envelope.statement(hashlib.sha512(re_signed).digest()))
    with Parcel([forged], "forged") as parcel, pytest.raises(BadParcel, match="bị sửa"):
        parcels.take_in(
            province.database, parcel, clock=province.clock, randomness=province.randomness
        )
    fake = io.BytesIO()
    recipient = recipient_of(parcel_identity(workspace.identity.speaker().signing_key))
    header = envelope.read_header(answer)
    envelope.write(fake, header, recipient, _sections_of(workspace, answer), thief.sign)
    path = post.folder / "fake.kcparcel"
    path.write_bytes(fake.getvalue())
    with pytest.raises(BadParcel, match="bị sửa"):
        post.read(workspace, path)
    assert workspace.chain().confirmed_n == 0


def _sections_of(workspace: Workspace, path: Path) -> Iterable[bytes]:
    with Parcel.open(path) as parcel:
        return list(parcel.sections(parcel_identity(workspace.identity.speaker().signing_key)))


def test_a_gap_between_answers_is_said_plainly(province: Province, post: Post) -> None:
    laptop = Laptop.new(province, "An", joins=False)
    path, code = post.enrolment("An")
    reading.join_by_file(laptop.workspace, path, code, clock=province.clock)
    post.round(laptop.workspace)
    other = province.joined(province.person("Bình"))
    province.many(other, 3)
    province.sync(other)
    post.round(laptop.workspace)
    province.many(other, 3)
    province.sync(other)
    (late,) = post.take(*post.write(laptop.workspace))
    bodies.read_again(laptop.workspace, list(laptop.workspace.cursors()))
    with pytest.raises(Rejected, match="nối tiếp một gói trả lời khác"):
        post.read(laptop.workspace, late)
    assert post.round(laptop.workspace).differing == set()


def test_a_stick_that_cannot_be_written_says_so(province: Province, post: Post) -> None:
    workspace = post.enrolled("An")
    province.establishment(workspace, "Một")
    with pytest.raises(BadInput, match="Không ghi được gói"):
        writing.write(
            workspace,
            post.folder / "missing" / "x.kcparcel",
            clock=province.clock,
            randomness=province.randomness,
        )
    assert workspace.parcels.own() == []
    assert workspace.parcels.in_parcels() == 0


def test_a_relay_carries_over_the_network(province: Province, post: Post) -> None:
    author, relay = post.enrolled("An"), province.joined(province.person("Bình"))
    province.establishment(author, "Của An")
    (up,) = post.write(author)
    books = relay.parcels
    with Parcel.open(up) as parcel:
        data = list(parcel.pieces())
        assert books.take(parcel.header.id, up.name, data, province.clock())
        assert not books.take(parcel.header.id, up.name, data, province.clock())
    assert [one.state for one in books.carried()] == ["waits"]
    assert province.sync(relay).carried == 1
    (one,) = books.carried()
    assert one.state == "answered"
    answer = post.folder / "answer.kcparcel"
    answer.write_bytes(b"".join(books.bytes_of(one.id, "down")))
    with pytest.raises(BadParcel):
        post.read(relay, answer)
    read = post.read(author, answer)
    assert (read.delivered_n, read.waiting) == (1, 0)
    assert province.sync(relay).carried == 0
    assert states(relay) == states(author)


def test_what_a_stranger_slips_in_is_refused_and_the_rest_goes_on(
    province: Province, post: Post
) -> None:
    author, relay = post.enrolled("An"), province.joined(province.person("Bình"))
    (up,) = post.write(author)
    books = relay.parcels
    bad = bytearray(up.read_bytes())
    bad[-100] ^= 1
    books.take("0" * 32, "bad", [bytes(bad)], province.clock())
    books.take("1" * 32, "good", [up.read_bytes()], province.clock())
    assert province.sync(relay).carried == 1
    assert {one.name: one.state for one in books.carried()} == {
        "bad": "refused",
        "good": "answered",
    }
    with httpx.Client(transport=province.transport(), base_url=NOWHERE_URL) as stranger:
        answer = stranger.post(f"/v1/parcels/{'a' * 32}", content=up.read_bytes())
    assert answer.status_code == 401


def test_carrying_goes_on_after_a_cut(province: Province, post: Post) -> None:
    author, relay = post.enrolled("An"), province.joined(province.person("Bình"))
    province.many(author, 200)
    (up,) = post.write(author)
    relay.parcels.take("1" * 32, "x", [up.read_bytes()], province.clock())
    line = province.transport()
    line.breaks_at(2, "answer")  # after the exchange and the question how far
    with pytest.raises(Unreachable):
        province.sync(relay, line)
    assert province.status().changes == 200
    assert province.sync(relay).carried == 1
    assert province.status().changes == 200
