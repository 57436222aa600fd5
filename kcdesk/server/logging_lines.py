"""What the server writes into its log: one line for each record, JSON or text, without anything of a person.

Traces say which functions were on the way and which kind of exception it was, and never its words: those of a database
repeat what was to be stored. Owns the look of lines; leaves to others: what is logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, Literal

import msgspec

FIELDS = "fields"
"""Name of the attribute of a record that holds a mapping of what it says, for JSON."""


class JsonLines(logging.Formatter):
    """A JSON object for each record: `at`, `level`, `logger`, then its fields or its message, then `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields = getattr(record, FIELDS, None)
        if isinstance(fields, Mapping):
            said |= fields
        else:
            said["message"] = record.getMessage()
        if (trace := trace_of(record)) is not None:
            said["trace"] = trace
        return msgspec.json.encode(said).decode()


class TextLines(logging.Formatter):
    """The same for people at a console."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(" ", timespec="seconds")
        lines = [f"{at} {record.levelname.lower()} {record.getMessage()}"]
        return "\n    ".join([*lines, *(trace_of(record) or ())])


def trace_of(record: logging.LogRecord) -> list[str] | None:
    """Kinds of exceptions and places in the code, the innermost last; None for a record without an exception."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    lines = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(type(error).__qualname__)
        error = error.__cause__ or error.__context__
    return lines


@contextmanager
def logging_to(
    log_format: Literal["json", "text"], level: str, target: IO[str] | None = None
) -> Iterator[None]:
    """Write the log to `target` (standard error) while this lasts."""
    handler = logging.StreamHandler(target or sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    root, ours = logging.getLogger(), logging.getLogger("kcdesk")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(level.upper())
    try:
        yield
    finally:
        ours.setLevel(before)
        root.removeHandler(handler)
