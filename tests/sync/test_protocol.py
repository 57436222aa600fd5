"""Runs of log entries, digests and signatures."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.sync import protocol

entries = st.lists(
    st.tuples(st.sampled_from(["aa", "bb", "cc"]), st.integers(1, 10**6)), max_size=30
)


@given(entries, st.integers(1, 10**6))
def test_a_run_keeps_its_entries(named: list[tuple[str, int]], first: int) -> None:
    wire = protocol.encode(protocol.run_of("open:3", first, named))
    run = protocol.msgspec.json.decode(wire, type=protocol.LogRun)
    assert list(protocol.entries_of(run)) == [
        (number, device, n) for number, (device, n) in enumerate(named, first)
    ]


@given(entries)
def test_a_digest_does_not_hang_on_the_steps_it_was_made_in_but_on_every_entry(
    named: list[tuple[str, int]],
) -> None:
    def digest(
        of: list[tuple[str, int]], start: bytes = protocol.NO_DIGEST, first: int = 1
    ) -> bytes:
        for number, (device, n) in enumerate(of, first):
            start = protocol.add_to_digest(start, "open:1", number, device, n)
        return start

    half = len(named) // 2
    assert digest(named[half:], digest(named[:half]), half + 1) == digest(named)
    for gone in range(len(named)):
        assert digest(named[:gone] + named[gone + 1 :]) != digest(named)


def test_a_signature_holds_for_its_statement_and_key_only() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    device = protocol.device_id(public)
    statement = protocol.sent_statement(device, 7, b"h" * 32)
    signature = key.sign(statement)
    assert protocol.is_signed(public, signature, statement)
    assert not protocol.is_signed(public, signature, protocol.sent_statement(device, 8, b"h" * 32))
    assert not protocol.is_signed(
        public, signature, protocol.confirmed_statement(device, 7, b"h" * 32)
    )
    assert not protocol.is_signed(other.public_key().public_bytes_raw(), signature, statement)
    assert not protocol.is_signed(b"short", signature, statement)
    assert not protocol.is_signed(public, b"", statement)
