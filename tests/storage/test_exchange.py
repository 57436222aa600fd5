"""The bytes of an exchange under way: kept in pieces, read on from any place, there again after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.storage.sync_books import PIECE_BYTES, Exchange, Province
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import make, raw, reopen

BODY = bytes(range(256)) * (5 * PIECE_BYTES // 512)  # two and a half pieces


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make(tmp_path_factory.mktemp("books") / "workspace")


@settings(max_examples=40)
@given(st.lists(st.integers(0, 2 * PIECE_BYTES), max_size=4), st.integers(0, len(BODY) + 10))
def test_a_body_is_read_on_from_any_byte(books: Workspace, cuts: list[int], offset: int) -> None:
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(BODY[start : start + cut])
        start += cut
    pieces.append(BODY[start:])
    books.begin_exchange("x1", 7, b"hash", pieces)
    assert books.exchange() == Exchange("x1", 7, b"hash", len(BODY))
    assert b"".join(books.body_from(offset)) == BODY[offset:]
    assert all(len(piece) <= PIECE_BYTES for piece in books.body_from(0))
    assert books.answer_bytes() == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=50), max_size=6))
def test_an_answer_grows_without_gaps(books: Workspace, arrivals: list[bytes]) -> None:
    books.begin_exchange("x1", 1, b"", [b"body"])
    kept = b""
    for data in arrivals:
        books.keep_answer(len(kept), data)
        kept += data
        assert books.answer_bytes() == len(kept)
        for wrong in (len(kept) + 1, len(kept) - 1):
            with pytest.raises(ValueError, match="in order"):
                books.keep_answer(wrong, b"x")
    assert b"".join(books.answer_from(0)) == kept
    assert b"".join(books.answer_from(len(kept) // 2)) == kept[len(kept) // 2 :]
    assert b"".join(books.body_from(0)) == b"body"


def test_an_exchange_goes_on_after_a_restart(folder: Path) -> None:
    with make(folder) as workspace:
        workspace.begin_exchange("x1", 3, b"h", [BODY])
        workspace.keep_answer(0, b"half an")
    with reopen(folder) as workspace:
        assert workspace.exchange() == Exchange("x1", 3, b"h", len(BODY))
        workspace.keep_answer(workspace.answer_bytes(), b" answer")
        assert b"".join(workspace.answer_from(0)) == b"half an answer"
        assert b"".join(workspace.body_from(PIECE_BYTES - 1)) == BODY[PIECE_BYTES - 1 :]


def test_a_new_exchange_drops_the_old_one_and_its_end_leaves_nothing(folder: Path) -> None:
    with make(folder) as workspace:
        workspace.begin_exchange("x1", 3, b"h", [BODY])
        workspace.keep_answer(0, b"old")
        workspace.begin_exchange("x2", 4, b"i", [b"new"])
        assert workspace.exchange() == Exchange("x2", 4, b"i", 3)
        assert workspace.answer_bytes() == 0
        assert b"".join(workspace.body_from(0)) == b"new"
        workspace.end_exchange()
        assert workspace.exchange() is None
    db = raw(folder)
    assert db["exchange_bytes"].count == 0
    db.close()


def test_a_body_that_cannot_be_made_begins_no_exchange(books: Workspace) -> None:
    books.begin_exchange("x1", 1, b"", [b"first"])

    def pieces() -> object:
        yield b"second"
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 -- any
        books.begin_exchange("x2", 2, b"", pieces())  # type: ignore[arg-type]
    assert books.exchange() == Exchange("x1", 1, b"", 5)
    assert b"".join(books.body_from(0)) == b"first"


def test_the_province_and_whose_devices_are_whose(folder: Path) -> None:
    province = Province("https://a.vn", "tỉnh Lào Cai", "e1", b"k" * 32, "token", "officer", 5)
    with make(folder, person="Lan") as workspace:
        workspace.join_province(province)
        workspace.know_devices({"a": "Hùng", "b": "Mai"})
        workspace.know_devices({"a": "Hùng mới"})
        workspace.synced(9)
    with reopen(folder) as workspace:
        assert workspace.province() == Province(
            "https://a.vn", "tỉnh Lào Cai", "e1", b"k" * 32, "token", "officer", 5, 9
        )
        assert workspace.devices() == {workspace.device_id: "Lan", "a": "Hùng mới", "b": "Mai"}
