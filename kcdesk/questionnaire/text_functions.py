"""What the functions of expressions do with texts; `functions` names them.

Semantics: ODK XForms specification, "XPath Functions"; where that is silent, XPath 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import uuid as uuids
from collections.abc import Sequence
from decimal import Decimal

import regex as patterns  # type: ignore[import-untyped]

from kcdesk.questionnaire import values
from kcdesk.questionnaire.evaluation import Context
from kcdesk.questionnaire.values import Value, to_number, to_string

REGEX_TIMEOUT_SECONDS = 0.2
"""A pattern of a workbook that runs longer counts as no match; patterns can be written to run for years."""


def substr(_: Context, a: Sequence[Value]) -> Value:
    """0-based start, end exclusive; negative ones count from the end, as in JavaRosa and web forms."""
    bounds = [to_number(bound) for bound in a[1:]]
    if any(not bound.is_finite() for bound in bounds):
        return ""
    end = int(bounds[1]) if len(bounds) > 1 else None
    return to_string(a[0])[int(bounds[0]) : end]


def before(_: Context, a: Sequence[Value]) -> Value:
    text, mark = to_string(a[0]), to_string(a[1])
    return text.partition(mark)[0] if mark and mark in text else ""


def after(_: Context, a: Sequence[Value]) -> Value:
    text, mark = to_string(a[0]), to_string(a[1])
    return text.partition(mark)[2] if mark else text


def translate(_: Context, a: Sequence[Value]) -> Value:
    source, target = to_string(a[1]), to_string(a[2])
    table: dict[int, str | None] = {}
    for index, letter in enumerate(source):
        table.setdefault(ord(letter), target[index] if index < len(target) else None)
    return to_string(a[0]).translate(table)


def concat(_: Context, a: Sequence[Value]) -> Value:
    return "".join(text for value in a for text in values.texts(value))


def join(_: Context, a: Sequence[Value]) -> Value:
    return to_string(a[0]).join(text for value in a[1:] for text in values.texts(value))


def string_length(context: Context, a: Sequence[Value]) -> Value:
    return Decimal(len(to_string(a[0]) if a else context.node.text))


def normalize_space(context: Context, a: Sequence[Value]) -> Value:
    return " ".join((to_string(a[0]) if a else context.node.text).split())


def regex(_: Context, a: Sequence[Value]) -> Value:
    try:
        pattern = patterns.compile(to_string(a[1]))
        return pattern.search(to_string(a[0]), timeout=REGEX_TIMEOUT_SECONDS) is not None
    except (
        patterns.error,
        TimeoutError,
    ):  # a pattern made of answers: a literal one was checked at import
        return False


def uuid(context: Context, a: Sequence[Value]) -> Value:
    if not a:
        return str(uuids.UUID(bytes=context.run.random_bytes(16), version=4))
    length = to_number(a[0])
    if not length.is_finite() or not 0 < length <= 256:
        return ""
    letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "".join(letters[byte & 31] for byte in context.run.random_bytes(int(length)))


_DIGESTS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


def digest(_: Context, a: Sequence[Value]) -> Value:
    name = _DIGESTS.get(to_string(a[1]).upper())
    encoding = to_string(a[2]).lower() if len(a) > 2 else "base64"
    if name is None or encoding not in {"base64", "hex"}:
        return ""
    data = hashlib.new(name, to_string(a[0]).encode(), usedforsecurity=False)
    return data.hexdigest() if encoding == "hex" else base64.b64encode(data.digest()).decode()


def base64_decode(_: Context, a: Sequence[Value]) -> Value:
    text = "".join(to_string(a[0]).split())
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:  # not base64, or not the bytes of a text
        return ""
