"""Making, opening and saving: durable, gapless, all or nothing, and nothing half made is left behind."""

from __future__ import annotations

import itertools
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcdesk.actions.desk import shipped_units
from kcdesk.changes import chain_start, extend
from kcdesk.domain.clock import Randomness
from kcdesk.errors import BadInput, NoKey, NotFound, WorkspaceBusy, WorkspaceError, WrongKey
from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.description import DATABASE_FILE, DESCRIPTION_FILE, describe
from kcdesk.storage.folder.instance_lock import LOCK_FILE
from kcdesk.storage.keys import KeyringKeys, PassphraseKeys
from kcdesk.storage.schema import MIGRATION_SET
from kcdesk.storage.workspace import Workspace
from tests.changes.test_model import json_values
from tests.conftest import SettableClock
from tests.storage.workspaces import NOW, FileKeys, make, marks_of, raw, reopen, rows_of

ONE = "01900000-0000-7000-8000-000000000001"
TWO = "01900000-0000-7000-8000-000000000002"


def edit(record: str = ONE, **fields: object) -> Edit:
    return Edit("establishments", record, fields)


# Making


def test_a_new_workspace_knows_whose_it_is(folder: Path) -> None:
    with make(folder, person="Lan", areas=["old:10", "02728", "old:10"]) as made:
        device, key = made.device_id, made.identity.speaker().public_key
    assert sorted(path.name for path in folder.iterdir()) == [
        "bare.key",
        DATABASE_FILE,
        DESCRIPTION_FILE,
        LOCK_FILE,
    ]
    with reopen(folder) as again:
        assert again.person == "Lan"
        assert again.areas == ("02728", "old:10")
        assert (again.device_id, again.identity.speaker().public_key) == (device, key)
        assert again.devices() == {device: "Lan"}
        assert again.province() is None
        chain = again.chain()
        assert (chain.last_n, chain.confirmed_n) == (0, 0)
        assert chain.last_hash == chain.confirmed_hash == chain_start(device)


def test_what_a_device_signs_is_checked_with_its_public_key(workspace: Workspace) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    speaker = workspace.identity.speaker()
    Ed25519PublicKey.from_public_bytes(speaker.public_key).verify(speaker.sign(b"x"), b"x")


def test_no_workspace_is_made_twice_in_a_folder(workspace: Workspace, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(WorkspaceError) as caught:
        make(folder)
    assert caught.value.code == "exists"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("kept", [DATABASE_FILE, DESCRIPTION_FILE])
def test_half_of_a_workspace_is_not_written_over(folder: Path, kept: str) -> None:
    folder.mkdir()
    (folder / kept).write_bytes(b"x")
    with pytest.raises(WorkspaceError) as caught:
        make(folder)
    assert caught.value.code == "exists"
    assert (folder / kept).read_bytes() == b"x"


def test_an_area_that_is_none_leaves_nothing(folder: Path) -> None:
    with pytest.raises(NotFound):
        make(folder, areas=["99999"])
    assert not folder.exists()


def test_no_place_for_the_key_leaves_nothing(tmp_path: Path, randomness: Randomness) -> None:
    """The keyring of tests is that of a machine without one."""
    folder = tmp_path / "a" / "b"
    for make_folder in (False, True):
        if make_folder:
            folder.mkdir(parents=True)
            (folder / "theirs.txt").write_text("x")
        with pytest.raises(NoKey):
            Workspace.create(
                folder,
                KeyringKeys(),
                marks_of(folder),
                person="Lan",
                areas=["old:10"],
                units=shipped_units(),
                clock=lambda: NOW,
                randomness=randomness,
            )
        left = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))]
        assert left == (["a", "a/b", "a/b/theirs.txt"] if make_folder else [])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/kcdesk")):
        with pytest.raises(WorkspaceError) as caught:
            make(folder)
        assert caught.value.code == "read_only"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# Opening


def test_no_workspace_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        reopen(tmp_path)
    with pytest.raises(NotFound):
        reopen(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b'{"id":"a","key":"a friend","format":1}',
        b'{"id":1,"key":"keyring","format":1}',
    ],
)
def test_a_damaged_description(workspace: Workspace, folder: Path, content: bytes) -> None:
    (folder / DESCRIPTION_FILE).write_bytes(content)
    with pytest.raises(WorkspaceError) as caught:
        reopen(folder)
    assert DESCRIPTION_FILE in caught.value.message


def test_a_wrong_key_and_a_file_that_is_no_database_are_told_alike(folder: Path) -> None:
    make(folder).close()
    (folder / "bare.key").write_bytes(bytes(32))
    with pytest.raises(WrongKey) as wrong:
        reopen(folder)
    (folder / DATABASE_FILE).write_bytes(b"no database at all " * 500)
    with pytest.raises(WrongKey) as damaged:
        reopen(folder)
    assert wrong.value.message == damaged.value.message


