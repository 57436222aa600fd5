"""Search among establishments as people type: which rows match, best first, and on from any of them.

Each word is looked for as it was typed and, where its letters are raw keystrokes of Telex or VNI (`dduwcs`), as what
was meant. The matches of some words are four sets, each inside the next: the words stand in the name as they are
typed, or with the last one begun; all stand in the name; they stand in name, owner or place. The sets are read from
the best on, by key and never from the beginning, so a page costs the same wherever it is and however many match. Of a
set with more than `CHUNK` rows, so many at a time are put in order (marks as typed first, then the dictionary): nobody
reads on there, they type another letter.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from kcdesk.domain.syllables import meant_by_keys
from kcdesk.domain.text import fold, normalise, search_tokens
from kcdesk.storage.bulk import ANY_OF
from kcdesk.storage.reading.cursors import Int, read_cursor
from kcdesk.storage.sqlite import Database

CHUNK = 250
"""Rows that are ranked together."""

_PHRASE, _BEGUN, _NAME, _ANYWHERE = range(4)
_NUMBERS = ("tax_code", "rep_id_no", "phone")
_INSIDE = 4
"""So many digits are looked for inside of numbers too; fewer stand in most of them."""


class _AtWord(NamedTuple):
    """A match of words: the sets of its band, the key before its chunk, and its place in that."""

    first: Int
    last: Int
    before: Int
    rank: Int
    other_marks: Int
    sort_key: str
    key: Int


class _AtNumber(NamedTuple):
    """A match of digits: which search (number, beginning or inside), its value, and the key of the row."""

    number: Int
    value: str
    key: Int


class Match(NamedTuple):
    """A row that matches, and where reading goes on after it."""

    key: int
    position: tuple[object, ...]


class _Band(NamedTuple):
    """The rows of set `last` that are not in the set before `first`."""

    first: int
    last: int


def establishments(
    db: Database, search: str, condition: str, arguments: Sequence[object], after: str | None
) -> Iterator[Match]:
    """The establishments that fulfil `condition` (SQL) and match, best first, after the cursor `after`.

    Digits are looked for at the beginning of tax codes, personal numbers and telephones, then inside. Raises `BadInput`
    for a cursor that is not ours.
    """
    number = re.sub(r"[\s.\-+]", "", search)
    if number.isdigit():
        at_number = read_cursor(after, _AtNumber) if after is not None else None
        return _by_number(db, number, condition, arguments, at_number)
    at_word = read_cursor(after, _AtWord) if after is not None else None
    tokens = search_tokens(search)
    return (
        _by_words(db, _Wanted(search, tokens), condition, arguments, at_word)
        if tokens
        else iter(())
    )


def words_match(tokens: Sequence[str]) -> str:
    """The query of FTS5 for rows that have all of these words somewhere, the last one perhaps only begun."""
    begun = len(tokens) - 1
    parts = [
        " OR ".join(f'"{form}"{"*" if place == begun else ""}' for form in forms_of(token))
        for place, token in enumerate(tokens)
    ]
    return " AND ".join(f"({part})" for part in parts)


def forms_of(token: str) -> tuple[str, ...]:
    """A word as it was typed, then as it was meant if its letters are raw keystrokes: two o are ô, or two o.

    >>> forms_of("nguye6n"), forms_of("nguyen"), forms_of("looong")
    (('nguye6n', 'nguyen'), ('nguyen',), ('looong', 'long', 'loong'))
    """
    meant = meant_by_keys(token)
    if meant is None:
        return (token,)
    return (token, meant, meant.replace("o", "oo", 1)) if "oo" in token else (token, meant)


# By words


def _by_words(
    db: Database, wanted: _Wanted, condition: str, arguments: Sequence[object], at: _AtWord | None
) -> Iterator[Match]:
    query = f"SELECT key, name, sort_key FROM establishments WHERE key IN {ANY_OF} AND {condition}"  # noqa: S608

    @cache
    def keys(band: _Band, before: int) -> list[int]:
        """The next keys of a band, one more than are ranked together."""
        matching = (
            "SELECT rowid FROM establishments_search WHERE establishments_search MATCH ? AND rowid > ?"
            " ORDER BY rowid LIMIT ?"
        )
        return [
            key
            for (key,) in db.execute(matching, (wanted.match(band), before, CHUNK + 1)).fetchall()
        ]

    def bands() -> Iterator[_Band]:
        """The sets to read one after the other: the inner ones, as long as they can be ranked at once, as one."""
        if at is not None:
            first, last = at.first, at.last
        else:
            first, last = _PHRASE, _ANYWHERE
            while last > _PHRASE and len(keys(_Band(_PHRASE, last), 0)) > CHUNK:
                last -= 1
        yield _Band(first, last)
        for level in range(last + 1, _ANYWHERE + 1):
            yield _Band(level, level)

    start = at
    for band in bands():
        before: int | None = start.before if start is not None else 0
        while before is not None:
            chunk = keys(band, before)
            rows = db.execute(query, [_encode(chunk[:CHUNK]), *arguments]).fetchall()
            ranked = sorted(
                (*wanted.rank(name or "", band), sort_key, key) for key, name, sort_key in rows
            )
            for place in ranked:
                position = _AtWord(band.first, band.last, before, *place)
                if start is None or position > start:
                    yield Match(position.key, position)
            start = None
            before = chunk[CHUNK - 1] if len(chunk) > CHUNK else None


class _Wanted:
    """What somebody typed: its sets as queries of FTS5, and how well a name answers it."""

    def __init__(self, search: str, tokens: Sequence[str]) -> None:
        self._tokens = [forms_of(token) for token in tokens]
        meant = " ".join(forms[:2][-1] for forms in self._tokens)
        self._phrases = tuple(dict.fromkeys((" ".join(tokens), meant)))
        self._marked = normalise(search).casefold()
        self._has_marks = fold(search) != self._marked
        words = words_match(tokens)
        phrases = " OR ".join(f'"{phrase}"' for phrase in self._phrases)
        begun = " OR ".join(f'"{phrase}"*' for phrase in self._phrases)
        self._sets = (
            f"name_folded : ({phrases})",
            f"name_folded : ({begun})",
            f"name_folded : ({words})",
            f"({words})",
        )

    def match(self, band: _Band) -> str:
        wanted = self._sets[band.last]
        return wanted if band.first == _PHRASE else f"({wanted}) NOT ({self._sets[band.first - 1]})"

    def rank(self, name: str, band: _Band) -> tuple[int, int]:
        """The set that a name of the band is in, and 0 for the marks as they were typed."""
        other_marks = int(self._has_marks and self._marked not in normalise(name).casefold())
        return band.first if band.first == band.last else self._set_of(name), other_marks

    def _set_of(self, name: str) -> int:
        words = search_tokens(name)
        text = f" {' '.join(words)} "
        if any(f" {phrase} " in text for phrase in self._phrases):
            return _PHRASE
        if any(f" {phrase}" in text for phrase in self._phrases):
            return _BEGUN
        *whole, last = self._tokens
        if all(not set(forms).isdisjoint(words) for forms in whole) and any(
            word.startswith(last) for word in words
        ):
            return _NAME
        return _ANYWHERE


# By number


def _by_number(
    db: Database, number: str, condition: str, arguments: Sequence[object], at: _AtNumber | None
) -> Iterator[Match]:
    """Rows with a number that begins so, in order of the number, then those that have it inside.

    Each kind of number has its index: beginnings are looked up in it, the inside of numbers is read through.
    """
    found_before: list[str] = []
    passed: list[object] = []
    for place, (begins, column) in enumerate(itertools.product((True, False), _NUMBERS)):
        bounds: list[object]
        if begins:
            begin = _international(number) if column == "phone" else number
            if begin is None:
                continue
            clause, bounds = f"({column} >= ? AND {column} < ?)", [begin, begin + ":"]
        elif len(number) >= _INSIDE:
            clause, bounds = f"instr({column}, ?)", [number]
        else:
            return
        if at is None or at.number <= place:
            last = (at.value, at.key) if at is not None and at.number == place else ("", 0)
            query = (
                f"SELECT key, {column} FROM establishments WHERE {clause} AND ({column}, key) > (?, ?)"  # noqa: S608
                f" AND {condition} {''.join(found_before)} ORDER BY {column}, key"
            )
            for key, value in db.execute(query, [*bounds, *last, *arguments, *passed]):
                yield Match(key, _AtNumber(place, value, key))
        found_before.append(f" AND {clause} IS NOT TRUE")
        passed += bounds


def _international(number: str) -> str | None:
    """How a telephone number that begins so is kept, as people say it; None for what begins none."""
    if number.startswith("0"):
        return "+84" + number[1:]
    if number.startswith("84"):
        return "+" + number
    return "+84" + number if len(number) >= 9 else None  # a number that lost its leading zero


_encode = msgspec.json.Encoder().encode
