"""On which line of a TOML file each key stands, which `tomllib` does not say.

Reads only text that `tomllib` has taken, so nothing here judges; what TOML means is `tomllib`'s business.
"""

from __future__ import annotations

import re
from collections import defaultdict

Path = tuple[str | int, ...]

_STRINGS = r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''
_TOKEN = re.compile(
    rf"({_STRINGS})|(#[^\n]*)|(\n)|([ \t\r]+)|([\[\]{{}}=,.])|([^\s\[\]{{}}=,.#]+)", re.S
)


def lines_of(text: str) -> dict[Path, int]:
    """Line, counted from 1, of every key and every element of an array.

    >>> lines_of('a = 1\\n[[b]]\\nc = [\\n  { d = 2 },\\n]\\n')
    {('a',): 1, ('b', 0): 2, ('b', 0, 'c'): 3, ('b', 0, 'c', 0): 4, ('b', 0, 'c', 0, 'd'): 4}
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, int]] = []
        line = 1
        for found in _TOKEN.finditer(text):
            token = found[0]
            if not found[2] and not found[4]:
                self._tokens.append((token, line))
            line += token.count("\n")
        self._tokens.append(("", line))
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._arrays: dict[Path, int] = defaultdict(lambda: -1)

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._now:
            if self._now == "\n":
                self._next()
            elif self._now == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    @property
    def _now(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _line(self) -> int:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][0]

    def _skip_lines(self) -> None:
        while self._now == "\n":
            self._next()

    def _header(self) -> Path:
        line, double = self._line, self._tokens[self._at + 1][0] == "["
        self._at += 2 if double else 1
        path: Path = ()
        names = self._key()
        for name in names[:-1]:
            path = self._inside((*path, name))
        path = (*path, names[-1])
        self._at += 2 if double else 1
        if double:
            self._arrays[path] += 1
            path = self._inside(path)
        self._lines.setdefault(path, line)
        return path

    def _inside(self, path: Path) -> Path:
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _key(self) -> list[str]:
        names = [_name(self._next())]
        while self._now == ".":
            self._next()
            names.append(_name(self._next()))
        return names

    def _pair(self, table: Path) -> None:
        line = self._line
        path = (*table, *self._key())
        self._lines.setdefault(path, line)
        self._next()  # =
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._now == "[":
            self._next()
            self._skip_lines()
            count = 0
            while self._now != "]":
                self._lines.setdefault((*path, count), self._line)
                self._value((*path, count))
                count += 1
                self._skip_lines()
                if self._now == ",":
                    self._next()
                    self._skip_lines()
            self._next()
        elif self._now == "{":
            self._next()
            while self._now != "}":
                if self._now == ",":
                    self._next()
                    continue
                self._pair(path)
            self._next()
        else:
            self._next()
            while self._now == ".":  # a decimal number
                self._at += 2


def _name(token: str) -> str:
    return token[1:-1] if token[:1] in "\"'" else token
