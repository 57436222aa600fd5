"""`kcdesk refused`, as it is typed."""

from __future__ import annotations

import pytest

from kcdesk.actions.desk import open_desk
from tests.cli.conftest import Kcdesk

KIND = "establishments"


@pytest.fixture
def refused(lan: Kcdesk) -> tuple[Kcdesk, str, str]:
    """Two establishments that the province has not taken: it lacks the commune of one, and the right to the other."""
    ids = [
        str(lan.json("add", KIND, f"name={name}", f"commune={commune}")["id"])
        for name, commune in (("Lò rèn", ""), ("Xưởng chè", "02989"))
    ]
    with open_desk(lan.folder) as desk:
        chain = desk.workspace.chain()
        reasons = [(1, "no_area"), (2, "no_right: add")]
        desk.workspace.confirm(chain.last_n, chain.last_hash, reasons)
    return lan, ids[0], ids[1]


def test_seen_corrected_withdrawn_and_sent_again(refused: tuple[Kcdesk, str, str]) -> None:
    kcdesk, forge, tea = refused
    of_tea, of_forge = kcdesk.json("refused", "list")["refused"]
    assert (of_tea["id"], of_tea["code"], of_tea["title"]) == (tea, "no_right", "Xưởng chè")
    assert "trung tâm" in of_tea["what_to_do"]
    assert of_forge["fields"] == {"name": "Lò rèn"}
    shown = kcdesk("refused", "list", forge).out
    assert "chưa chọn xã, phường" in shown
    assert of_forge["change"] in shown
    assert tea not in shown
    assert len(kcdesk.json("status")["refused"]) == 2

    done = kcdesk.json("refused", "correct", forge, "commune=02989")
    assert done == {"records": [{"kind": KIND, "id": forge}], "refused": 1}
    record = kcdesk.json("show", KIND, forge)
    assert (record["name"], record["commune"], record["state"]) == ("Lò rèn", "02989", "local")

    assert kcdesk("refused", "again").status == 1
    assert kcdesk("refused", "again", of_tea["change"]).out.startswith("Sẽ gửi lại")
    assert kcdesk.json("show", KIND, tea)["name"] == "Xưởng chè"
    assert kcdesk("refused", "list").out == "Không có mục nào bị từ chối.\n"


def test_withdrawn_it_is_gone_from_every_list(refused: tuple[Kcdesk, str, str]) -> None:
    kcdesk, forge, tea = refused
    assert kcdesk.json("refused", "withdraw", forge, tea)["refused"] == 0
    assert kcdesk.json("status")["refused"] == []
    assert kcdesk.json("list", KIND)["records"] == []
    again = kcdesk("refused", "withdraw", forge)
    assert again.status == 1
    assert "kcdesk refused list" in again.err
    assert kcdesk.json("refused", "again", "--all") == {"records": [], "refused": 0}


def test_how_long_may_wait_is_a_setting(lan: Kcdesk) -> None:
    assert lan.json("settings", "sync")["late_days"] == 14
    assert lan.json("settings", "sync", "--late-days", 7)["late_days"] == 7
    assert "7 ngày" in lan("settings", "sync").out
    assert lan("settings", "sync", "--late-days", 0).status == 1
    lan("add", KIND, "name=Hộ", "commune=02989")
    now = lan.json("status")
    assert (now["late_after_days"], now["oldest_undelivered_days"], now["late"]) == (7, 0, False)
    assert [now[key] for key in ("on_this_computer", "in_parcels", "at_province")] == [1, 0, 0]
    assert "cũ nhất 0 ngày" in lan("status").out


def test_whether_the_window_exchanges_by_itself_is_a_setting(lan: Kcdesk) -> None:
    assert lan.json("settings", "sync")["background"] is True
    assert lan.json("settings", "sync", "--background", "off")["background"] is False
    assert lan.json("settings", "sync")["late_days"] == 14  # what was not said stays
    assert lan.json("status")["background"] is False
    assert "không" in lan("settings", "sync").out


def test_what_is_asked_about_on_a_line_paid_by_the_byte_is_a_setting(lan: Kcdesk) -> None:
    now = lan.json("settings", "sync")
    assert (now["ask_above_mb"], now["metered"]) == (5, None)
    now = lan.json("settings", "sync", "--ask-above", 0, "--metered", "yes")
    assert (now["ask_above_mb"], now["metered"]) == (0, True)
    lan("add", KIND, "name=Hộ", "commune=02989")
    refused = lan("sync", "--json")
    assert refused.json["error"]["code"] == "metered"
    assert "--yes" in refused.err
    assert "sẽ gửi 1 thay đổi, khoảng 1 kB" in refused.err
    assert lan("sync", "--yes", "--json").json["error"]["code"] == "not_joined"
    assert lan.json("settings", "sync", "--metered", "auto")["metered"] is None
    assert lan("sync", "--json").json["error"]["code"] == "not_joined"
    assert lan("sync", "--metered", "--json").json["error"]["code"] == "metered"
