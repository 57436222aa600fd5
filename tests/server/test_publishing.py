"""A folder becomes an edition or is refused with every fault; nothing outside of it is ever read."""

from __future__ import annotations

import os
import zipfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from kcdesk.domain.published import tables as law
from kcdesk.domain.published.editions import FILE_BYTES, Fault, decode_manifest
from kcdesk.domain.published.unit_files import unit_faults
from kcdesk.errors import BadInput, NotFound
from kcdesk.resources import resource_path
from kcdesk.server import admin, editions, publishing, tables
from kcdesk.server.database import reading
from kcdesk.server.publishing import FolderRefused
from kcdesk.sync.bundle import edition_statement
from kcdesk.sync.protocol import is_signed
from tests.sync import published
from tests.sync.provinces import Province


def publish(province: Province, folder: Path, note: str = "") -> int:
    _, manifest = publishing.publish(province.database, folder, note=note, clock=province.clock)
    return manifest.number


def faults(province: Province, folder: Path) -> list[Fault]:
    with pytest.raises(FolderRefused) as refused:
        publish(province, folder)
    assert editions.every_edition(province.database) == []
    return refused.value.faults


def test_something_of_every_kind_is_published_and_signed(
    province: Province, tmp_path: Path
) -> None:
    folder = published.everything(tmp_path / "p")
    plan = publishing.plan_publishing(province.database, folder)
    assert (plan.number, len(plan.added), plan.replaced, plan.removed) == (1, 9, (), ())
    assert editions.every_edition(province.database) == []  # a plan writes nothing
    assert publish(province, folder, "Mẫu phiếu 2026") == 1
    (one,) = editions.every_edition(province.database)
    replaced = {file.path for file in one.manifest.files if file.replaces}
    assert replaced == {
        "documents/F02.toml",
        "administrative-units/units.tsv",
        "report-needs.csv",
    }
    with reading(province.database) as connection:
        home = connection.execute(select(tables.province)).one()
    public = Ed25519PrivateKey.from_private_bytes(home.signing_key).public_key().public_bytes_raw()
    statement = edition_statement(one.signed.manifest)
    assert is_signed(public, one.signed.signature, statement)
    assert not is_signed(public, one.signed.signature, statement + b" ")


def test_the_next_edition_says_what_it_changes(province: Province, tmp_path: Path) -> None:
    folder = published.everything(tmp_path / "p")
    publish(province, folder)
    with pytest.raises(BadInput, match="giống hệt"):
        publish(province, folder)
    (folder / "weights.csv").unlink()
    (folder / "deadlines.csv").write_text(published.DEADLINES.replace("20/05", "25/05"))
    (folder / "documents" / "F02b.toml").write_bytes(
        published.form("Đơn khác").replace(b'id = "F02"', b'id = "F02b"')
    )
    plan = publishing.plan_publishing(province.database, folder)
    assert (plan.added, plan.replaced, plan.removed) == (
        ("documents/F02b.toml",),
        ("deadlines.csv",),
        ("weights.csv",),
    )
    assert publish(province, folder) == 2


def test_every_fault_is_told_at_once_with_its_place(province: Province, tmp_path: Path) -> None:
    bad_rules = published.RULES + (
        "KC3.MACHINERY;KCQG;;2020-01-01;;120;x;cơ sở;;28/2018/TT-BTC;;sure;\n"
        "KC3.MACHINERY;KCQG;;2020-01-01;2019-01-01;;1;;;;Đ8;confirmed;\n"
    )
    folder = published.write(
        tmp_path / "p",
        support_0rules_csv=bad_rules,
        weights_csv="flag;points\nWOMEN_OWNED;5\n",
        deadlines_csv=published.DEADLINES.replace("20/05", "31/02"),
        settings_toml="undelivered_red_days = 0\nnonsense = 1\n",
        code_0lists__nothing_csv=published.CODES,
        documents__F02_toml=b"id = 1",
        questionnaires__TEST_xlsx=published.questionnaire("1", "a b", "deleted"),
        notes_docx=b"x",
    )
    told = [fault.sentence for fault in faults(province, folder)]
    for expected in (
        "support-rules.csv, dòng 4, cột percent_cap",
        "support-rules.csv, dòng 4, cột money_cap_vnd",
        "support-rules.csv, dòng 4, cột confidence",
        "support-rules.csv, dòng 5, cột valid_to",
        "support-rules.csv, dòng 5, cột article",
        "support-rules.csv, dòng 5, cột legal_doc",
        "weights.csv, dòng 1, cột points",
        "weights.csv, dòng 1, cột weight",
        "weights.csv, dòng 1, cột confidence",
        "deadlines.csv, dòng 2, cột day",
        "settings.toml: “undelivered_red_days”",
        "settings.toml: không có thiết lập “nonsense”",
        "code-lists/nothing.csv: không có danh mục",
        "documents/F02.toml",
        "questionnaires/TEST.xlsx, trang survey, dòng 2, cột name",
        "questionnaires/TEST.xlsx, trang survey, dòng 3, cột name",
        "notes.docx: không phải loại tệp",
    ):
        assert any(one.startswith(expected) for one in told), (expected, told)


