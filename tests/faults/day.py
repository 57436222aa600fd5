"""The scripted day of an officer: its parts, what each says once it is done, and what must be there afterwards.

Every part runs in a process of its own on the folder as the part before left it (`rig`), with a clock and chance that
repeat, so that it makes the same writes each time. After each action the part says on one line what now has to be
there; a line that was said is a promise.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kcdesk.actions import parcels
from kcdesk.actions.attachments import add_attachments, list_attachments, open_attachment
from kcdesk.actions.backups import back_up
from kcdesk.actions.bin import delete_record, list_bin, take_back
from kcdesk.actions.checking import check
from kcdesk.actions.communes import decide_communes, work_list
from kcdesk.actions.conflicts import list_conflicts
from kcdesk.actions.contents import standing
from kcdesk.actions.desk import Desk, create_desk, open_desk, shipped_units
from kcdesk.actions.drafts import draft_of, keep_draft, list_drafts
from kcdesk.actions.duplicates import list_duplicates, similar_to
from kcdesk.actions.editions import list_editions
from kcdesk.actions.erasing import list_erasures
from kcdesk.actions.findings import list_findings
from kcdesk.actions.history import history
from kcdesk.actions.importing import import_list
from kcdesk.actions.merging import merged_into
from kcdesk.actions.needs import register_need
from kcdesk.actions.offices import offices_of, words_of
from kcdesk.actions.recent import recent_actions
from kcdesk.actions.records import add_record, list_records, open_record, set_fields
from kcdesk.actions.reports import report_b4
from kcdesk.actions.reviewing import returned_sheets
from kcdesk.actions.rounds import rounds, sheets_for
from kcdesk.actions.scans import unread_pages
from kcdesk.actions.survey_numbers import next_number
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import fill_in, open_survey, reopen_survey, save_survey, surveys_of
from kcdesk.actions.syncing import join, status, sync, told_at_opening
from kcdesk.actions.undo import plan_undo, undo
from kcdesk.changes import Change, chain_start, extend
from kcdesk.demo.main_job import DIVIDED_AREAS
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.kinds import KINDS
from kcdesk.server import admin
from kcdesk.storage.drafts import Form
from kcdesk.storage.folder.description import DATABASE_FILE
from kcdesk.storage.keys import KeyringKeys
from tests.importing.attachment_files import encoded, photo
from tests.storage.workspaces import DIVIDED, NOW

AREAS = ("old:10", *DIVIDED_AREAS)
PERSON = "Lan"
FIXTURES = Path(__file__).parents[1] / "storage" / "fixtures"
HOUR_MS = 3_600_000
AFTERWARDS = "Hộ sau sự cố"
Say = Callable[[dict[str, Any]], None]
ANSWERS = {
    "survey_date": "2026-02-27",
    "status": "ACTIVE",
    "rep_position": "Chủ hộ",
    "figures_year": 2025,
    "workers_total": 6,
    "production_value": 640_000_000,
    "has_machines": "no",
    "has_needs": "no",
    "heard_of_kc": "no",
    "had_support": "no",
    "consent": "yes",
}
NEED = {
    "reg_no": "12A8001234",
    "reg_date": "15/06/2006",
    "reg_issuer": "UBND huyện Bảo Yên",
    "rep_id_no": "010085000001",
    "activity_code": "KC3_TECHNOLOGY",
    "purpose": "Mua máy ép gạch không nung tự động",
    "total": "320 triệu",
    "kcdp": "150 triệu",
    "counterpart": "170 triệu",
}


@dataclasses.dataclass
class Day:
    """One part of the day at work: the home folder (workspace and the program's state), and how it says what it did."""

    home: Path
    clock: Clock
    randomness: Randomness
    say: Say

    @property
    def folder(self) -> Path:
        return self.home / "workspace"

    @property
    def province(self) -> Path:
        return self.home.parent / "province"

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with open_desk(self.folder, clock=self.clock, randomness=self.randomness) as desk:
            yield desk

    def did(self, desk: Desk, step: str, **holds: Any) -> None:
        """Say that `step` has returned: own changes up to n with their chain hash are there, and `holds`.

        draft: kind, record and fields that are kept, or were saved since;  joined, confirmed: what the province gave
        attachments: record -> SHA-256 of its content;  backups: how many there are
        """
        chain = desk.workspace.chain()
        self.say({"step": step, "n": chain.last_n, "hash": chain.last_hash.hex(), **holds})


# The parts


def importing(day: Day) -> None:
    with day.desk() as desk:
        import_list(desk, DIVIDED)
        day.did(desk, "import")
        waiting = work_list(desk)
        decide_communes(desk, [waiting[0].record], waiting[0].candidates[0].code)
        day.did(desk, "commune")


def editing(day: Day) -> None:
    with day.desk() as desk:
        (first, second, *_) = _establishments(desk)
        set_fields(desk, "establishments", first, {"phone": "0912 345 678"})
        day.did(desk, "edit")
        set_fields(desk, "establishments", second, {"trade": "Nấu rượu ngô", "hamlet": "Bản Liền"})
        day.did(desk, "edit")
        typed = {"name": "Hộ Sùng Thị Mỷ", "legal_form": "Hộ kinh doanh", "commune": "02989"}
        add_record(desk, "establishments", typed)
        day.did(desk, "add")


def drafting(day: Day) -> None:
    """Two fields are typed and kept one after the other; then the form is saved."""
    with day.desk() as desk:
        record = _establishments(desk)[1]
        form = Form("establishments", record, seen=open_record(desk, "establishments", record).seen)
        typed: dict[str, str] = {}
        for field, text in (("phone", "0912 111 222"), ("hamlet", "Bản Liền 2")):
            keep_draft(desk, form, {field: text})
            typed[field] = text
            day.did(desk, "typed", draft=["establishments", record, typed])
        set_fields(desk, "establishments", record, typed, form=form)
        day.did(desk, "saved")


def surveying(day: Day) -> None:
    with day.desk() as desk:
        survey = open_survey(desk, "F01", _establishments(desk)[0])
        fill_in(survey.sheet, ANSWERS)
        save_survey(desk, survey)
        day.did(desk, "survey kept")
        again = reopen_survey(desk, survey.record)
        proposals = finish_survey(desk, again)
        day.did(desk, "survey finished")
        accept_proposals(desk, again, proposals)
        day.did(desk, "survey accepted")


def attaching(day: Day) -> None:
    """Two pictures, each in an action of its own."""
    kept: dict[str, str] = {}
    with day.desk() as desk, tempfile.TemporaryDirectory() as folder:
        for turn in (1, 6):
            file = Path(folder, f"anh-{turn}.jpg")
            file.write_bytes(encoded(photo(400 + turn), "JPEG"))
            ((_, record),) = add_attachments(desk, _establishments(desk)[0], [file]).records
            kept[record] = _digest(desk, record)
            day.did(desk, "attached", attachments=kept)


def needing(day: Day) -> None:
    with day.desk() as desk:
        register_need(desk, _establishments(desk)[0], NEED)
        day.did(desk, "need")


def backing_up(day: Day) -> None:
    """Two backups, a change between."""
    with day.desk() as desk:
        back_up(desk)
        day.did(desk, "backup", backups=1)
        set_fields(desk, "establishments", _establishments(desk)[0], {"trade": "Ép gạch"})
        day.did(desk, "edit", backups=1)
        back_up(desk)
        day.did(desk, "backup", backups=2)


def syncing(day: Day) -> None:
    """Twice, with a change between; the province's address and the code to join with lie in its folder."""
    with day.desk() as desk:
        join(desk, (day.province / "address").read_text(), (day.province / "code").read_text())
        day.did(desk, "joined", joined=True)
        confirmed = _delivered(desk)
        day.did(desk, "sync", joined=True, confirmed=confirmed)
        set_fields(desk, "establishments", _establishments(desk)[1], {"phone": "0912 000 111"})
        day.did(desk, "edit", joined=True, confirmed=confirmed)
        confirmed = _delivered(desk)
        day.did(desk, "sync", joined=True, confirmed=confirmed)


def deleting(day: Day) -> None:
    """Into the bin and out of it; then another action is taken back."""
    with day.desk() as desk:
        first, second = _establishments(desk)[2:4]
        delete_record(desk, "establishments", first)
        day.did(desk, "deleted")
        take_back(desk, "establishments", first)
        day.did(desk, "taken out of the bin")
        set_fields(desk, "establishments", second, {"trade": "Rèn"})
        day.did(desk, "edit")
        n = desk.workspace.chain().last_n
        undo(desk, plan_undo(desk, f"{desk.workspace.device_id}-{n}"))
        day.did(desk, "undone")


def migrating(day: Day) -> None:
    """Opens a workspace of an earlier schema, which brings it to this one."""
    with day.desk() as desk:
        day.did(desk, "opened")


PARTS: dict[str, Callable[[Day], None]] = {
    "import": importing,
    "edit": editing,
    "draft": drafting,
    "survey": surveying,
    "attachment": attaching,
    "need": needing,
    "backup": backing_up,
    "sync": syncing,
    "delete": deleting,
    "migrate": migrating,
}


# Before the first part


def prepare(root: str, say: Say) -> None:
    """A computer with a workspace of Lan's that holds nothing, and a province that knows her."""
    day = _day("prepare", f"{root}/home", say)
    day.home.mkdir(parents=True)
    day.province.mkdir()
    desk = create_desk(
        day.folder,
        person=PERSON,
        areas=AREAS,
        keys=KeyringKeys(),
        clock=day.clock,
        randomness=day.randomness,
    )
    desk.workspace.close()
    database = admin.init_province(
        f"sqlite:///{day.province / 'province.db'}", "Tỉnh Lào Cai", randomness=day.randomness
    )
    admin.add_user(database, PERSON, "officer")
    for area in AREAS:
        admin.add_area(database, area, shipped_units())
        admin.assign(database, PERSON, area, shipped_units(), clock=day.clock)
    code = admin.enrol(database, PERSON, clock=day.clock, randomness=day.randomness)
    (day.province / "code").write_text(code)
    database.dispose()


def prepare_old(root: str, schema: str, say: Say) -> None:
    """A computer with the kept workspace of an earlier schema, its key in the keyring."""
    kept = FIXTURES / f"schema-{schema}"
    folder = Path(root, "home", "workspace")
    folder.mkdir(parents=True)
    Path(root, "province").mkdir()
    (folder / DATABASE_FILE).write_bytes((kept / DATABASE_FILE).read_bytes())
    description = json.loads((kept / "workspace.json").read_text())
    (folder / "workspace.json").write_text(json.dumps({**description, "key": "keyring"}))
    KeyringKeys().write(folder, description["id"], (kept / "bare.key").read_bytes())


def run(part: str, home: str, say: Say) -> None:
    PARTS[part](_day(part, home, say))


# Afterwards


def verify(
    part: str,
    home: str,
    promised: dict[str, Any],
    groups: dict[str, int],
    known: int,
    say: Say,
) -> None:
    """Open the workspace again, and say everything that is not as it has to be, in one line; then go on working.

    `promised` is the last line that was said; `groups`: how many own changes carry each `at` when the part is not
    disturbed. An action is there with all of them or not at all. `known`: how many changes the province already has
    of what this laptop may have lost; it delivers nothing new before it has as many again.
    """
    wrong: list[str] = []
    day = _day("verify", home, say)
    with day.desk() as desk:
        workspace = desk.workspace
        chain = workspace.chain()
        own = list(workspace.own_changes(0, 1 << 40))
        hashes = _hashes(workspace.device_id, own)
        if [change.n for change in own] != list(range(1, chain.last_n + 1)):
            wrong.append("own numbers have gaps")
        if hashes[-1] != chain.last_hash:
            wrong.append("the chain does not belong to the changes")
        if promised:
            if chain.last_n < promised["n"] or hashes[promised["n"]].hex() != promised["hash"]:
                wrong.append(f"what was said of {promised['step']!r} is not there")
            wrong += _broken_promises(desk, promised, own)
        halves = {
            at: count
            for at, count in Counter(str(change.at) for change in own).items()
            if count != groups[at]
        }
        if halves:
            wrong.append(f"halves of actions: {halves}")
        wrong += map(str, check(desk).found)
        wrong += _go_on(desk, chain.last_n)
        if part == "backup":
            back_up(desk)
            wrong += (f"{path} is left over" for path in day.folder.glob("backups/**/*.new"))
        joined = workspace.province()
        if part == "sync" and joined is not None and chain.last_n >= known:
            address = (
                day.province / "address"
            ).read_text()  # the province may have been started anew
            workspace.join_province(dataclasses.replace(joined, url=address))
            _delivered(desk)
    with day.desk() as desk:
        if len(list_records(desk, "establishments", search=AFTERWARDS).records) != 1:
            wrong.append("what is saved afterwards is not there")
    say({"wrong": wrong})


def read_all(home: str, say: Say) -> None:
    """Read everything a person can see, and say a digest of it."""
    with _day("read_all", home, say).desk() as desk:
        seen = [*_records(desk), *_lists(desk)]
        say({"digest": hashlib.sha256(repr(seen).encode()).hexdigest()})


def check_all(home: str, say: Say) -> None:
    """Say what `kcdesk check` finds."""
    with _day("check_all", home, say).desk() as desk:
        say({"wrong": list(map(str, check(desk).found))})


def groups(home: str, say: Say) -> None:
    """Say `at` -> number of own changes that carry it, of a workspace as a part left it."""
    with _day("groups", home, say).desk() as desk:
        changes = desk.workspace.own_changes(0, 1 << 40)
        say(dict(Counter(str(change.at) for change in changes)))


def _records(desk: Desk) -> Iterator[Any]:
    """Every record and what hangs on it."""
    yield list(desk.workspace.changes())
    yield desk.workspace.chain()
    for kind in KINDS:
        for one in list_records(desk, kind, limit=1000).records:
            record = str(one.row["id"])
            yield one
            yield history(desk, kind, record)
            yield list_findings(desk, kind, record)
            yield draft_of(desk, kind, record)
    for one in list_records(desk, "establishments", limit=1000).records:
        record = str(one.row["id"])
        yield surveys_of(desk, record)
        yield merged_into(desk, record)
        yield similar_to(desk, one.row, record=record)
        yield list_attachments(desk, record)
        yield desk.workspace.papers.all(establishment=record)
    yield [one.row for one in list_records(desk, "establishments", search="ho").records]


def _lists(desk: Desk) -> Iterator[Any]:
    """What the other screens show."""
    for shown in (
        list_bin,
        recent_actions,
        list_drafts,
        list_duplicates,
        list_conflicts,
        list_erasures,
        work_list,
        report_b4,
        rounds,
        returned_sheets,
        unread_pages,
        list_editions,
        offices_of,
        words_of,
        standing,
        parcels.status,
        status,
        told_at_opening,
    ):
        yield shown(desk)
    yield sheets_for(desk, PERSON)
    yield desk.workspace.papers.all()
    yield desk.workspace.papers.all(out=True)
    yield next_number(desk, "02989")


def _go_on(desk: Desk, last_n: int) -> Iterator[str]:
    add_record(desk, "establishments", {"name": AFTERWARDS, "commune": "02989"})
    (made,) = desk.workspace.own_changes(last_n, 1 << 40)
    if made.n != last_n + 1:
        yield f"the next number is {made.n} after {last_n}"


def _delivered(desk: Desk) -> int:
    """Sync; the number up to which the province has confirmed. It must refuse nothing and lack nothing."""
    report = sync(desk)
    assert not report.refused, report.refused
    assert not report.waiting
    return report.confirmed_n


def _broken_promises(desk: Desk, promised: dict[str, Any], own: list[Change]) -> Iterator[str]:
    """What was said besides the changes, and is not there."""
    if desk.workspace.chain().confirmed_n < promised.get("confirmed", 0):
        yield "a confirmation is gone"
    if promised.get("joined") and desk.workspace.province() is None:
        yield "the province is gone"
    for record, digest in promised.get("attachments", {}).items():
        if _digest(desk, record) != digest:
            yield f"attachment {record} is another"
    backups = desk.workspace.backups.kept()
    for backup in backups:
        desk.workspace.backups.verify(backup)
    if len(backups) < promised.get("backups", 0):
        yield f"{len(backups)} backups are there"
    if "draft" in promised:
        kind, record, typed = promised["draft"]
        draft = draft_of(desk, kind, record)
        saved = own[-1].set if own else {}
        if not typed.keys() <= saved.keys() and not (
            draft and typed.items() <= draft.values.items()
        ):
            yield f"of the draft {draft} is left"


def _digest(desk: Desk, attachment: str) -> str:
    return hashlib.sha256(open_attachment(desk, attachment)).hexdigest()


def _hashes(device: str, own: list[Change]) -> list[bytes]:
    """The chain hash after 0, 1, 2 ... own changes."""
    return list(itertools.accumulate(own, lambda h, c: extend(h, [c]), initial=chain_start(device)))


def _establishments(desk: Desk) -> list[str]:
    return [str(one.row["id"]) for one in list_records(desk, "establishments", limit=5).records]


def _day(part: str, home: str, say: Say) -> Day:
    os.environ["XDG_STATE_HOME"] = f"{home}/state"
    start = NOW + HOUR_MS * ["prepare", *PARTS, "groups", "read_all", "check_all", "verify"].index(
        part
    )
    ticks = itertools.count(start, 1000)
    return Day(Path(home), lambda: next(ticks), random.Random(part).randbytes, say)
