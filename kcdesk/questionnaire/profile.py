"""What kcdesk reads of XLSForm: profile 1, in tables. What is not listed is refused at import by name.

Functions have their own table, `functions.FUNCTIONS`. Appearances never change data: those not listed in
`APPEARANCES` are accepted, ignored and named as a warning.
"""

from __future__ import annotations

from kcdesk.domain.kinds import SHEET_FIELDS

QUESTION_TYPES: dict[str, str] = {
    # typed by people
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "geopoint": "geopoint",
    "gps": "geopoint",
    "location": "geopoint",
    "barcode": "text",
    "range": "range",
    # chosen by people
    "select_one": "select_one",
    "select_one_from": "select_one",
    "select1": "select_one",
    "select_multiple": "select_multiple",
    "select_all_that_apply": "select_multiple",
    "select_all_that_apply_from": "select_multiple",
    "select_one_from_file": "select_one",
    "select_multiple_from_file": "select_multiple",
    "rank": "rank",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "image": "image",
    "photo": "image",
    "file": "file",
    # read by people
    "note": "note",
    # filled in by the program
    "calculate": "calculate",
    "calculation": "calculate",
    "hidden": "hidden",
    "start": "start",
    "end": "end",
    "today": "today",
    "deviceid": "deviceid",
    "username": "username",
    "phonenumber": "phonenumber",
    "email": "email",
}
"""Word of the `type` column (lower case, blanks as `_`) -> the type that the rest of kcdesk sees."""

STRUCTURE_TYPES = frozenset(
    {"begin_group", "end_group", "begin_repeat", "end_repeat", "csv-external", "csv_external"}
)
"""Rows that are no questions."""

WITH_LIST = frozenset({"select_one", "select_multiple", "rank"})
FILLED_BY_PROGRAM = frozenset(
    {"calculate", "hidden", "start", "end", "today", "deviceid", "username", "phonenumber", "email"}
)

DATA_TYPES = frozenset(
    {
        "string",
        "int",
        "decimal",
        "date",
        "time",
        "dateTime",
        "geopoint",
        "binary",
        "barcode",
        "odk:rank",
    }
)
"""Types of the binds of an XForm; a missing one is `string`."""

APPEARANCES = frozenset(
    {
        *("multiline", "numbers", "thousands-sep", "minimal", "search", "autocomplete", "likert"),
        *("quick", "columns", "columns-pack", "columns-flex", "list", "list-nolabel", "label"),
        *("table-list", "field-list", "no-buttons", "month-year", "year", "no-calendar"),
        *("masked", "rating"),
    }
)

RESERVED_NAMES = frozenset({"deleted", "merged_into"}) | SHEET_FIELDS
"""Fields of the record that holds the answers, so no question may be called so."""

MAX_NESTING = 20
"""Groups and repeats inside each other."""

MAX_ROWS = 500
"""Rows of one repeat; a count in a workbook is untrusted input."""