def test_a_fault_of_a_shared_block_is_told_where_it_stands(
    province: Province, tmp_path: Path
) -> None:
    """Of the block itself, and of forms of ours that take it up."""
    fund = resource_path("documents", "blocks", "FUND.toml").read_text("utf-8")
    line = next(n for n, text in enumerate(fund.splitlines(), 1) if "{kcdp}" in text)
    folder = published.write(
        tmp_path / "p",
        documents__blocks__FUND_toml=fund.replace("{kcdp}", "{kcxx}"),
    )
    told = [(fault.path, fault.row) for fault in faults(province, folder)]
    assert set(told) == {("documents/blocks/FUND.toml", line)}
    law = "[ND45]\ntxt = 'Căn cứ'\n"
    folder = published.write(tmp_path / "q", documents__blocks__LAW_toml=law)
    assert [(fault.path, fault.row) for fault in faults(province, folder)] == [
        ("documents/blocks/LAW.toml", 2)
    ]


def test_rows_are_read_as_they_are_meant(tmp_path: Path) -> None:
    rules, wrong = law.support_rules("r.csv", published.RULES.encode("utf-8-sig"), {"15"})
    assert wrong == []
    machinery, line = rules
    assert (machinery.percent_cap, machinery.money_cap_vnd, machinery.article) == (
        Decimal(50),
        300_000_000,
        "Đ8 k4",
    )
    assert (line.multiplier, line.article, line.confidence) == (Decimal("1.5"), None, "recalled")
    ((deadline,), wrong) = law.deadlines("d.csv", published.DEADLINES.encode())
    assert (deadline.day, wrong) == ("05-20", [])
    assert law.weights("w.csv", published.WEIGHTS.encode())[0][0].weight == Decimal(5)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "thiếu cột"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"flag;weight;confidence\n", "không có dòng nào"),
        (b'flag;weight;confidence\nWOMEN_OWNED;"5;designed\n', "ngoặc kép"),
        (b"flag;weight;confidence\nWOMEN_OWNED;5;designed;x\n", "nhiều ô hơn"),
        (b"flag;flag;weight;confidence\n", "hai cột"),
        (b"flag;weight;confidence\nWOMEN_OWNED;5;designed\nWOMEN_OWNED;6;designed\n", "dòng 2"),
        (b"flag;weight;confidence\nWOMEN_OWNED;" + b"5" * 3000 + b";designed\n", "dài hơn"),
    ],
)
def test_a_bad_table_is_told(content: bytes, expected: str) -> None:
    found = law.weights("w.csv", content)[1]
    assert any(expected in fault.sentence for fault in found), found


def test_a_questionnaire_that_changes_needs_another_version(
    province: Province, tmp_path: Path
) -> None:
    folder = published.write(
        tmp_path / "p", questionnaires__TEST_xlsx=published.questionnaire("1", "a")
    )
    publish(province, folder)
    published.write(folder, questionnaires__TEST_xlsx=published.questionnaire("1", "a", "b"))
    with pytest.raises(FolderRefused) as refused:
        publish(province, folder)
    (fault,) = refused.value.faults
    assert "vẫn ghi phiên bản 1" in fault.message
    published.write(folder, questionnaires__TEST_xlsx=published.questionnaire("2", "a", "b"))
    assert publish(province, folder) == 2


# Hostile folders


def test_what_is_no_plain_file_is_never_opened(province: Province, tmp_path: Path) -> None:
    folder = published.write(tmp_path / "p", weights_csv=published.WEIGHTS)
    secret = tmp_path / "secret.csv"
    secret.write_text(published.WEIGHTS)
    (folder / "deadlines.csv").symlink_to(secret)
    (folder / "documents").symlink_to(tmp_path)
    os.mkfifo(folder / "support-rules.csv")
    (folder / "settings.toml").write_bytes(b"#" * (FILE_BYTES + 1))
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "..F01.xlsx").write_bytes(b"x")
    (folder / "questionnaires" / "con.csv").write_bytes(b"x")
    (folder / "questionnaires" / "mẫu.xlsx").write_bytes(b"x")
    (folder / "code-lists" / "deep").mkdir(parents=True)
    (folder / "code-lists" / "deep" / "fund.csv").write_text(published.CODES)
    (folder / "~$weights.csv").write_bytes(b"Excel keeps this")
    told = {fault.path: fault.message for fault in faults(province, folder)}
    assert told.keys() == {
        "deadlines.csv",
        "documents",
        "support-rules.csv",
        "settings.toml",
        "questionnaires/con.csv",
        "questionnaires/mẫu.xlsx",
        "code-lists/deep",
    }
    assert "liên kết" in told["deadlines.csv"]
    assert "liên kết" in told["documents"]
    assert "lớn hơn" in told["settings.toml"]


