"""Reading forms: where their files lie, what they include, and the refusal of a bad one with file, line and reason."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from kcdesk.documents.form import Basis, Field, Form, FormFile, FormInfo, Law, SharedBlock, Use
from kcdesk.documents.form_faults import faults
from kcdesk.documents.toml_lines import Path as Key
from kcdesk.documents.toml_lines import lines_of
from kcdesk.errors import BadInput, NotFound

FORMS = Path(__file__).resolve().parents[2] / "resources" / "documents"
_LAW = "LAW"
_Read = TypeVar("_Read")
_FORM_NAME = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")


@dataclass(frozen=True)
class _Text:
    """A file as read: its values, and the lines of its keys."""

    path: Path
    values: dict[str, Any]
    lines: dict[Key, int]


@dataclass
class _Joined:
    """A form with what it includes, and where each of its keys was written."""

    values: dict[str, Any]
    origin: dict[Key, tuple[Path, int]] = field(default_factory=dict)

    def where(self, key: Key) -> tuple[Path, int] | None:
        """File and line of a key, or of the nearest one around it."""
        while key and key not in self.origin:
            key = key[:-1]
        return self.origin.get(key)


def list_forms(*folders: Path) -> tuple[FormInfo, ...]:
    """The forms of the folders in order of id, each taken from the first folder that has it. Raises BadInput."""
    return tuple(info_of(read_form(path, *folders)) for _, path in sorted(_known(folders).items()))


def info_of(form: Form) -> FormInfo:
    """What a list of forms says of one."""
    return FormInfo(form.id, form.title, form.family, form.source, form.word)


def load_form(form_id: str, *folders: Path) -> Form:
    """The form with that id, from the first folder that has it. Raises NotFound, or BadInput when its file is bad."""
    known = _known(folders)
    if form_id not in known:
        raise no_such_form(form_id, sorted(known))
    return read_form(known[form_id], *folders)


def no_such_form(form_id: str, known: Iterable[str]) -> NotFound:
    """What is said of a form that is not there; `known`: ids of those that are."""
    return NotFound(
        f"Không có mẫu giấy tờ “{form_id}”.",
        hint="Các mẫu có thể dùng: " + ", ".join(known) + ".",
    )


def read_form(path: Path, *folders: Path) -> Form:
    """One form file; shared blocks are looked for in `folders`, beside it, and in ours.

    Raises BadInput naming file, line and reason.
    """
    return _checked(_read(path), _in_folders((*folders, path.parent)))


Blocks = Mapping[str, bytes]
"""Shared blocks that go before ours: the name of the file -> its content."""


def parse_form(name: str, content: bytes, blocks: Blocks = MappingProxyType({})) -> Form:
    """The form in a file's content; `name` is the file's. Raises BadInput as `read_form`."""
    return _checked(_parse(Path(name), content), _in_memory(blocks))


def form_faults(
    name: str, content: bytes, blocks: Blocks = MappingProxyType({})
) -> list[tuple[str, int | None, str]]:
    """What is wrong with a form file: the file to blame (a block it includes, perhaps), line, reason."""
    try:
        parse_form(name, content, blocks)
    except BadForm as error:
        return [(error.file, error.line, error.reason)]
    return []


def block_faults(name: str, content: bytes) -> list[tuple[int | None, str]]:
    """What is wrong with a shared block by itself, with its line where that is known; empty when it is good."""
    try:
        _check_block(_parse(Path(name), content))
    except BadForm as error:
        return [(error.line, error.reason)]
    return []


def check_block(path: Path) -> tuple[FormInfo, ...]:
    """Check a shared block, and every form beside its folder and of ours that takes it up; those forms.

    Raises BadInput naming file, line and reason.
    """
    _check_block(_read(path))
    folder = path.parent.parent
    found = []
    for _, form in sorted(_known((folder,)).items()):
        text = _read(form)
        uses = path.stem in _list(text.values.get("include")) or path.stem == _LAW
        if uses:
            found.append(info_of(read_form(form, folder)))
    return tuple(found)


class BadForm(BadInput):
    """A form file that cannot be used. line: from 1, None where no line is to blame;  reason: without file and line."""

    def __init__(self, file: str, line: int | None, key: str, reason: str) -> None:
        where = f"dòng {line}" + (f", khóa {key}" if key else "") + ": " if line is not None else ""
        super().__init__(
            f"Tệp mẫu {file} không dùng được: {where}{reason}.",
            hint="Sửa tệp mẫu theo hướng dẫn, hoặc dùng lại mẫu kèm theo chương trình.",
        )
        self.file = file
        self.line, self.reason = line, f"khóa {key}: {reason}" if key else reason


_Find = Callable[[str], _Text | None]
"""Gives the shared block of that name."""


def _in_folders(folders: Sequence[Path]) -> _Find:
    def find(name: str) -> _Text | None:
        paths = (folder / "blocks" / f"{name}.toml" for folder in (*folders, FORMS))
        return next((_read(path) for path in paths if path.is_file()), None)

    return find


def _in_memory(blocks: Blocks) -> _Find:
    def find(name: str) -> _Text | None:
        content = blocks.get(f"{name}.toml")
        return _in_folders(())(name) if content is None else _parse(Path(f"{name}.toml"), content)

    return find


def _checked(text: _Text, find: _Find) -> Form:
    joined = _join(text, find)
    _each(joined, text.path, joined.values.get("fields"), Field, ("fields",))
    form = _converted(joined, text.path, joined.values, FormFile)
    laws = _laws(find)
    for fault in faults(form, text.path.stem, laws):
        raise _bad_at(joined, text.path, fault.key, fault.reason)
    named = {name for block in form.blocks if isinstance(block, Basis) for name in block.laws}
    said = {name: getattr(form, name) for name in form.__struct_fields__}
    return Form(**said, laws={name: laws[name] for name in sorted(named)})


def _check_block(text: _Text) -> None:
    """Raises BadForm."""
    joined = _Joined(text.values, {key: (text.path, line) for key, line in text.lines.items()})
    if text.path.stem == _LAW:
        _each(joined, text.path, text.values, Law)
        return
    _each(joined, text.path, text.values.get("fields"), Field, ("fields",))
    block = _converted(joined, text.path, text.values, SharedBlock)
    for part, blocks in block.parts.items():
        for number, one in enumerate(blocks):
            if isinstance(one, Use):
                where = ("parts", part, number)
                raise _bad_at(joined, text.path, where, "một khối không lấy phần của khối khác")


def _converted(
    joined: _Joined, path: Path, values: object, into: type[_Read], at: Key = ()
) -> _Read:
    """`at`: the key under which the values stand."""
    try:
        return msgspec.convert(values, into)
    except msgspec.ValidationError as error:
        key, reason = _type_fault(str(error))
        raise _bad_at(joined, path, (*at, *key), reason) from error


def _each(
    joined: _Joined, path: Path, values: object, into: type[_Read], at: Key = ()
) -> dict[str, _Read]:
    """The values of a table one by one: of a whole table msgspec does not say which of them is wrong."""
    if not isinstance(values, Mapping):
        return {}  # what it should be is said with the whole
    return {
        str(name): _converted(joined, path, value, into, (*at, name))
        for name, value in values.items()
    }


def _known(folders: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in (*folders, FORMS):
        for path in sorted(folder.glob("*.toml")):
            if _FORM_NAME.fullmatch(path.stem):
                found.setdefault(path.stem, path)
    return found


def _read(path: Path) -> _Text:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadForm(path.name, None, "", f"không đọc được ({error.strerror})") from error
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> _Text:
    try:
        text = unicodedata.normalize("NFC", content.decode("utf-8"))
        return _Text(path, tomllib.loads(text), lines_of(text))
    except UnicodeDecodeError as error:
        raise BadForm(path.name, None, "", "không phải văn bản UTF-8") from error
    except RecursionError as error:
        raise BadForm(path.name, None, "", "các ngoặc lồng nhau quá sâu") from error
    except tomllib.TOMLDecodeError as error:
        line, reason = _toml_reason(str(error))
        raise BadForm(path.name, line, "", reason) from error


def _join(text: _Text, find: _Find) -> _Joined:
    """The form with the fields of its includes, and with the parts of blocks where its body uses them."""
    values = dict(text.values)
    joined = _Joined(values, {key: (text.path, line) for key, line in text.lines.items()})
    blocks: dict[str, _Text] = {}
    own_fields = values.get("fields", {})
    fields: dict[str, Any] = {}
    for number, name in enumerate(_list(values.get("include"))):
        read = find(str(name))
        if read is None:
            raise _bad_at(joined, text.path, ("include", number), f"không có khối “{name}”")
        _check_block(read)
        blocks[name] = read
        for key, one in read.values.get("fields", {}).items():
            fields.setdefault(key, one)  # what an earlier block says goes before
        joined.origin |= {
            key: (read.path, line)
            for key, line in read.lines.items()
            if key[0] == "fields" and key not in joined.origin
        }
    if isinstance(own_fields, Mapping):
        values["fields"] = {**fields, **own_fields}
    values["body"] = _body(text, values.get("body", []), blocks, joined)
    if isinstance(values.get("fields"), Mapping):
        values["fields"] = _as_they_come(
            values["fields"], f"{values.get('receiver')}{values['body']}"
        )
    return joined


def _as_they_come(fields: Mapping[str, Any], paper: str) -> dict[str, Any]:
    """The fields in the order in which they stand on the paper; those that do not stand there last."""

    def place(key: str) -> int:
        found = [
            at for mark in (f"{{{key}}}", f"{{{key}:", f"'{key}'") if (at := paper.find(mark)) >= 0
        ]
        return min(found, default=len(paper))

    return {key: fields[key] for key in sorted(fields, key=place)}


def _body(text: _Text, body: object, blocks: Mapping[str, _Text], joined: _Joined) -> list[Any]:
    out: list[Any] = []
    origin: dict[Key, tuple[Path, int]] = {}
    for number, block in enumerate(_list(body)):
        if not isinstance(block, Mapping) or block.get("kind") != "block":
            _take(text, ("body", number), len(out), origin)
            out.append(block)
            continue
        name, _, part = str(block.get("part", "")).partition(".")
        parts = blocks[name].values.get("parts", {}) if name in blocks else {}
        if part not in parts:
            raise _bad_at(
                joined,
                text.path,
                ("body", number),
                f"không có phần “{block.get('part', '')}” trong include",
            )
        for inner, one in enumerate(parts[part]):
            _take(blocks[name], ("parts", part, inner), len(out), origin)
            when = {"when": block["when"]} if "when" in block else {}
            out.append(
                {"kind": "text", "text": one, **when} if isinstance(one, str) else {**when, **one}
            )
    joined.origin = {
        k: at for k, at in joined.origin.items() if k[0] != "body" or len(k) == 1
    } | origin
    return out


def _take(text: _Text, of: Key, to: int, origin: dict[Key, tuple[Path, int]]) -> None:
    for key, line in text.lines.items():
        if key[: len(of)] == of:
            origin["body", to, *key[len(of) :]] = (text.path, line)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _laws(find: _Find) -> dict[str, Law]:
    """What papers are based on, by id."""
    text = find(_LAW)
    if text is None:
        return {}
    joined = _Joined(text.values, {key: (text.path, line) for key, line in text.lines.items()})
    return _each(joined, text.path, text.values, Law)


def _bad_at(joined: _Joined, path: Path, key: Key, reason: str) -> BadForm:
    file, line = joined.where(key) or (path, 1)
    return BadForm(file.name, line, ".".join(str(part) for part in key), reason)


def _toml_reason(text: str) -> tuple[int | None, str]:
    """tomllib says where at the end: `... (at line 3, column 5)`."""
    place = re.search(r"at line (\d+), column (\d+)", text)
    if place is None:
        return None, "sai cú pháp TOML ở cuối tệp"
    return int(place[1]), f"sai cú pháp TOML ở cột {place[2]}"


_TYPE_REASONS = (
    (r"missing required field `(.+?)`", "thiếu “{}”"),
    (r"contains unknown field `(.+?)`", "không hiểu “{}”"),
    (r"Invalid enum value '(.+?)'", "“{}” không có trong danh sách cho phép"),
    (r"Invalid value '(.+?)'", "“{}” không có trong danh sách cho phép"),
    (r"Expected `(.+?)`", "kiểu giá trị phải là {}"),
)


def _type_fault(text: str) -> tuple[Key, str]:
    """msgspec says `reason - at `$.body[3].text``: the key, and the reason in Vietnamese."""
    place = re.search(r"at `(?:key in )?\$\.?(.*?)`$", text)
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)|\[(\.\.\.)\]", place[1]) if place else []
    key: Key = tuple(int(number) if number else name for number, name, _ in parts if number or name)
    for pattern, sentence in _TYPE_REASONS:
        if found := re.search(pattern, text):
            return (*key, found[1]) if "unknown" in pattern else key, sentence.format(found[1])
    return key, "giá trị không hợp lệ"