def test_the_database_is_gone(folder: Path) -> None:
    make(folder).close()
    (folder / DATABASE_FILE).unlink()
    with pytest.raises(WorkspaceError) as caught:
        reopen(folder)
    assert DATABASE_FILE in caught.value.message
    assert not (folder / DATABASE_FILE).exists()


def test_a_damaged_page_is_told_and_not_written_to(folder: Path) -> None:
    with make(folder) as made:
        made.save([edit(f"{ONE[:-3]}{n:03d}", name="x" * 200) for n in range(500)])
    content = bytearray((folder / DATABASE_FILE).read_bytes())
    for place in range(4096, len(content), 4096):
        content[place + 100] ^= 1
    (folder / DATABASE_FILE).write_bytes(content)
    with pytest.raises(WorkspaceError) as caught:
        reopen(folder)
    assert caught.value.code == "damaged"


def test_a_newer_schema_is_refused_and_left_alone(folder: Path) -> None:
    with make(folder) as made:
        made.save([edit(name="Hộ A")])
    db = raw(folder)
    db["_sqlite_migrations"].insert(
        {"migration_set": MIGRATION_SET, "name": "9999_later", "applied_at": "2030"}
    )
    db.close()
    before = (folder / DATABASE_FILE).read_bytes()
    with pytest.raises(WorkspaceError) as caught:
        reopen(folder)
    assert caught.value.code == "newer_version"
    assert (folder / DATABASE_FILE).read_bytes() == before


def test_a_newer_folder_is_refused(folder: Path) -> None:
    make(folder).close()
    description = msgspec.structs.replace(describe(folder), format=2)
    (folder / DESCRIPTION_FILE).write_bytes(msgspec.json.encode(description))
    with pytest.raises(WorkspaceError) as caught:
        reopen(folder)
    assert caught.value.code == "newer_version"


def test_a_passphrase_opens_the_workspace_it_was_made_with(folder: Path) -> None:
    units = shipped_units()

    def keys(passphrase: str) -> PassphraseKeys:
        return PassphraseKeys(passphrase, random.Random(passphrase).randbytes)

    Workspace.create(
        folder,
        keys("đúng"),
        marks_of(folder),
        person="Lan",
        areas=["old:10"],
        units=units,
        clock=lambda: NOW,
        randomness=random.Random(1).randbytes,
    ).close()
    Workspace.open(
        folder,
        keys("đúng"),
        marks_of(folder),
        units=units,
        clock=lambda: NOW,
        randomness=random.Random("opened").randbytes,
    ).close()
    with pytest.raises(WrongKey):
        Workspace.open(
            folder,
            keys("sai"),
            marks_of(folder),
            units=units,
            clock=lambda: NOW,
            randomness=random.Random("opened").randbytes,
        )


