"""What a form is: the types of the files in `resources/documents/`.

Owns the shape only: reading a file is `form_files`, what types cannot see is `form_faults`, what values look like
is `values`, how a paper looks is `paper` and its neighbours. docs/forms.md is the manual of this language.

A text of a form is a template: `{key}` stands for the printed value of a field, `{key:words}` for an amount in
words. Where nothing is known the paper carries dots to write on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from string import Formatter
from typing import Literal

import msgspec

BODY_WIDTH_MM = {False: 165, True: 252}
"""A4 less 30 mm on the left and 15 mm on the right, by whether the page lies (landscape)."""
NUMBER_COLUMN_MM = 8
"""The running number in front of the columns of a table of rows."""

FieldType = Literal[
    "text",
    "int",
    "decimal",
    "money",
    "date",
    "bool",
    "code",
    "codes",
    "figure",
    "rows",
    "texts",
    "geo",
    "photos",
]
"""`figure`: a number, or what was typed instead. `rows`: rows of a table in one sentence. `texts`: a list of texts.
`geo`: latitude and longitude. `photos`: pictures with captions. The others as in the records."""

SPECS = ("", "words", "abs", "abs_words", "long", "boxes", "upper")
"""How `{key:spec}` prints: in words; without its minus; both; a date in words; codes to tick; in capitals."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Condition(_Part, frozen=True):
    """True when the field has one of `any_of`, none of `none_of`, no value at all (`absent`), or a number below nought
    (`negative`) or of at least nought (`negative = false`); with none of these: any value."""

    key: str
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    absent: bool = False
    negative: bool | None = None


class Field(_Part, frozen=True):
    """What a form knows about one key of the record.

    codes:        name of a code list (types `code` and `codes`)
    default_from: other keys whose values, joined by commas, stand in for an empty one
    sum_of:       what this adds up: keys, or `table/column`; a value in the record must agree with it
    minus:        what is taken off that sum
    least_of:     the smallest of these is the value
    item:         template of one row (type `rows`), with the keys of the row
    lines:        further dotted lines when empty
    """

    label: str
    type: FieldType = "text"
    codes: str = ""
    required: bool = False
    required_when: Condition | None = None
    default_from: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    least_of: tuple[str, ...] = ()
    item: str = ""
    lines: int = 0


class _Block(_Part, frozen=True, kw_only=True):
    """`when` says for which records it is printed; `blank = false` keeps it off the empty form."""

    when: Condition | None = None
    blank: bool = True


class Heading(_Block, frozen=True, kw_only=True, tag_field="kind", tag="heading"):
    """Begins a section; numbered I, II, III; left out when nothing of its section is printed."""

    text: str


class Items(_Block, frozen=True, kw_only=True, tag_field="kind", tag="items"):
    """Lines numbered 1, 2, 3 inside their section; one that begins with `+ ` has no number."""

    texts: tuple[str, ...]


