"""What stands on the paper of an answer sheet: sections, numbered questions, tables, in one language.

The questionnaire engine makes it, the printer of papers draws it; neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with a box in front of it."""

    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. number: the same on the empty and on the filled sheet

    condition: when it is asked, in words; blank: always
    answer:    as people write it; options stand in its place where there are any
    lines:     how many lines to write on
    """

    number: int
    label: str
    hint: str
    condition: str
    required: bool
    answer: str
    options: tuple[Option, ...] = ()
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of rows; each question of it is a column. Cells are blank where a person writes."""

    number: int
    label: str
    condition: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence to read."""

    text: str
    condition: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what belongs under it."""

    title: str
    condition: str
    parts: tuple[Asked | Grid | Remark | Section, ...]


Part = Asked | Grid | Remark | Section


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole sheet. record: id of the survey, blank on an empty sheet; language: `vi`, `en`"""

    questionnaire: str
    version: str
    title: str
    language: str
    record: str
    parts: tuple[Part, ...]