# Saving


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from([ONE, TWO]),
                st.dictionaries(st.from_regex(r"[a-z]{1,3}", fullmatch=True), json_values),
            ),
            max_size=4,
        ),
        max_size=6,
    ),
    st.lists(st.integers(-5, 5), min_size=6, max_size=6),
)
def test_numbers_have_no_gaps_and_the_chain_stands_for_them(
    tmp_path_factory: pytest.TempPathFactory,
    actions: list[list[tuple[str, dict[str, object]]]],
    steps: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("chain") / "workspace"
    clock = SettableClock(NOW)
    made = []
    with make(folder, clock=clock) as workspace:
        for action, step in zip(actions, itertools.cycle(steps), strict=False):
            clock.advance(step)  # clocks also go back
            changes = workspace.save([Edit("establishments", r, fields) for r, fields in action])
            assert len(changes) == sum(bool(fields) for _, fields in action)
            assert len({change.at for change in changes}) <= 1
            made.append(changes)
    with reopen(folder) as workspace:
        held = list(workspace.own_changes(0, 1 << 40))
        chain, device = workspace.chain(), workspace.device_id
    assert [change.n for change in held] == list(range(1, len(held) + 1))
    assert chain.last_n == len(held)
    assert chain.last_hash == extend(chain_start(device), held)
    assert chain.last_hash == extend(chain_start(device), itertools.chain(*made))
    times = [changes[0].at for changes in made if changes]
    assert times == sorted(set(times))


def test_an_action_is_all_or_nothing(workspace: Workspace, folder: Path) -> None:
    workspace.save([edit(name="Hộ A")])
    before, chain = rows_of(folder), workspace.chain()

    def edits() -> Iterator[Edit]:
        yield edit(TWO, name="Hộ B")
        yield edit(name="Hộ A mới")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.save(edits())
    with pytest.raises(BadInput, match="256 KB"):
        workspace.save([edit(TWO, name="Hộ B"), edit(note="x" * 300_000)])
    with pytest.raises(BadInput, match="Tên trường"):
        workspace.save([edit(TWO, name="Hộ B"), Edit("establishments", ONE, {"tên": "x"})])
    with pytest.raises(ValueError, match="record"):
        workspace.save([edit(TWO, name="Hộ B"), edit("no id", name="x")])
    assert workspace.chain() == chain
    assert rows_of(folder) == before
    assert [change.n for change in workspace.save([edit(phone="1")])] == [2]


def test_nothing_said_is_no_change(workspace: Workspace) -> None:
    assert workspace.save([]) == []
    assert workspace.save([Edit("establishments", ONE, {})]) == []
    assert workspace.chain().last_n == 0


def test_two_windows_on_one_workspace_share_the_numbers(folder: Path) -> None:
    make(folder).close()
    problems: list[BaseException] = []

    def write(record: str) -> None:
        try:
            with reopen(folder) as mine:
                for count in range(25):
                    mine.save([edit(record, name=f"Hộ {count}", phone=str(count))])
        except BaseException as error:  # noqa: BLE001 -- told below
            problems.append(error)

    threads = [threading.Thread(target=write, args=(record,)) for record in (ONE, ONE, TWO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with reopen(folder) as workspace:
        held = list(workspace.own_changes(0, 1 << 40))
        assert [change.n for change in held] == list(range(1, 76))
        assert workspace.chain().last_hash == extend(chain_start(workspace.device_id), held)
        assert workspace.state("establishments", ONE).get("name") == "Hộ 24"


def test_a_workspace_that_somebody_else_is_writing_is_busy(
    workspace: Workspace, folder: Path
) -> None:
    other = raw(folder)
    other.execute("BEGIN IMMEDIATE")
    workspace._db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(WorkspaceBusy):
        workspace.save([edit(name="x")])
    other.execute("ROLLBACK")
    other.close()
    assert [change.n for change in workspace.save([edit(name="x")])] == [1]


def test_what_was_saved_survives_a_process_that_is_killed(folder: Path, tmp_path: Path) -> None:
    """The write-ahead log alone holds the last commits; a copy taken meanwhile opens with them."""
    with make(folder) as workspace:
        workspace.save([edit(name="Hộ A")])
        assert (folder / f"{DATABASE_FILE}-wal").stat().st_size > 0
        copy = shutil.copytree(folder, tmp_path / "copy")
    with reopen(copy) as again:
        assert again.state("establishments", ONE).get("name") == "Hộ A"


def test_a_form_left_open_has_seen_what_it_showed(workspace: Workspace) -> None:
    workspace.save([edit(name="a")])
    opened = workspace.state("establishments", ONE)
    workspace.save([edit(name="b")])
    (change,) = workspace.save([Edit("establishments", ONE, {"phone": "1"}, opened.seen)])
    assert change.seen == {}  # a device has always seen its own changes
    assert workspace.state("establishments", ONE).conflicts == ()


MARKER = "Vàng A Páo bí mật"


def test_no_clear_text_in_any_file(workspace: Workspace, folder: Path) -> None:
    """Neither values, nor keys of fields, nor names of tables; also not in what SQLite writes beside the file."""
    workspace.save(
        [edit(name=MARKER, rep_name=MARKER, hamlet=MARKER, note=MARKER, odd={"x": MARKER})]
    )
    workspace.begin_exchange("x", 1, b"", [MARKER.encode() * 10_000])
    assert workspace.lists.page("establishments", search="vang a pao").records
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {DATABASE_FILE, f"{DATABASE_FILE}-wal"}
    wanted = [MARKER.encode(), MARKER.encode("utf-16-le"), b"vang a pao", b"rep_name", b"sqlite"]
    wanted += [workspace.person.encode() + b"\0", b"establishments"]
    for path in files:
        content = path.read_bytes()
        assert not [text for text in wanted if text in content], path.name


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are read from /proc")
def test_a_refused_workspace_is_closed_again(folder: Path) -> None:
    make(folder).close()
    with raw(folder).conn as connection:
        connection.execute("DELETE FROM device")
    connection.close()
    with pytest.raises(WorkspaceError):
        reopen(folder)
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    targets = [str(link.readlink()) for link in links if link.is_symlink()]
    assert not [target for target in targets if target.startswith(str(folder))]


def test_keys_are_asked_for_the_workspace_by_its_own_id(folder: Path) -> None:
    asked = []

    class Listening(FileKeys):
        def read(self, folder: Path, workspace: str) -> bytes:
            asked.append(workspace)
            return super().read(folder, workspace)

    make(folder).close()
    Workspace.open(
        folder,
        Listening(),
        marks_of(folder),
        units=shipped_units(),
        clock=lambda: NOW,
        randomness=random.Random("opened").randbytes,
    ).close()
    assert asked == [describe(folder).id]
