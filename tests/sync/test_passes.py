"""Passes of sync against the server in this process: what travels, what is refused, what a cut costs."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text

from kcdesk.changes import extend
from kcdesk.errors import BadAnswer, BadInput, Cancelled, Rejected, Unreachable
from kcdesk.storage.edits import Edit
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine, patience, protocol
from kcdesk.sync import format as packing
from kcdesk.sync.protocol import Refusal
from tests.conftest import SettableClock
from tests.sync.in_process import Cut
from tests.sync.provinces import FILLED, NOWHERE_URL, Province, states

EMPTY_END = b'{"type":"end","logs":{},"more":false}'


@pytest.fixture
def two(province: Province) -> tuple[Workspace, Workspace]:
    """An's and Bình's workspaces, both joined."""
    return tuple(province.joined(province.person(name)) for name in ("An", "Bình"))  # type: ignore[return-value]


@pytest.fixture
def full(province: Province) -> tuple[Workspace, Workspace]:
    """The same, and An's holds FILLED establishments that nobody else has yet."""
    for name in ("An", "Bình"):
        province.person(name)
    return province.join(province.filled()), province.joined("Bình")


def test_what_was_made_before_joining_goes_up_and_reaches_the_other_device(
    province: Province,
) -> None:
    first = province.workspace(province.person("An"))
    made = province.many(first, 30)
    joined = engine.join(
        first,
        NOWHERE_URL,
        province.code("An"),
        clock=province.clock,
        transport=province.transport(),
    )
    assert (joined.name, joined.role) == ("Tỉnh Lào Cai", "officer")

    sent = province.sync(first)
    assert (sent.changes_sent, sent.confirmed_n, sent.waiting, sent.refused) == (30, 30, 0, ())
    assert (sent.round_trips, sent.bytes_sent_twice, sent.cuts) == (1, 0, 0)
    assert sent.digests_equal

    second = province.joined(province.person("Bình"))
    got = province.sync(second)
    assert (got.received, got.digests_equal) == (30, True)
    assert states(second) == states(first)
    assert set(states(second)) == set(made)
    assert second.devices()[first.device_id] == "An"
    assert second.province().synced_at == province.clock()  # type: ignore[union-attr]

    again = province.sync(first)
    assert (again.changes_sent, again.received, again.round_trips) == (0, 0, 1)
    status = province.status()
    assert (status.changes, status.records, status.log_entries) == (30, 30, 30)
    assert (status.double_changes, status.double_entries) == (0, 0)


