"""What applies here: questionnaires, forms and tables of an edition over those that the program ships with.

The one door to them. A file of an edition takes the place of the shipped one of the same path; edition 0 is what is
shipped. New work is done with the edition in use, a record that names another is read with that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from kcdesk.actions.desk import Desk
from kcdesk.actions.questionnaires import QuestionnaireInfo
from kcdesk.documents import Form, FormInfo, info_of, no_such_form, parse_form
from kcdesk.domain.clock import local_time
from kcdesk.domain.published import tables
from kcdesk.domain.published.editions import SHIPPED, EditionFile, FileKind, kind_of
from kcdesk.domain.support import over
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError, NotFound
from kcdesk.questionnaire import Questionnaire, load_workbook
from kcdesk.resources import resource_path
from kcdesk.storage.editions import Editions, HeldEdition
from kcdesk.storage.own_questionnaires import OwnQuestionnaires

_FOLDERS = {
    FileKind.QUESTIONNAIRE: ("questionnaires", ".xlsx"),
    FileKind.MEDIA: ("questionnaires", ".csv"),
    FileKind.DOCUMENT: ("documents", ".toml"),
    FileKind.CODE_LIST: ("code-lists", ".csv"),
}


class Library:
    """The files of one edition over the shipped ones. Belongs to the thread of the workspace it reads."""

    def __init__(
        self,
        edition: HeldEdition | None = None,
        source: Editions | None = None,
        own: OwnQuestionnaires | None = None,
        *,
        joined: bool = False,
    ) -> None:
        """`edition`: one that is held in `source`; None for what the program ships with.

        own: questionnaires that were added here;  joined: there is a province, which decides what counts
        """
        self.edition = edition
        self._source = source
        self._own = own
        self._joined = joined

    @property
    def number(self) -> int:
        return self.edition.number if self.edition is not None else SHIPPED

    # Forms

    def forms(self) -> tuple[FormInfo, ...]:
        """The papers that can be printed, in order of id. Raises `BadInput` for one that this version cannot read."""
        return tuple(info_of(self.form(name)) for name in self._names(FileKind.DOCUMENT))

    def form(self, form_id: str) -> Form:
        """Raises `NotFound`; `BadInput` for one that this version cannot read."""
        names = self._names(FileKind.DOCUMENT)
        if form_id not in names:
            raise no_such_form(form_id, names)
        return _form(f"{form_id}.toml", self._content(names[form_id]), self._blocks)

    @cached_property
    def _blocks(self) -> tuple[tuple[str, bytes], ...]:
        """What the forms of the edition share, in place of ours."""
        paths = [path for path in self._published if kind_of(path) is FileKind.BLOCK]
        return tuple((PurePosixPath(path).name, self._content(path)) for path in sorted(paths))

    # Questionnaires

    def questionnaires(self) -> tuple[QuestionnaireInfo, ...]:
        """The questionnaires to be filled, in order of id. Raises `BadInput` for one that cannot be read."""
        names = set(self._names(FileKind.QUESTIONNAIRE))
        if self._own is not None:
            names |= {each.id for each in self._own.every() if not each.removed}
        return tuple(self.info(name) for name in sorted(names))

    def info(self, questionnaire: str) -> QuestionnaireInfo:
        """What a list says of a questionnaire. Raises as `questionnaire` does."""
        one = self.questionnaire(questionnaire)
        own = self._own_version(questionnaire) is not None
        return QuestionnaireInfo(one.id, one.version, one.title, own, own and self._joined)

    def is_published(self, questionnaire: str) -> bool:
        """Whether the province, or the program, has a questionnaire of this id."""
        return questionnaire in self._names(FileKind.QUESTIONNAIRE)

    def _own_version(self, questionnaire: str) -> str | None:
        """The own version that is filled in; what a province has goes before what somebody has added."""
        if self._own is None or (self._joined and self.is_published(questionnaire)):
            return None
        newest = self._own.newest(questionnaire)
        return None if newest is None else newest.version

    def questionnaire(self, questionnaire: str) -> Questionnaire:
        """Raises `NotFound`; `WorkbookRefused` for one that this version cannot read."""
        version = self._own_version(questionnaire)
        if version is not None and self._own is not None:
            own = own_questionnaire(self._own, questionnaire, version)
            assert own is not None
            return own
        path = self._names(FileKind.QUESTIONNAIRE).get(questionnaire)
        if path is None:
            raise NotFound(
                f"Không có mẫu phiếu “{questionnaire}”.",
                hint="Xem các mẫu bằng kcdesk questionnaire list.",
            )
        lists = self._names(FileKind.MEDIA).values()
        media = tuple((PurePosixPath(each).name, self._content(each)) for each in lists)
        return _questionnaire(self._content(path), media)

    # Tables of law

    def support_rules(self) -> list[tables.SupportRule]:
        """What may be given for what: the rows of the edition over the shipped ones, rule by rule."""
        path = "support-rules.csv"
        ours = tables.support_rules(path, resource_path(path).read_bytes(), self._provinces)[0]
        if path not in self._published:
            return ours
        published = tables.support_rules(path, self._content(path), self._provinces)[0]
        return over(ours, published)

    def deadlines(self) -> list[tables.Deadline]:
        path, content = self._table("deadlines.csv")
        return tables.deadlines(path, content)[0] if content else []

    def weights(self) -> list[tables.Weight]:
        path, content = self._table("weights.csv")
        return tables.weights(path, content)[0] if content else []

    def report_needs(self) -> list[tables.ReportNeed]:
        """Which questions the reports need of which questionnaire."""
        path, content = self._table("report-needs.csv")
        return tables.report_needs(path, content)[0] if content else []

    def settings(self) -> tables.Settings:
        path, content = self._table("settings.toml")
        return tables.settings(path, content)[0] if content else tables.Settings()

    def code_list(self, name: str) -> list[tables.ListedCode]:
        """The codes of a list as the province calls them; empty where it says nothing of it."""
        path, content = self._table(f"code-lists/{name}.csv")
        return tables.code_list(path, content)[0] if content else []

    # Files

    @cached_property
    def _published(self) -> Mapping[str, EditionFile]:
        return {file.path: file for file in self.edition.manifest.files} if self.edition else {}

    def _names(self, kind: FileKind) -> dict[str, str]:
        """Name without its ending -> path, of all files of a kind, in order of name."""
        folder, ending = _FOLDERS[kind]
        shipped = resource_path(folder)
        there = {path.stem: f"{folder}/{path.name}" for path in shipped.glob(f"*{ending}")}
        there |= {PurePosixPath(p).stem: p for p in self._published if kind_of(p) is kind}
        return dict(sorted(there.items()))

    def _content(self, path: str) -> bytes:
        file = self._published.get(path)
        if file is None or self._source is None:
            return resource_path(*path.split("/")).read_bytes()
        return self._source.content(file)

    def _table(self, path: str) -> tuple[str, bytes]:
        known = path in self._published or resource_path(*path.split("/")).is_file()
        return path, self._content(path) if known else b""

    @property
    def _provinces(self) -> frozenset[str]:
        """Codes that rows may name: those that are written in them were checked when they were published."""
        return frozenset(f"{number:02}" for number in range(100))


def on_trial(desk: Desk) -> frozenset[tuple[str, str]]:
    """Id and version of the questionnaires that were added here and count for nothing, for there is a province."""
    if desk.workspace.province() is None:
        return frozenset()
    library = current(desk)
    return frozenset(
        (one.id, one.version)
        for one in desk.workspace.own_questionnaires.every()
        if not library.is_published(one.id)
    )


def own_questionnaire(
    own: OwnQuestionnaires, questionnaire: str, version: str
) -> Questionnaire | None:
    """A version that was added here, also one that was taken away again; None: there is none."""
    content = own.content(questionnaire, version)
    if content is None:
        return None
    workbook, lists = content
    return _questionnaire(workbook, tuple(lists.items()))


@lru_cache(maxsize=64)
def _form(name: str, content: bytes, blocks: tuple[tuple[str, bytes], ...]) -> Form:
    """Read once per process: the same content never changes."""
    return parse_form(name, content, dict(blocks))


@lru_cache(maxsize=32)
def _questionnaire(content: bytes, media: tuple[tuple[str, bytes], ...]) -> Questionnaire:
    """Read once per process: the same content never changes."""
    return load_workbook(content, dict(media))


@dataclass(frozen=True, slots=True)
class EditionInfo:
    """An edition as people see it. `received_at`, `published_at`: None for what the program ships with."""

    number: int
    in_use: bool
    note: str
    published_at: int | None
    received_at: int | None
    files: tuple[EditionFile, ...]

    def as_json(self) -> dict[str, Value]:
        return {
            "number": self.number,
            "in_use": self.in_use,
            "note": self.note,
            "published_at": _iso(self.published_at),
            "received_at": _iso(self.received_at),
            "files": [
                {
                    "path": file.path,
                    "kind": file.kind,
                    "bytes": file.bytes,
                    "sha256": file.sha256,
                    "replaces": file.replaces,
                }
                for file in self.files
            ],
        }


def shipped() -> Library:
    """What the program ships with."""
    return Library()


def current(desk: Desk) -> Library:
    """What new work is done with."""
    held = desk.workspace.editions
    joined = desk.workspace.province() is not None
    return Library(held.newest(), held, desk.workspace.own_questionnaires, joined=joined)


def of_edition(desk: Desk, number: Value) -> Library:
    """What a record that names this edition was made with; where that is not here, what is in use."""
    held = desk.workspace.editions
    if number == SHIPPED:
        return shipped()
    edition = held.get(number) if isinstance(number, int) else None
    return Library(edition, held) if edition is not None else current(desk)


class Found(NamedTuple):
    """A questionnaire of some version. edition: the number of the one it is of

    own: it was added here, and no edition has that version;  trial: so it counts for nothing, for there is a province
    """

    edition: int
    questionnaire: Questionnaire
    own: bool = False
    trial: bool = False


def find_questionnaire(
    desk: Desk, questionnaire: str, version: Value, number: Value = None, *, trial: bool = False
) -> Found | None:
    """The questionnaire of this version, and the edition it is of: the one with this number, else the newest with it.

    trial: of a sheet that was filled in by an own one, which then goes first. None: neither an edition that is here
    has it, nor was it added here. Raises `NotFound` for a questionnaire that nobody knows.
    """
    own = desk.workspace.own_questionnaires
    joined = desk.workspace.province() is not None
    added = own_questionnaire(own, questionnaire, str(version))
    if trial:
        return None if added is None else Found(current(desk).number, added, True, True)
    held = desk.workspace.editions
    first = of_edition(desk, number) if number is not None else Library(held.newest(), held)
    others = [Library(edition, held) for edition in held.every()]
    known = False
    for library in (first, *others, shipped()):
        try:
            found = library.questionnaire(questionnaire)
        except NotFound:
            continue
        except KcdeskError:
            known = True
            continue
        known = True
        if found.version == version:
            return Found(library.number, found)
    if added is not None:
        return Found(current(desk).number, added, True, joined)
    if not known:
        current(desk).questionnaire(questionnaire)
    return None


def list_editions(desk: Desk) -> list[EditionInfo]:
    """The editions that are here, the newest first; the last one is what the program ships with."""
    held = desk.workspace.editions.every()
    shown = [
        EditionInfo(
            one.number,
            place == 0,
            one.manifest.note,
            one.manifest.published_at,
            one.received_at,
            one.manifest.files,
        )
        for place, one in enumerate(held)
    ]
    note = "Đi kèm chương trình"
    return [*shown, EditionInfo(SHIPPED, not held, note, None, None, ())]


def in_words(info: EditionInfo) -> str:
    """The edition in one line: `Bản công bố số 2, ngày 02/03/2026: Mẫu phiếu 2026`."""
    if info.published_at is None:
        return "Bản đi kèm chương trình (số 0)"
    day = f"{local_time(info.published_at):%d/%m/%Y}"
    note = f": {info.note}" if info.note else ""
    return f"Bản công bố số {info.number}, ngày {day}{note}"


def _iso(at: int | None) -> str | None:
    return local_time(at).isoformat(timespec="seconds") if at is not None else None
