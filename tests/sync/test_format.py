"""Any changes, packed and unpacked through any split of the bytes, are the same changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.changes import Change, Value
from kcdesk.sync import format as packing
from kcdesk.sync.format import (
    BadBody,
    Column,
    Columns,
    from_columns,
    in_pieces,
    pack,
    to_columns,
    unpack,
)

COLUMNS = msgspec.json.Decoder(Columns)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values: st.SearchStrategy[Value] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, 1.0, True, "1", "", 2**63, -(2**64), 10**30, -0.0, 1e16])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
parts = st.sampled_from(["a", "b", "*", "", "machines", "x7", "đ"]) | texts
fields = st.lists(parts, min_size=1, max_size=6).map("/".join)
devices = st.sampled_from(["00112233445566ff", "ffeeddccbbaa0099", "", "khác"])
numbers = st.integers(0, 5) | st.integers(-5, 2**70)
changes = st.builds(
    Change,
    device=devices,
    n=numbers,
    kind=st.sampled_from(["establishments", "needs", "x"]),
    record=st.sampled_from(["r1", "r2", "r3"]) | texts,
    at=numbers,
    set=st.dictionaries(fields, values, max_size=5),
    seen=st.dictionaries(devices, numbers, max_size=2),
)


def exactly(found: list[Change]) -> bytes:
    """Equal for equal changes only: `1 == 1.0 == True` in Python, but not in JSON."""
    return msgspec.json.encode(found, order="deterministic")


@given(st.lists(st.lists(changes, max_size=8), max_size=4), st.data())
def test_changes_come_back_exactly(groups: list[list[Change]], data: st.DataObject) -> None:
    sections = (msgspec.json.encode(to_columns(group)) for group in groups)
    body = b"".join(pack(sections))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    back = [from_columns(packing.decode(COLUMNS, section)) for section in unpack(pieces)]
    assert [exactly(group) for group in back] == [exactly(group) for group in groups]


def survey(n: int) -> Change:
    record = f"00000000-0000-7000-8000-{n:012x}"
    machine = {
        f"machines/row{i}/{key}": f"{key} {n * i}" for i in range(3) for key in ("name", "power")
    }
    return Change(
        "00112233445566ff", n, "surveys", record, 10**12 + n, {"note": "ghi", **machine}, {}
    )


def test_a_table_has_one_column_for_each_cell() -> None:
    columns = to_columns([survey(1), survey(2)])
    assert [column.field for column in columns.cells] == [
        "note",
        "machines/*/name",
        "machines/*/power",
    ]
    assert columns.cells[1].rows == ["row0", "row1", "row2"] * 2


@pytest.mark.parametrize("count", [1, 5_000])
def test_a_group_can_be_read_as_soon_as_its_bytes_are_there(count: int) -> None:
    groups = list(packing.grouped(map(survey, range(1, count + 1)), lambda change: 100))
    assert max(map(len, groups)) <= packing.GROUP_CHANGES
    chunks = list(pack(msgspec.json.encode(to_columns(group)) for group in groups))
    given_out = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given_out
        for chunk in chunks[: len(groups)]:
            given_out += 1
            yield chunk
        yield from chunks[len(groups) :]

    for number, section in enumerate(unpack(pieces()), 1):
        assert from_columns(packing.decode(COLUMNS, section)) == groups[number - 1]
        assert given_out == number


def test_groups_end_early_when_changes_are_large() -> None:
    sizes = [packing.GROUP_BYTES // 2, packing.GROUP_BYTES, 10, 10]
    assert list(packing.grouped(sizes, lambda size: size)) == [sizes[:2], sizes[2:]]


def test_small_bodies_are_packed_harder() -> None:
    sections = [
        msgspec.json.encode(to_columns([survey(n) for n in range(k, k + 500)]))
        for k in range(1, 2000, 500)
    ]
    strong = sum(map(len, pack(sections)))
    assert sum(map(len, sections)) < packing.STRONG_UP_TO
    fast = len(zstandard.compress(b"".join(sections), 9))
    assert strong < fast


@given(st.binary(max_size=200))
def test_bytes_of_somebody_else_are_refused(noise: bytes) -> None:
    with pytest.raises(BadBody):
        list(unpack([noise]))


def group(*numbers: int) -> bytes:
    return msgspec.json.encode(to_columns([survey(n) for n in numbers]))


SMALL = {
    "nothing": [[]],
    "one frame": [[b"[" + b"1," * 500 + b"1]"]],
    "equal things": [[b"0" * 300, b"01" * 300, b"0" * 300]],
    "a group": [[group(*range(1, 20))]],
    "several frames": [[b'{"head":1}'], [group(1, 2), group(3)], [b"{}"], []],
}
"""Parts of bodies: of each every byte and every bit is tried."""


def is_refused(body: bytes, size: int = packing.PIECE) -> bool:
    try:
        for _ in unpack(in_pieces([body], size)):
            pass
    except BadBody:
        return True
    return False


@pytest.mark.parametrize("parts", SMALL.values(), ids=SMALL)
def test_every_bit_of_a_body_counts(parts: list[list[bytes]]) -> None:
    body = b"".join(pack(*parts))
    assert list(unpack([body])) == [section for part in parts for section in part]
    passed = []
    for bit in range(len(body) * 8):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        if not is_refused(bytes(changed)):
            passed.append(bit)
    assert passed == []


@pytest.mark.parametrize("parts", SMALL.values(), ids=SMALL)
def test_a_cut_body_is_refused_wherever_it_was_cut(parts: list[list[bytes]]) -> None:
    body = b"".join(pack(*parts))
    assert [end for end in range(len(body)) if not is_refused(body[:end])] == []
    assert [more for more in (b"\0", body, body[-16:]) if not is_refused(body + more)] == []


@pytest.fixture(scope="module")
def larger_body() -> bytes:
    """A body of two frames, the second above the size that is packed harder."""
    noise = hashlib.shake_256(b"seed").hexdigest(packing.STRONG_UP_TO).encode()
    return b"".join(pack([b"{}"], [noise[:1000], noise[1000:], group(*range(1, 500))]))


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_to_a_larger_body_is_found(larger_body: bytes, data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1 << 10, packing.PIECE, len(larger_body)]))
    bit = data.draw(st.integers(0, len(larger_body) * 8 - 1))
    changed = bytearray(larger_body)
    changed[bit // 8] ^= 1 << bit % 8
    assert is_refused(bytes(changed), size)
    assert is_refused(larger_body[: bit // 8], size)


def test_what_reading_the_pieces_raises_goes_through() -> None:
    body = b"".join(pack([b"{}"]))

    def line() -> Iterator[bytes]:
        yield body[:-1]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        list(unpack(line()))


def test_any_tool_can_unpack_a_body() -> None:
    found = zstandard.ZstdDecompressor().stream_reader(
        b"".join(pack([b"{}"], [b"[]"])), read_across_frames=True
    )
    assert found.readall() == b"\0\0\0\2{}\0\0\0\2[]"


def test_a_bomb_is_stopped_before_it_unfolds() -> None:
    size = packing.SECTION_LIMIT + 1
    one = zstandard.compress(size.to_bytes(4, "big") + bytes(size))
    with pytest.raises(BadBody) as large:
        list(unpack([one]))
    assert large.value.code == "too_large"

    half = packing.SECTION_LIMIT // 2
    many = zstandard.compress((half.to_bytes(4, "big") + bytes(half)) * 10)
    sections = unpack([many])
    for _ in range(packing.BODY_LIMIT // half):
        assert len(next(sections)) == half
    with pytest.raises(BadBody) as all_in_all:
        next(sections)
    assert all_in_all.value.code == "too_large"


@pytest.mark.parametrize(
    "section",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'[["a"],[0],[1],["k"],[0],["r"],[0],[1],[{}]]',
        b'[["a"],[-1],[1],["k"],[0],["r"],[0],[1],[{}],[]]',
        b'[["a"],[0],[1.5],["k"],[0],["r"],[0],[1],[{}],[]]',
        b'[["a"],[0],[1],["k"],[0],["r"],[0],[1],[{"a":"1"}],[]]',
        b'[["a"],[0],[1],["k"],[0],["r"],[0],[1],[{}],[["f",[],[],["\\ud800"]]]]',
    ],
)
def test_a_section_with_other_content_is_refused(section: bytes) -> None:
    with pytest.raises(BadBody):
        packing.decode(COLUMNS, section)


def good() -> Columns:
    return Columns(["d"], [0], [1], ["k"], [0], ["r"], [0], [1], [{}], [Column("f", [], [], [1])])


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": [1]},
        {"kind": [7]},
        {"record": [1]},
        {"device": []},
        {"n": [1, 1]},
        {"seen": [{}, {}]},
        {"cells": [Column("f", [], [], [1, 2])]},
        {"cells": [Column("f", [3], [], [1])]},
        {"cells": [Column("f", [0, 0], [], [1])]},
        {"cells": [Column("t/*/c", [], [], [1])]},
        {"cells": [Column("t/*/c", [], ["a", "b"], [1])]},
    ],
)
def test_columns_that_do_not_fit_together_are_refused(wrong: dict[str, object]) -> None:
    assert len(from_columns(good())) == 1
    with pytest.raises(BadBody):
        from_columns(msgspec.structs.replace(good(), **wrong))


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 16))
def test_pieces_are_the_same_bytes(chunks: list[bytes], size: int) -> None:
    pieces = list(in_pieces(chunks, size))
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(piece) == size for piece in pieces[:-1])