def test_different_fields_merge_and_the_same_field_waits_for_a_person(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    record = province.establishment(first, "Cơ sở mộc")
    province.sync(first)
    province.sync(second)

    first.save([Edit("establishments", record, {"phone": "0912345678", "trade": "Mộc"})])
    second.save([Edit("establishments", record, {"hamlet": "Thôn 1", "trade": "Rèn"})])
    for workspace in (first, second, first):
        assert province.sync(workspace).digests_equal
    assert states(first) == states(second)
    state = first.state("establishments", record)
    assert (state.get("phone"), state.get("hamlet")) == ("0912345678", "Thôn 1")
    assert state.conflicts == ("trade",)
    assert {head.value for head in state.heads["trade"]} == {"Mộc", "Rèn"}

    second.save([Edit("establishments", record, {"trade": "Mộc"})])
    province.sync(second)
    province.sync(first)
    assert states(first) == states(second)
    assert first.state("establishments", record).conflicts == ()


def test_a_refused_change_does_not_hold_up_its_neighbours(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    before = province.establishment(first, "Trước")
    elsewhere = province.establishment(first, "Không có xã", note="chưa rõ ở đâu")
    figures = "01990000-0000-7000-8000-000000000001"
    first.save([Edit("figures", figures, {"establishment": elsewhere, "workers": 3})])
    after = province.establishment(first, "Sau")

    report = province.sync(first)
    assert report.refused == (Refusal(2, "no_area"), Refusal(3, "no_area"))
    assert (report.confirmed_n, report.waiting, report.digests_equal) == (4, 0, True)
    province.sync(second)
    assert set(states(second)) == {before, after}
    assert province.status().refusals == 2

    first.save(
        [Edit("establishments", elsewhere, {"commune": province.communes[1], "name": "Có xã"})]
    )
    assert province.sync(first).refused == ()
    province.sync(second)
    assert second.state("establishments", elsewhere).get("name") == "Có xã"


def test_a_collaborator_reads_what_is_open_in_their_commune_and_deletes_nothing(
    province: Province,
) -> None:
    here, there = province.communes[:2]
    officer = province.joined(province.person("An"))
    helper = province.joined(province.person("Cù", "collaborator", here))
    near = province.establishment(officer, "Gần", commune=here)
    province.establishment(officer, "Xa", commune=there)
    province.sync(officer)
    province.sync(helper)
    assert set(states(helper)) == {near}

    helper.save([Edit("establishments", near, {"phone": "0912345678"})])
    helper.save([Edit("establishments", near, {"deleted": True})])
    far = province.establishment(helper, "Ngoài địa bàn", commune=there)
    report = province.sync(helper)
    assert report.refused == (Refusal(2, "no_right", "delete"), Refusal(3, "no_area"))
    province.sync(officer)
    assert officer.state("establishments", near).get("phone") == "0912345678"
    assert not officer.state("establishments", near).deleted
    assert far not in states(officer)


def test_more_than_one_exchange_holds(
    province: Province, two: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    province.many(first, 25)
    monkeypatch.setattr(protocol, "EXCHANGE_CHANGES", 10)
    monkeypatch.setattr(packing, "GROUP_CHANGES", 4)
    sent = province.sync(first)
    assert (sent.changes_sent, sent.confirmed_n, sent.round_trips) == (25, 25, 3)
    got = province.sync(second)
    assert (got.received, got.round_trips, got.digests_equal) == (25, 3, True)
    assert states(second) == states(first)


def test_a_server_that_takes_little_gets_little(
    province: Province, two: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two
    province.many(first, 60)
    monkeypatch.setattr(packing, "GROUP_CHANGES", 5)
    report = province.sync(first, province.transport(body_limit=3_000))
    assert (report.confirmed_n, report.waiting) == (60, 0)
    assert report.round_trips > 2


# The line is cut


@pytest.mark.parametrize("part", [0, 0.001, 0.3, 0.7, 0.999, 1])
def test_a_cut_while_sending_costs_one_round_trip_and_next_to_no_bytes(
    province: Province, full: tuple[Workspace, Workspace], part: float
) -> None:
    first, second = full
    whole = body_of(first, province)
    line = province.transport(Cut("body", int(whole * part)))
    report = province.sync(first, line)
    assert (report.confirmed_n, report.waiting, report.cuts) == (FILLED, 0, 0 if part == 1 else 1)
    assert line.body_bytes == whole
    if part < 1:
        assert line.calls == ["POST", "HEAD", "PATCH"]
        assert report.bytes_sent_twice == report.bytes_sent - whole
    check_equal(province, first, second, FILLED)


@pytest.mark.parametrize("after", [None, 0, 1, 40, 150, 100_000])
def test_a_cut_while_the_push_is_answered_loses_nothing(
    province: Province, two: tuple[Workspace, Workspace], after: int | None
) -> None:
    first, second = two
    province.many(first, 300)
    line = province.transport(Cut("answer", after))
    report = province.sync(first, line)
    assert (report.confirmed_n, report.bytes_sent_twice, report.bytes_received_twice) == (300, 0, 0)
    if after is None or after == 0:
        assert line.calls == ["POST", "HEAD", "GET"]
    elif after < 1_000:
        assert line.calls == ["POST", "GET"]
    check_equal(province, first, second, 300)


@pytest.mark.parametrize("after", [None, 1, 9_999, 10_000, 33_000])
def test_a_cut_while_receiving_fetches_only_the_rest(
    province: Province, full: tuple[Workspace, Workspace], after: int | None
) -> None:
    first, second = full
    province.sync(first)
    line = province.transport(Cut("answer", after))
    report = province.sync(second, line)
    assert (report.received, report.bytes_received_twice, report.cuts) == (FILLED, 0, 1)
    assert report.digests_equal
    check_equal(province, first, second, FILLED)


def test_many_cuts_in_one_pass(province: Province, full: tuple[Workspace, Workspace]) -> None:
    first, second = full
    cuts = [Cut("body", 100), Cut("body", 9_000), None, *[Cut("answer", 300)] * 3]
    assert province.sync(first, province.transport(*cuts)).confirmed_n == FILLED
    got = province.sync(second, province.transport(*[Cut("answer", 11_000)] * 4))
    assert (got.received, got.bytes_received_twice) == (FILLED, 0)
    check_equal(province, first, second, FILLED)


def test_a_line_that_never_holds_is_given_up_and_gone_on_with_next_time(
    province: Province, full: tuple[Workspace, Workspace]
) -> None:
    first, second = full
    waits: list[float] = []
    with pytest.raises(Unreachable) as given_up:
        province.sync(
            first,
            province.transport(Cut("body", 5_000), Cut("body", 7_000), *[Cut("body", 0)] * 50),
            wait=waits.append,
        )
    assert given_up.value.code == "cut"
    assert (
        len(waits) == 1 + 1 + patience.TRIES - 1
    )  # both cuts that moved something, then none that did
    assert all(0 < wait <= patience.LONGEST_WAIT_S for wait in waits)
    assert first.chain().confirmed_n == 0

    line = province.transport()
    report = province.sync(first, line)
    assert line.calls == ["HEAD", "PATCH"]
    assert report.confirmed_n == FILLED
    check_equal(province, first, second, FILLED)


def test_a_program_killed_while_sending_or_receiving_goes_on(
    province: Province, full: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = full
    monkeypatch.setattr(packing, "PIECE", 8_000)

    class Killed(BaseException):
        pass

    def die_at(phase_wanted: str, part: float) -> Callable[[str, int, int], None]:
        def progress(phase: str, done: int, total: int) -> None:
            if phase == phase_wanted and done >= total * part:
                raise Killed

        return progress

    with pytest.raises(Killed):
        province.sync(first, progress=die_at("send", 0.5))
    first = reopened(province, first)
    assert province.sync(first).confirmed_n == FILLED
    with pytest.raises(Killed):
        province.sync(second, progress=die_at("receive", 0.7))
    second = reopened(province, second)
    assert second.answer_bytes() > 0
    line = province.transport()
    report = province.sync(second, line)
    assert (line.calls, report.bytes_received_twice) == (["GET"], 0)
    assert report.digests_equal
    check_equal(province, first, second, FILLED)


def test_a_killed_program_that_had_the_whole_answer_needs_nothing_more(
    province: Province, two: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    province.many(first, 50)
    province.sync(first)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(second, "receive", die)
        with pytest.raises(KeyboardInterrupt):
            province.sync(second)
    assert province.sync(second).received == 50
    check_equal(province, first, second, 50)


def test_a_killed_program_sends_what_came_later_in_the_same_pass(
    province: Province, two: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two
    province.establishment(first, "Trước", commune=province.communes[0])

    def die() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(first, "end_exchange", die)
        with pytest.raises(KeyboardInterrupt):
            province.sync(first)
    assert first.chain().confirmed_n == 1
    province.establishment(first, "Sau", commune=province.communes[0])
    report = province.sync(first)
    assert (report.confirmed_n, report.waiting) == (2, 0)


def test_an_exchange_the_server_has_lost_is_begun_anew(
    province: Province, full: tuple[Workspace, Workspace]
) -> None:
    first, second = full
    province.sync(first)

    def forget(_seconds: float) -> None:
        with province.database.begin() as connection:
            connection.execute(text("DELETE FROM exchange_bytes"))
            connection.execute(text("DELETE FROM exchanges"))

    report = province.sync(second, province.transport(Cut("answer", 20_000)), wait=forget)
    assert report.digests_equal
    check_equal(province, first, second, FILLED)

    province.many(second, 700)
    report = province.sync(second, province.transport(Cut("body", 5_000)), wait=forget)
    assert report.confirmed_n == 700
    check_equal(province, second, first, FILLED + 700)


def test_two_servers_over_one_database_are_one(
    province: Province, full: tuple[Workspace, Workspace]
) -> None:
    first, _ = full
    with pytest.raises(Unreachable):
        province.sync(first, province.transport(Cut("body", 20_000), *[Cut("body", 0)] * 20))
    another = province.transport()
    assert province.sync(first, another).confirmed_n == FILLED
    assert another.calls == ["HEAD", "PATCH"]


def test_digests_find_what_is_missing_and_asking_again_mends_it(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    province.many(first, 40)
    province.sync(first)
    province.sync(second)
    log, cursor = next(iter(second.cursors().items()))
    second.receive([], {log: dataclasses.replace(cursor, digest=bytes(16))})
    report = province.sync(second)
    assert (report.digests_equal, report.round_trips) == (True, 2)
    assert second.cursors()[log] == cursor

    with province.database.begin() as connection:
        connection.execute(
            text("UPDATE logs SET digest = :zero WHERE id = :log"), {"zero": bytes(16), "log": log}
        )
    report = province.sync(second)
    assert (report.differing_logs, report.digests_equal) == ((log,), False)


# What is not taken


def test_what_comes_early_is_not_taken(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    for name in ("Một", "Hai", "Ba"):
        province.establishment(first, name)
    hash_of_one = extend(first.chain().confirmed_hash, first.own_changes(0, 1))
    first.confirm(1, hash_of_one, [])  # as if the province had it
    with pytest.raises(Rejected) as behind:
        province.sync(first)
    assert behind.value.code == "province_behind"
    assert province.status().changes == 0


def test_a_change_that_has_seen_what_the_province_lacks_waits(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, second = two
    shared = province.establishment(first, "Chung")
    province.establishment(second, "Riêng")
    second.receive(list(first.own_changes(0, 1)), {})  # by a way that does not exist yet
    second.save([Edit("establishments", shared, {"phone": "0912345678"})])
    province.establishment(second, "Sau")

    report = province.sync(second)
    assert (report.confirmed_n, report.waiting, report.refused) == (1, 2, ())
    province.sync(first)
    report = province.sync(second)
    assert (report.confirmed_n, report.waiting) == (3, 0)
    province.sync(first)
    assert states(first) == states(second)


def test_another_history_under_the_same_numbers_makes_a_new_device(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    one = province.establishment(first, "Một")
    province.sync(first)
    before = first.device_id
    with province.database.begin() as connection:
        connection.execute(
            text("UPDATE devices SET h = :h WHERE id = :id"), {"h": b"x" * 32, "id": before}
        )
    two_ = province.establishment(first, "Hai")
    report = province.sync(first)
    (went_on,) = report.went_on
    assert (went_on.before, went_on.device) == (before, first.device_id)
    assert (went_on.reason, report.waiting, report.digests_equal) == ("other_chain", 0, True)
    assert province.status().changes == 2
    assert {one, two_} == set(states(first))
    assert first.exchange() is None
    assert province.sync(first).went_on == ()


def test_a_server_that_always_knows_another_history_is_given_up(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    line = province.transport()

    def always(request: httpx.Request) -> httpx.Response:
        if protocol.SYNC_PATH not in request.url.path:
            return line.handle_request(request)
        error = protocol.ErrorDocument(protocol.ErrorBody("other_chain", "Khác."))
        return httpx.Response(409, stream=httpx.ByteStream(protocol.encode(error)))

    province.establishment(first, "Một")
    with pytest.raises(Rejected) as other:
        province.sync(first, httpx.MockTransport(always))
    assert other.value.code == "other_chain"
    assert len(first.identity.went_on()) == 1
    assert province.sync(first).digests_equal
    assert province.status().changes == 1


def test_a_receipt_without_the_provinces_signature_is_not_believed(
    province: Province, two: tuple[Workspace, Workspace]
) -> None:
    first, _ = two
    known = first.province()
    assert known is not None
    first.join_province(dataclasses.replace(known, public_key=first.identity.speaker().public_key))
    province.establishment(first, "Một")
    with pytest.raises(BadAnswer) as unsigned:
        province.sync(first)
    assert unsigned.value.code == "bad_signature"
    assert first.chain().confirmed_n == 0


# Who may


def test_a_code_opens_for_one_device_only_and_may_be_repeated_by_it(province: Province) -> None:
    person = province.person("An")
    first, second = province.workspace(person), province.workspace(person)
    code = province.code(person)

    def join(workspace: Workspace, code: str) -> None:
        engine.join(
            workspace, NOWHERE_URL, code, clock=province.clock, transport=province.transport()
        )

    with pytest.raises(Rejected) as wrong:
        join(first, "AAAA-BBBB-CCCC-DDDD")
    assert (wrong.value.code, wrong.value.message) == (
        "code",
        "Mã đăng ký không đúng hoặc đã hết hạn.",
    )
    assert first.province() is None
    join(first, f" {code.lower().replace('-', ' ')} ")
    join(first, code)
    assert province.sync(first).round_trips == 1
    with pytest.raises(Rejected) as used:
        join(second, code)
    assert used.value.code == "code_used"


def test_a_code_ends(province: Province, clock: SettableClock) -> None:
    person = province.person("An")
    workspace, code = province.workspace(person), province.code(person)
    clock.advance(15 * 24 * 3600 * 1000)
    with pytest.raises(Rejected) as late:
        engine.join(workspace, NOWHERE_URL, code, clock=clock, transport=province.transport())
    assert late.value.code == "code"


def test_another_persons_device_does_not_change_hands(province: Province) -> None:
    workspace = province.joined(province.person("An"))
    with pytest.raises(Rejected) as other:
        engine.join(
            workspace,
            NOWHERE_URL,
            province.code(province.person("Bình")),
            clock=province.clock,
            transport=province.transport(),
        )
    assert other.value.code == "other_person"


def test_a_workspace_keeps_to_its_province(
    make_province: Callable[[], Province], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_province(), make_province()
    with other.database.begin() as connection:
        connection.execute(text("UPDATE province SET signing_key = :key"), {"key": b"k" * 32})
    workspace = one.joined(one.person("An"))
    with pytest.raises(BadInput) as refused:
        engine.join(
            workspace,
            NOWHERE_URL,
            other.code(other.person("An")),
            clock=one.clock,
            transport=other.transport(),
        )
    assert refused.value.code == "other_province"


def test_a_workspace_without_a_province_says_so(province: Province) -> None:
    with pytest.raises(BadInput) as lonely:
        province.sync(province.workspace("An"))
    assert lonely.value.code == "not_joined"


@pytest.mark.parametrize("how", ["wrong", "expired", "revoked"])
def test_a_token_that_does_not_hold_is_told(
    province: Province, clock: SettableClock, how: str
) -> None:
    workspace = province.joined(province.person("An"))
    province.many(workspace, FILLED)
    known = workspace.province()
    assert known is not None
    if how == "wrong":
        workspace.join_province(dataclasses.replace(known, token="other"))
    elif how == "expired":
        clock.advance(401 * 24 * 3600 * 1000)
    else:
        with province.database.begin() as connection:
            connection.execute(text("UPDATE devices SET revoked_at = 1"))
    with pytest.raises(Rejected) as rejected:
        province.sync(workspace)
    codes = {"wrong": "token", "expired": "token_expired", "revoked": "revoked"}
    assert rejected.value.code == codes[how]
    assert province.status().changes == 0
    assert workspace.chain().confirmed_n == 0


# Somebody else answers


@pytest.mark.parametrize(
    ("status", "content", "headers"),
    [
        (200, "<html>Đăng nhập Wi-Fi</html>".encode(), {"Content-Type": "text/html"}),
        (404, b"not here", {}),
        (500, b'{"detail": "oops"}', {"Content-Type": "application/json"}),
        (200, b"xx", {"Content-Type": protocol.BODY_TYPE}),
        (200, b"".join(packing.pack([EMPTY_END])), {"Content-Type": protocol.BODY_TYPE}),
        (302, b"", {"Location": "http://login.test/"}),
    ],
    ids=["page", "404", "500", "bytes", "order", "redirect"],
)
def test_nonsense_is_one_clear_sentence_and_changes_nothing(
    province: Province, status: int, content: bytes, headers: dict[str, str]
) -> None:
    workspace = province.joined(province.person("An"))
    province.establishment(workspace, "Một")

    def answer(request: httpx.Request) -> httpx.Response:
        length = {"Content-Length": str(len(content))}
        return httpx.Response(
            status, headers={**headers, **length}, stream=httpx.ByteStream(content)
        )

    nonsense = httpx.MockTransport(answer)
    with pytest.raises(BadAnswer) as strange:
        province.sync(workspace, nonsense)
    assert strange.value.message.endswith(".")
    assert strange.value.hint
    with pytest.raises(BadAnswer):
        engine.join(
            province.workspace("Bình"),
            NOWHERE_URL,
            "code",
            clock=province.clock,
            transport=nonsense,
        )
    assert province.sync(workspace).confirmed_n == 1


def test_a_newer_server_says_that_the_program_is_old(province: Province) -> None:
    workspace = province.joined(province.person("An"))
    line = province.transport()

    def newer(request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.replace("/v1/", "/v9/"))
        return line.handle_request(request)

    with pytest.raises(Rejected) as version:
        province.sync(workspace, httpx.MockTransport(newer))
    assert version.value.code == "version"
    assert "phiên bản" in version.value.message


def test_a_time_out_is_told_as_one(province: Province) -> None:
    workspace = province.joined(province.person("An"))

    def slow(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(Unreachable) as late:
        province.sync(workspace, httpx.MockTransport(slow))
    assert late.value.code == "timeout"


def test_stopping_keeps_what_is_done(province: Province, full: tuple[Workspace, Workspace]) -> None:
    first, second = full
    stop = threading.Event()
    seen: list[tuple[str, int, int]] = []

    def progress(phase: str, done: int, total: int) -> None:
        seen.append((phase, done, total))
        stop.set()

    with pytest.raises(Cancelled):
        province.sync(first, progress=progress, cancel=stop)
    assert seen[0][0] == "send"
    assert province.sync(first).confirmed_n == FILLED
    check_equal(province, first, second, FILLED)


def test_progress_ends_at_the_whole(province: Province, full: tuple[Workspace, Workspace]) -> None:
    first, _ = full
    seen: dict[str, list[tuple[int, int]]] = {"send": [], "receive": []}
    province.sync(first, progress=lambda phase, done, total: seen[phase].append((done, total)))
    for steps in seen.values():
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1][0] == steps[-1][1]


def body_of(workspace: Workspace, province: Province) -> int:
    """How long the body of the next exchange is: one is begun and dropped."""
    with pytest.raises(Unreachable):
        province.sync(workspace, httpx.MockTransport(_no_line))
    exchange = workspace.exchange()
    assert exchange is not None
    workspace.end_exchange()
    return exchange.body_bytes


def _no_line(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no line", request=request)


def check_equal(province: Province, sender: Workspace, other: Workspace, changes: int) -> None:
    """Both devices hold the same, the province holds each change once and in a row."""
    assert province.sync(other).digests_equal
    assert province.sync(sender).digests_equal
    assert states(sender) == states(other)
    status = province.status()
    assert (status.changes, status.double_changes, status.double_entries) == (changes, 0, 0)
    assert sum(device.n for device in status.devices) == changes


def reopened(province: Province, workspace: Workspace) -> Workspace:
    """The same workspace as a program finds it that is started again."""
    number = province.workspaces.index(workspace)
    workspace.close()
    province.workspaces[number] = province.opened(number)
    return province.workspaces[number]