def test_a_workbook_that_unpacks_to_anything_is_refused(province: Province, tmp_path: Path) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/{number}.xml", b" " * (80 << 20))
    assert len(bomb.getvalue()) < 1 << 20
    folder = published.write(tmp_path / "p", questionnaires__TEST_xlsx=bomb.getvalue())
    (fault,) = faults(province, folder)
    assert fault.path == "questionnaires/TEST.xlsx"
    assert "MB" in fault.message


def test_an_empty_or_absent_folder(province: Province, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "không có tệp nào" in faults(province, tmp_path / "empty")[0].message
    with pytest.raises(NotFound):
        publish(province, tmp_path / "none")


def test_manifests_that_play_tricks_are_none() -> None:
    good = (
        b'{"number":1,"published_at":1,"note":"","files":['
        b'{"path":"weights.csv","kind":"weights","sha256":"'
        + b"0" * 64
        + b'","bytes":1,"replaces":false}]}'
    )
    assert decode_manifest(good) is not None
    for before, after in (
        (b'"weights.csv"', b'"../weights.csv"'),
        (b'"weights.csv"', b'"/etc/passwd"'),
        (b'"weights.csv"', b'"a\\\\b.csv"'),
        (b'"weights.csv"', b'"nul.csv"'),
        (b'"bytes":1', b'"bytes":-1'),
        (b'"bytes":1', b'"bytes":99999999999'),
        (b'"number":1', b'"number":0'),
        (b"0" * 64, b"../" * 21 + b"0"),
    ):
        assert decode_manifest(good.replace(before, after)) is None, after


# Units


def test_units_are_checked_line_by_line() -> None:
    shipped = published.units()
    assert unit_faults("u", shipped) == []
    found = unit_faults(
        "u",
        published.units(
            "commune\t99001\tXã\tMới\t98\tagreed",
            "commune\t02728\tXã\tTrùng\t15\tagreed",
            "commune\t99002\tXã\tKhác\t15\tsure",
            "commune\t99004\tXã\tLạ\t15\tagreed\t22.5\t190\t5",
            "old_commune\t99003\tXã\tCũ\t082\t02728 99999",
            "nonsense\t1",
            "succession\t02728\t2027-13-01\t02683",
            "succession\t02683\t2027-01-01\t02989",
            "succession\t02989\t2027-01-01\t02683",
        ),
    )
    lines = shipped.decode().count("\n")
    rows = {(fault.row or 0) - lines for fault in found}
    assert rows == {1, 2, 3, 4, 5, 6, 7, 8, 9}


def test_joined_communes_leave_records_and_areas_where_they_are(
    province: Province, tmp_path: Path
) -> None:
    """Two communes become one: each area goes on under the new code, and new records reach both."""
    first, second = province.communes[:2]
    new = "99001"
    folder = published.write(
        tmp_path / "p",
        administrative_0units__units_tsv=published.units(
            f"commune\t{new}\tXã\tHợp Nhất\t15\tagreed",
            f"succession\t{first}\t2026-01-01\t{new}",
            f"succession\t{second}\t2026-01-01\t{new}",
        ),
    )
    province.person("An", area=first)
    province.person("Bình", area=second)
    an, binh = province.joined("An"), province.joined("Bình")
    before = province.establishment(an, "Trước", commune=first)
    province.sync(an)
    publish(province, folder)
    province.sync(an)
    assert an.units.new_commune(new).name == "Hợp Nhất"
    after = province.establishment(an, "Sau", commune=new)
    assert province.sync(an).refused == ()
    province.sync(binh)
    assert {str(row["id"]) for row in binh.lists.every("establishments")} == {after}
    units = editions.units_of(province.database)
    assert new in {c.code for c in units.communes_of("15")}
    assert not {first, second} & {c.code for c in units.communes_of("15")}
    province.person("Chi", area=None)
    assert admin.assign(province.database, "Chi", new, units, clock=province.clock) == 2
    chi = province.joined("Chi")
    province.sync(chi)
    assert {str(row["id"]) for row in chi.lists.every("establishments")} == {before, after}
    # the list reads the one in the commune that is there now, and finds it by both names
    found = an.lists.page("establishments", search="hop nhat", limit=9).records
    assert {str(row["id"]) for row in found} == {before, after}
