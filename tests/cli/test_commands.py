"""Commands do what they say, and say it in a form that other programs can rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kcdesk.cli import main
from tests.cli.conftest import ROOT, Kcdesk, process
from tests.storage.workspaces import DIVIDED, RESOURCES

MADE = {"name": "Hộ Sùng Seo Lử", "phone": "0912345678", "commune": "02989", "founded_year": 2010}


def add(lan: Kcdesk, **fields: object) -> str:
    record = lan.json("add", "establishments", *(f"{k}={v}" for k, v in {**MADE, **fields}.items()))
    return str(record["id"])


def test_a_new_workspace_says_what_it_is(kcdesk: Kcdesk) -> None:
    said = kcdesk.json("init", "--name", "Lan", "--area", "old:10", "--area", "31639")
    assert said["person"] == "Lan"
    assert said["workspace"] == str(kcdesk.folder)
    assert said["areas"][1] == {"code": "old:10", "name": "Tỉnh Lào Cai (cũ)"}
    assert said["communes"] > 40
    status = kcdesk.json("status")
    assert status["device"] == said["device"]
    assert (status["changes"], status["undelivered"], status["oldest_undelivered_at"]) == (
        0,
        0,
        None,
    )
    kinds = ("establishments", "figures", "surveys", "round_sheets", "needs", "attachments")
    assert status["records"] == dict.fromkeys(kinds, 0)


@pytest.mark.parametrize("behind", [False, True])
def test_the_workspace_stands_before_or_behind_the_command(lan: Kcdesk, behind: bool) -> None:
    words = ["communes", "list", "--json"]
    lan.capture.readouterr()
    assert main([*words, *lan.where] if behind else [*lan.where, *words]) == 0
    assert json.loads(lan.capture.readouterr().out) == {"undecided": []}
    wrong = ["--workspace", str(lan.folder / "wrong")]
    before, after = (wrong, lan.where) if behind else (lan.where, wrong)
    assert main([*before, *words, *after]) == (0 if behind else 1)  # behind wins


def test_json_before_the_command(lan: Kcdesk) -> None:
    lan.capture.readouterr()
    assert main(["--json", *lan.where, "conflicts"]) == 0
    assert json.loads(lan.capture.readouterr().out) == {"conflicts": []}


def test_the_default_workspace_and_the_keyring(tmp_path: Path) -> None:
    """Two processes, the user's data folder and a keyring: no option at all."""
    environment = {
        "PYTHON_KEYRING_BACKEND": "tests.cli.file_keyring.Keyring",
        "KCDESK_TEST_KEYRING": str(tmp_path / "keyring.json"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    assert process("init", "--name", "Lan", "--area", "02989", **environment).status == 0
    kept = json.loads((tmp_path / "keyring.json").read_text())
    assert [len(key) for key in kept.values()] == [64]
    status = process("status", "--json", **environment)
    assert status.status == 0
    assert status.json["person"] == "Lan"
    assert (tmp_path / "data" / "kcdesk" / "workspace" / "workspace.db").exists()
    (tmp_path / "keyring.json").unlink()
    lost = process("status", "--json", **environment)
    assert lost.status == 1
    assert lost.json["error"]["code"] == "keyring_forgot"
    assert "--recovery-code-file" in lost.json["error"]["hint"]


def test_a_list_has_the_keys_of_the_contract(register: Kcdesk) -> None:
    page = register.json("list", "establishments", "--search", "vang a pao", "--limit", 2)
    assert set(page) == {"records", "next"}
    first = page["records"][0]
    assert (first["kind"], first["state"], first["name"]) == (
        "establishments",
        "local",
        "Hộ Vàng A Páo",
    )
    assert {"id", "legal_form", "rep_name", "phone", "commune", "province", "vsic"} <= set(first)
    assert (first["workers_total"], first["figures_basis"]) == (1, "estimate")
    following = (
        register.json(
            "list",
            "establishments",
            "--search",
            "vang a pao",
            "--limit",
            2,
            "--after",
            page["next"],
        )
        if page["next"]
        else {"records": []}
    )
    assert not {each["id"] for each in page["records"]} & {
        each["id"] for each in following["records"]
    }


def test_every_page_together_is_the_list(register: Kcdesk) -> None:
    ids: list[str] = []
    after: list[str] = []
    while True:
        page = register.json("list", "establishments", "--limit", 1500, *after)
        ids += [record["id"] for record in page["records"]]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]
    assert len(ids) == len(set(ids)) == 6534


def test_lines_for_people(register: Kcdesk) -> None:
    result = register("list", "establishments", "--search", "Vàng A Páo", "--limit", 1)
    (line,) = result.out.splitlines()
    assert "Hộ Vàng A Páo" in line
    assert "Thôn Dín 1, Xã Bảo Hà" in line
    assert line.endswith("Trên máy này")
    assert register("list", "needs").out == "Không có hồ sơ nào phù hợp.\n"
    assert "13068 trên 13068" in register("status").out


def test_a_record_is_added_set_and_shown_with_its_history(lan: Kcdesk) -> None:
    record = add(lan)
    said = lan.json("set", "establishments", record, "phone=0987 654 321", "note=gọi sau 5 giờ")
    assert (said["phone"], said["id"], said["findings"]) == ("+84987654321", record, [])
    shown = lan.json("show", "establishments", record, "--history")
    assert shown["conflict_fields"] == []
    (phone,) = [e for e in shown["history"] if e["field"] == "phone" and e["old"]]
    assert (phone["old"], phone["new"], phone["who"]) == ("+84912345678", "+84987654321", "Lan")
    assert set(phone) == {"change", "at", "who", "device", "state", "field", "old", "new"}
    assert "history" not in lan.json("show", "establishments", record)
    text = lan("show", "establishments", record, "--history").out
    assert "phone: +84912345678 → +84987654321" in text


def test_setting_what_is_there_says_so(lan: Kcdesk) -> None:
    record = add(lan)
    assert lan("set", "establishments", record, "phone=0912345678").out == "Không có gì thay đổi.\n"
    assert lan("set", "establishments", record, "phone=0912345679").out.startswith("Đã ghi")
    lan("set", "establishments", record, "phone=")
    assert "phone" not in lan.json("show", "establishments", record)


def test_soft_findings_are_told_and_kept(lan: Kcdesk) -> None:
    record = add(lan)
    result = lan("set", "establishments", record, "tax_code=0100233480")
    assert result.status == 0
    assert "V-MST" in result.err
    said = lan.json("set", "establishments", record, "tax_code=0100233481")
    assert [(each["level"], each["field"]) for each in said["findings"]] == [("soft", "tax_code")]
    assert said["tax_code"] == "0100233481"


def test_the_divided_communes_are_decided(lan: Kcdesk) -> None:
    report = lan.json("import", "establishments", DIVIDED)
    assert (report["imported"], report["undecided"], report["rejected"]) == (8, 8, 0)
    waiting = lan.json("communes", "list")["undecided"]
    assert len(waiting) == 8
    one = next(each for each in waiting if "Phường 9" in each["address_as_written"])
    code = one["candidates"][1]["code"]
    assert lan.json("communes", "decide", one["id"], code)["commune"] == code
    assert lan.json("status")["undecided_communes"] == 7
    assert len(lan("communes", "list").out.split("\n01")) == 7


def test_a_dry_run_writes_nothing(lan: Kcdesk) -> None:
    report = lan.json("import", "establishments", DIVIDED, "--dry-run")
    assert (report["dry_run"], report["imported"]) == (True, 8)
    assert lan("import", "establishments", DIVIDED, "--dry-run").out.startswith("Sẽ nhập 8 cơ sở")
    assert lan.json("status")["changes"] == 0


def test_a_survey_from_a_file_of_answers(lan: Kcdesk, tmp_path: Path) -> None:
    record = add(lan, legal_form="HO_KINH_DOANH", rep_name="Sùng Seo Lử")
    sample = json.loads((RESOURCES / "samples" / "F01-tra-loi.json").read_text("utf-8"))
    del sample["survey_date"]  # today, whenever the test runs
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(sample), "utf-8")
    fill = ("questionnaire", "fill", "F01", answers, "--establishment", record)
    said = lan.json(*fill)
    assert (said["kind"], said["accepted"]) == ("surveys", False)
    assert {"kind", "id", "field", "label", "old", "new"} == set(said["proposals"][0])
    assert "workers_total" not in lan.json("show", "establishments", record)
    assert lan(*fill, "--accept").out.startswith("Đã ghi phiếu")
    assert lan.json("show", "establishments", record)["workers_total"] == 6
    states = [each["sheet_state"] for each in lan.json("list", "surveys")["records"]]
    assert sorted(states) == ["ACCEPTED", "FINISHED"]


