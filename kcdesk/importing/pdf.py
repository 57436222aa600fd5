"""A PDF that comes in: how many pages it has, and that it only shows something.

A PDF is kept as it is, so what would act when somebody opens it elsewhere must not come in: scripts, programs, files
inside it. Owns that judgement; drawing pages is left to the window.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from kcdesk.errors import BadInput

MAX_PAGES = 500
MAX_OBJECTS = 50_000

_ACTING_KEYS = frozenset(
    ("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent")
)
_ACTING_KINDS = frozenset(
    ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMedia", "/EmbeddedFile")
)

_ACTING_WORDS = re.compile(
    rb"/(?:JavaScript|Launch|ImportData|SubmitForm|RichMedia|EmbeddedFiles?)(?![A-Za-z])"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")

logging.getLogger("pypdf").setLevel(
    logging.CRITICAL
)  # it quotes the file, and logs never hold personal data


def count_pages(name: str, content: bytes) -> int:
    """The number of pages. Raises `BadInput` for a PDF that is broken, locked, or more than paper."""
    if b"%%EOF" not in content[-1024:] or zipfile.is_zipfile(io.BytesIO(content)):
        raise _broken(name)
    try:
        with io.BytesIO(content) as stream, PdfReader(stream, strict=False) as reader:
            locked = reader.is_encrypted
            pages = 0 if locked else len(reader.pages)
            acts = not locked and (
                _acts_in_passing(content) or any(map(_acts, _dictionaries(reader, content)))
            )
    except Exception as error:
        raise _broken(name) from error
    if locked:
        raise BadInput(
            f"Tệp “{name}” bị khoá bằng mật khẩu.",
            hint="Mở tệp, in ra một tệp PDF mới không có mật khẩu rồi thêm tệp đó.",
            code="locked",
        )
    if acts:
        raise BadInput(
            f"Tệp “{name}” có chương trình hoặc tệp khác nhúng bên trong nên không được nhận.",
            hint="Mở tệp, in ra một tệp PDF mới rồi thêm tệp đó.",
            code="active_pdf",
        )
    if not 0 < pages <= MAX_PAGES:
        raise _broken(name) if pages < 1 else _too_long(name)
    return pages


def _dictionaries(reader: PdfReader, content: bytes) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, also those inside others. Raises ValueError for what no paper has."""
    numbers = [(number, 0) for number in reader.xref_objStm]
    for generation, entries in reader.xref.items():
        for number, place in entries.items():
            # pypdf searches the whole file for an object that is not in its place: for hours when all are so
            if re.compile(rb"\s*%d\s+%d\s" % (number, generation)).match(content, place) is None:
                raise ValueError("another object is in the place")
            numbers.append((number, generation))
    if len(numbers) > MAX_OBJECTS:
        raise ValueError("too many objects")
    waiting: list[Any] = [reader.trailer]
    for number, generation in numbers:
        waiting.append(reader.get_object(IndirectObject(number, generation, reader)))
        while waiting:
            each = waiting.pop()
            if isinstance(each, DictionaryObject):
                yield each
                waiting += each.values()
            elif isinstance(each, ArrayObject):
                waiting += each


def _acts(each: DictionaryObject) -> bool:
    kinds = (str(each[key]) for key in ("/S", "/Type", "/Subtype") if key in each)
    return not _ACTING_KEYS.isdisjoint(each) or not _ACTING_KINDS.isdisjoint(kinds)


def _acts_in_passing(content: bytes) -> bool:
    """Whether something acting stands in the bytes themselves: in a part that pypdf leaves out and others repair."""
    plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    return _ACTING_WORDS.search(plain) is not None


def _broken(name: str) -> BadInput:
    return BadInput(
        f"Tệp “{name}” bị hỏng, không phải là PDF dùng được.",
        hint="Chép lại tệp, hoặc quét lại giấy tờ.",
        code="broken_file",
    )


def _too_long(name: str) -> BadInput:
    return BadInput(
        f"Tệp “{name}” dài hơn {MAX_PAGES} trang.", hint="Chia thành nhiều tệp.", code="too_large"
    )
