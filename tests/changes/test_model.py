"""Changes: their bytes, their chain, and what is refused for its form."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.changes import Change, chain_start, check_form, extend
from kcdesk.changes.model import MAX_BYTES, MAX_FIELDS

DEVICE = "00000000000000a1"
RECORD = "01900000-0000-7000-8000-000000000001"
GOOD = Change(
    DEVICE, 1, "establishments", RECORD, 1_700_000_000_000, {"name": "Hộ"}, {"00000000000000b2": 3}
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), json_values, min_size=1, max_size=4),
    st.randoms(),
)
def test_canonical_bytes_do_not_depend_on_the_order_of_fields(
    fields: dict[str, object], random: object
) -> None:
    keys = list(fields)
    random.shuffle(keys)  # type: ignore[attr-defined]
    one = msgspec.structs.replace(GOOD, set=fields)
    other = msgspec.structs.replace(GOOD, set={key: fields[key] for key in keys})
    assert one.canonical() == other.canonical()


def test_canonical_bytes_are_these() -> None:
    """Other programs compute the same chain: the bytes are part of the protocol."""
    written = (
        f'[1,"establishments","{RECORD}",1700000000000,{{"name":"Hộ"}},{{"00000000000000b2":3}}]'
    )
    assert GOOD.canonical() == written.encode()
    start = hashlib.blake2b(f"kcdesk chain {DEVICE}".encode(), digest_size=32).digest()
    assert chain_start(DEVICE) == start
    assert (
        extend(start, [GOOD]) == hashlib.blake2b(start + written.encode(), digest_size=32).digest()
    )


def test_the_chain_depends_on_every_change_and_their_order() -> None:
    other = msgspec.structs.replace(GOOD, n=2, set={"name": "Hộ khác"})
    start = chain_start(DEVICE)
    assert extend(start, [GOOD, other]) == extend(extend(start, [GOOD]), [other])
    assert extend(start, [GOOD, other]) != extend(start, [other, GOOD])
    assert chain_start("00000000000000b2") != start


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"device": "XYZ"}, "device"),
        ({"n": 0}, "number"),
        ({"kind": "Establishments"}, "kind"),
        ({"record": "1"}, "record"),
        ({"at": -1}, "time"),
        ({"set": {}}, "empty"),
        ({"set": {"": 1}}, "field"),
        ({"set": {"a b": 1}}, "field"),
        ({"set": {"a/": 1}}, "field"),
        ({"set": {f"f{i}": 1 for i in range(MAX_FIELDS + 1)}}, "size"),
        ({"set": {"f": "x" * MAX_BYTES}}, "size"),
        ({"seen": {DEVICE: 1}}, "seen"),
        ({"seen": {"00000000000000b2": 0}}, "seen"),
    ],
)
def test_a_change_of_the_wrong_form_is_refused(bad: dict[str, object], reason: str) -> None:
    assert check_form(msgspec.structs.replace(GOOD, **bad)) == reason


def test_no_value_is_judged() -> None:
    strange = {
        "name": None,
        "founded_year": "năm ngoái",
        "x.y/22a/z": [{"a": [1.5]}],
        "later_version": {"k": True},
    }
    assert check_form(msgspec.structs.replace(GOOD, set=strange)) is None
