"""Over a line that is paid by the byte: how much it would be is told before, and asked about when it is much."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kcdesk.actions import contents
from kcdesk.actions.attachments import add_attachments
from kcdesk.actions.contents import PhotosSent, exchange, set_when_sent
from kcdesk.actions.desk import Desk
from kcdesk.actions.metered import TooMuch, line_is_metered, outgoing
from kcdesk.actions.sync_settings import set_sync_settings, sync_settings
from kcdesk.errors import BadInput, Unreachable
from kcdesk.sync.amount import amount_to_send
from tests.storage.workspaces import desk_on
from tests.sync.pictures import picture as drawn
from tests.sync.provinces import Province


@pytest.fixture
def desk(province: Province) -> Desk:
    return desk_on(province.joined(province.person("An")), clock=province.clock)


def asks_above(desk: Desk, megabytes: int) -> None:
    settings = msgspec.structs.replace(sync_settings(desk), ask_above_mb=megabytes)
    set_sync_settings(desk, settings)


@pytest.mark.parametrize("count", [0, 1, 40, 600])
def test_the_amount_is_about_what_is_sent(province: Province, desk: Desk, count: int) -> None:
    province.many(desk.workspace, count)
    amount = amount_to_send(desk.workspace)
    sent = province.sync(desk.workspace).bytes_sent
    assert amount == 0 if not count else abs(amount - sent) < 0.1 * sent + 500
    assert amount_to_send(desk.workspace) == 0


def test_much_is_asked_about_before_anything_is_sent(province: Province, desk: Desk) -> None:
    province.many(desk.workspace, 40)
    asks_above(desk, 0)
    with pytest.raises(TooMuch) as much:
        exchange(desk, metered=True)
    assert much.value.outgoing.changes == 40
    assert "40 thay đổi, khoảng" in much.value.message
    assert desk.workspace.exchange() is None  # nothing was begun
    for arguments in ({"metered": True, "agreed": True}, {"metered": False}, {"metered": None}):
        with pytest.raises(Unreachable):  # there is no such server: but it was called
            exchange(desk, **arguments)  # type: ignore[arg-type]
    asks_above(desk, 5)
    with pytest.raises(Unreachable):
        exchange(desk, metered=True)


def test_records_and_photos_are_told_each(province: Province, desk: Desk, tmp_path: Path) -> None:
    record = province.establishment(desk.workspace, "Lò rèn")
    picture = tmp_path / "xưởng.jpg"
    picture.write_bytes(drawn(1))
    add_attachments(desk, record, [picture])
    asks_above(desk, 0)
    found = outgoing(desk, photos=True)
    assert (found.changes, found.photos) == (2, 1)
    assert found.photo_bytes == contents.standing(desk).to_send_bytes > found.record_bytes > 0
    set_when_sent(desk, PhotosSent.ALWAYS)
    with pytest.raises(TooMuch, match="và 1 ảnh, tài liệu"):
        exchange(desk, metered=True)
    with pytest.raises(TooMuch) as records_only:
        exchange(desk, metered=True, photos=False)
    assert records_only.value.outgoing.photos == 0


def test_what_the_person_has_set_of_the_line_counts_more_than_the_system(desk: Desk) -> None:
    assert [line_is_metered(desk, told) for told in (True, False, None)] == [True, False, None]
    set_sync_settings(desk, msgspec.structs.replace(sync_settings(desk), metered=True))
    assert [line_is_metered(desk, told) for told in (True, False, None)] == [True] * 3
    with pytest.raises(BadInput):
        asks_above(desk, -1)
