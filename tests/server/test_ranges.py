"""Ranges of bytes, held against what slicing gives."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.server.ranges import Unsatisfiable, wanted_span

CONTENT = bytes(range(200))
numbers = st.integers(0, 260)


def served(header: str, content: bytes) -> bytes | None:
    """What a header brings; None: nothing of it is there."""
    try:
        span = wanted_span(header, len(content))
    except Unsatisfiable:
        return None
    return content if span is None else content[span.start : span.end]


@given(numbers, numbers)
def test_from_one_byte_to_another(first: int, last: int) -> None:
    found = served(f"bytes={first}-{last}", CONTENT)
    if last < first:
        assert found == CONTENT  # no range at all, which may be ignored
    else:
        assert (found or b"") == CONTENT[first : last + 1]
        assert (found is None) == (first >= len(CONTENT))


@given(numbers)
def test_from_one_byte_on(first: int) -> None:
    assert (served(f"bytes={first}-", CONTENT) or b"") == CONTENT[first:]


@given(numbers)
def test_the_last_bytes(count: int) -> None:
    expected = CONTENT[-count:] if count else None
    assert served(f"bytes=-{count}", CONTENT) == expected


@given(st.lists(numbers, max_size=5), st.lists(numbers, max_size=5))
def test_pieces_make_the_whole(cuts: list[int], more: list[int]) -> None:
    """However it is cut: the pieces, asked for one after the other, are the content."""
    places = sorted({min(place, len(CONTENT)) for place in [0, *cuts, *more, len(CONTENT)]})
    pieces = [
        served(f"bytes={start}-{end - 1}", CONTENT) or b""
        for start, end in itertools.pairwise(places)
    ]
    assert b"".join(pieces) == CONTENT


@given(st.text(max_size=30))
def test_whatever_is_written_there_something_is_answered(header: str) -> None:
    found = served(header, CONTENT)
    assert found is None or found in CONTENT


@pytest.mark.parametrize("header", ["bytes=0-1,4-5", "lines=0-1", "bytes=-", "bytes=a-", "bytes"])
def test_what_is_no_single_range_is_ignored(header: str) -> None:
    assert wanted_span(header, 10) is None
