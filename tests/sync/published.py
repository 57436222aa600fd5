"""Folders to publish, and the workbooks, forms and tables in them."""

from __future__ import annotations

from pathlib import Path

from kcdesk.resources import resource_path
from tests.questionnaire.books import LABEL, book, q

RULES = """rule_id;fund;province_code;valid_from;valid_to;percent_cap;money_cap_vnd;unit;multiplier;legal_doc;article;\
confidence;note
KC3.MACHINERY;KCQG;;2018-05-11;;50;300.000.000;cơ sở;;28/2018/TT-BTC;Đ8 k4;confirmed;
KC3.LINE;KCQG;;2018-05-11;;;300000000;cơ sở;1,5;28/2018/TT-BTC;;recalled;chưa rõ khoản
"""
DEADLINES = """deadline_id,name,day,fund,scheme_state,legal_doc,article,confidence
KCQG.DRAFT,Gửi đề án về Sở,20/05,KCQG,DRAFTED,36/2013/TT-BCT,,confirmed
"""
WEIGHTS = "flag;weight;confidence\nWOMEN_OWNED;5;designed\n"
CODES = "code;label\nHTX;Hợp tác xã, liên hiệp hợp tác xã\n"


def questionnaire(version: str, *questions: str) -> bytes:
    """A survey of the id TEST with text questions."""
    rows = [q("text", name, **{LABEL: f"Câu {name}"}) for name in questions or ("note_1",)]
    settings = {"form_id": "TEST", "version": version, "form_title": f"Phiếu thử {version}"}
    return book(rows, settings=settings)


def form(title: str) -> bytes:
    """F02 with another title."""
    text = resource_path("documents", "F02.toml").read_text("utf-8")
    before = next(line for line in text.splitlines() if line.startswith("title"))
    return text.replace(before, f'title = "{title}"', 1).encode()


def units(*more: str) -> bytes:
    """The shipped table with more lines."""
    shipped = resource_path("administrative-units", "units.tsv").read_bytes()
    return shipped + "".join(f"{line}\n" for line in more).encode()


def write(folder: Path, **files: bytes | str) -> Path:
    """Make a folder of exactly these files; `__` in a name stands for `/`, `_0` for `-`, the last `_` for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for name, content in files.items():
        path = folder / path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def path_of(name: str) -> str:
    stem, _, ending = name.replace("__", "/").replace("_0", "-").rpartition("_")
    return f"{stem}.{ending}"


def everything(folder: Path, version: str = "1", title: str = "Đơn của tỉnh") -> Path:
    """A folder with something of every kind."""
    return write(
        folder,
        questionnaires__TEST_xlsx=questionnaire(version),
        documents__F02_toml=form(title),
        administrative_0units__units_tsv=units(),
        code_0lists__legal_form_csv=CODES,
        support_0rules_csv=RULES,
        deadlines_csv=DEADLINES,
        weights_csv=WEIGHTS,
        report_0needs_csv="questionnaire;question;report\nTEST;note_1;B4\n",
        settings_toml="undelivered_red_days = 7\n",
    )