def test_questionnaires(lan: Kcdesk) -> None:
    listed = lan.json("questionnaire", "list")["questionnaires"]
    checked = lan.json("questionnaire", "check", RESOURCES / "questionnaires" / "F01.xlsx")
    assert checked in listed
    assert (
        "không có lỗi"
        in lan("questionnaire", "check", RESOURCES / "questionnaires" / "F01.xlsx").out
    )


def test_an_application_is_registered_and_printed(lan: Kcdesk, tmp_path: Path) -> None:
    record = add(lan)
    need = lan.json(
        "add",
        "needs",
        f"establishment={record}",
        "purpose=Mua máy",
        "total=320 triệu",
        "kcdp=320 triệu",
    )
    assert (need["kind"], need["total"]) == ("needs", 320_000_000)
    out = tmp_path / "f02.pdf"
    printed = lan.json("document", "print", "F02", "--record", need["id"], "-o", out)
    assert out.read_bytes().startswith(b"%PDF")
    assert printed["bytes"] == out.stat().st_size
    assert {"field", "label"} == set(printed["missing"][0])
    assert lan("document", "print", "F02", "--blank", "-o", out).err == ""
    assert "F02" in {form["id"] for form in lan.json("document", "list")["documents"]}


def test_a_conflict_is_listed_and_resolved(lan: Kcdesk) -> None:
    """A second device's changes are laid into the file, as a sync would."""
    from kcdesk.actions.desk import open_desk
    from kcdesk.changes import Change

    record = add(lan)
    with open_desk(lan.folder) as desk:
        desk.workspace.receive(
            [
                Change(
                    "00000000000000b2",
                    1,
                    "establishments",
                    record,
                    1,
                    {"phone": "+84911111111"},
                    {},
                )
            ],
            {},
        )
    (conflict,) = lan.json("conflicts")["conflicts"]
    assert (conflict["kind"], conflict["id"], conflict["field"]) == (
        "establishments",
        record,
        "phone",
    )
    assert {"change", "who", "at", "value"} == set(conflict["values"][0])
    assert "--pick 00000000000000b2-1" in lan("conflicts").out
    resolved = lan.json(
        "resolve", "establishments", record, "phone", "--pick", "00000000000000b2-1"
    )
    assert (resolved["phone"], resolved["conflicts"]) == ("+84911111111", 0)
    assert lan("conflicts").out == "Không có trường nào đang khác nhau.\n"