class Text(_Block, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """A paragraph."""

    text: str
    look: Literal["plain", "bold", "italic", "centred", "subtitle"] = "plain"


class Basis(_Block, frozen=True, kw_only=True, tag_field="kind", tag="basis"):
    """`Căn cứ ...` in italics: laws by id (law.toml) in force on the day of the paper, then the texts of list `key`."""

    key: str = ""
    laws: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


class Column(_Part, frozen=True):
    """A column of a table of rows.

    keys:       cells, joined by commas;  product_of, sum_of, minus, percent_of: computed from cells of the row
    total:      its sum stands in the total line and is carried from page to page;  average: its mean stands there
    over:       a head above this and the neighbours that have the same
    """

    head: str
    width: int
    keys: tuple[str, ...] = ()
    type: FieldType = "text"
    codes: str = ""
    product_of: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    percent_of: tuple[str, ...] = ()
    total: bool = False
    average: bool = False
    required: bool = False
    over: str = ""


class Group(_Part, frozen=True):
    """Rows that say the same for `key` stand together under a line with its name and its sums."""

    key: str
    codes: str = ""


class Table(_Block, frozen=True, kw_only=True, tag_field="kind", tag="table"):
    """The rows of `key`, with a running number. `preset`: first cells of an empty form's rows."""

    key: str
    columns: tuple[Column, ...]
    blank_rows: int = 5
    preset: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    total_label: str = "Tổng cộng"


class GridColumn(_Part, frozen=True):
    head: str
    width: int
    number: bool = False


class Grid(_Block, frozen=True, kw_only=True, tag_field="kind", tag="grid"):
    """A table whose rows stand in the form; each cell is a template. `total`: the last row is the sum."""

    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    total: bool = False


class Option(_Part, frozen=True):
    """Something to tick; `activities` (empty: all) says for which activity codes it is offered."""

    code: str
    label: str
    activities: tuple[str, ...] = ()


class Checklist(_Block, frozen=True, kw_only=True, tag_field="kind", tag="checklist"):
    """The options of list `key`, ticked where the record has them; other texts of it are added."""

    key: str
    activity: str = ""
    options: tuple[Option, ...]


class Photos(_Block, frozen=True, kw_only=True, tag_field="kind", tag="photos"):
    """Pictures of list `key` (millimetres), at least `count` places; an empty place is a frame to stick one on."""

    key: str
    count: int = 2
    width: int = 78
    height: int = 58


class Report(_Block, frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """A table that `reports` has computed, by its id (`B4`); `title` stands above it."""

    table: str
    title: str = ""


class Page(_Block, frozen=True, kw_only=True, tag_field="kind", tag="page"):
    """A new page, upright or lying, with a title of its own when there is one."""

    landscape: bool = False
    title: str = ""


class Use(_Block, frozen=True, kw_only=True, tag_field="kind", tag="block"):
    """A part of a shared block (`blocks/EST.toml`, part `full`) stands here."""

    part: str


Block = Heading | Items | Text | Basis | Table | Grid | Checklist | Photos | Report | Page | Use


class Signature(_Part, frozen=True):
    """Who signs: one column of a line of signatures.

    by:    `issuer` takes prefix, position and name from the list of offices and signers; otherwise a title
    title: what stands above (`THƯ KÝ`);  name, position, prefix: keys of fields
    table: a table of people with `name`: each signs
    """

    title: str = ""
    by: Literal["", "issuer"] = ""
    note: str = "(Ký, ghi rõ họ tên)"
    name: str = ""
    position: str = ""
    prefix: str = ""
    table: str = ""


class Law(_Part, frozen=True, rename={"since": "from"}):
    """What papers are based on (`blocks/LAW.toml`): its text as it follows on paper, and the days on which it is named.

    confidence, source: how sure we are
    """

    text: str
    since: datetime.date | None = None
    until: datetime.date | None = None
    confidence: str = ""
    source: str = ""

    def holds(self, day: datetime.date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class SharedBlock(_Part, frozen=True):
    """A file of `blocks/`: fields, and parts of a body that forms take up."""

    fields: dict[str, Field] = {}
    parts: dict[str, tuple[str | Block, ...]] = {}


class FormFile(_Part, frozen=True):
    """One official paper, as its file says it.

    family:   layout of dossier 6.1: A papers of an agency, B papers of an owner
    source:   kind of record it is printed from
    office:   which office issues it (family A);  symbol: `BC` of `Số: 05/BC-TTKC`;  letter: a công văn, `V/v`
    official: the number of the official form, where there is one
    word: whether offices go on editing it in a word processor;  signatures: lines of one or two columns
    """

    id: str
    title: str
    family: Literal["A", "B"]
    source: str
    fields: dict[str, Field]
    body: tuple[str | Block, ...]
    signatures: tuple[tuple[Signature, ...], ...]
    subject: str = ""
    receiver: str = ""
    official: str = ""
    office: Literal["centre", "department", "district", "commune"] = "centre"
    symbol: str = ""
    letter: bool = False
    landscape: bool = False
    word: bool = False
    recipients: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The body; a plain text of it is a paragraph."""
        return tuple(Text(text=block) if isinstance(block, str) else block for block in self.body)


class Form(FormFile, frozen=True):
    """A form with the laws that it names, by id."""

    laws: dict[str, Law] = {}


class FormInfo(_Part, frozen=True):
    id: str
    title: str
    family: str
    source: str
    word: bool = False


def keys_in(template: str) -> Iterator[tuple[str, str, str]]:
    """Pieces `(literal, key, format)` of a template; key and format are empty at its end.

    Raises ValueError when braces do not match.
    """
    for literal, key, spec, _ in Formatter().parse(template):
        yield literal, key or "", spec or ""