def test_report_b4_of_an_area_is_a_part_of_the_whole(register: Kcdesk) -> None:
    whole = register.json("report", "B4")
    assert [(row["legal_form"], row["establishments"]) for row in whole["rows"]] == [
        ("DOANH_NGHIEP", 154),
        ("HTX", 90),
        ("HO_KINH_DOANH", 6290),
    ]
    total = whole["total"]
    assert (total["establishments"], total["workers"]) == (6534, 14_172)
    assert total["production_value"] == 3_150_000_000_000
    parts = [register.json("report", "B4", "--area", f"old:{n:03d}")["total"] for n in (80, 82)]
    listed = register.json("list", "establishments", "--limit", 10_000)["records"]
    bao_ha = register.json("report", "B4", "--area", "02989")["total"]
    assert bao_ha["establishments"] == sum(each["commune"] == "02989" for each in listed)
    assert 0 < sum(part["establishments"] for part in parts) < 6534
    assert "Tổng cộng      6.534  14.172" in register("report", "B4").out


def test_a_reader_that_has_had_enough_is_no_trouble(register: Kcdesk) -> None:
    command = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kcdesk",
            *register.where,
            "list",
            "establishments",
            "--limit",
            "6000",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.readline()
    command.stdout.close()
    said = command.stderr.read()
    command.stderr.close()
    command.wait()
    assert said == b""
    assert command.returncode == 0


def test_vietnamese_reaches_a_terminal_that_knows_no_unicode(register: Kcdesk) -> None:
    result = process(
        *register.where,
        *("list", "establishments", "--search", "vang a pao", "--limit", "1", "--json"),
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
    )
    assert result.json["records"][0]["name"] == "Hộ Vàng A Páo"


def test_a_file_name_that_is_no_text(lan: Kcdesk) -> None:
    """Old disks carry names in TCVN3; Python hands them on with their bytes escaped."""
    result = lan.process(
        "import",
        "establishments",
        b"danh s\xb8ch.xlsx".decode("utf-8", "surrogateescape"),
        "--json",
    )
    assert result.status == 1
    assert result.json["error"]["code"] == "no_file"
