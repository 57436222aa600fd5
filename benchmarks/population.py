"""Invented establishments that look like a real province's: the same size is always the same population.

Half of the names of people begin with Nguyễn, Trần or Lê, as they do in Vietnam; communes are those of Lào Cai.
"""

from __future__ import annotations

import itertools
import os
import random  # noqa: TID251 -- seeded: the same in every run
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stdnum.vn import mst

from kcdesk.actions.desk import Desk, create_desk, keys_for, open_desk, shipped_units
from kcdesk.domain.clock import system_clock
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import figures_id
from kcdesk.domain.unit_table import OldCommune
from kcdesk.domain.value import Value
from kcdesk.storage.edits import Edit

AREA = "old:10"
WORKSPACE = "workspace"
PASSPHRASE_FILE = "passphrase.txt"
BATCH = 20_000
"""Establishments of one action while a workspace is filled."""

# fmt: off
_FAMILIES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vàng", "Giàng", "Lý", "Tẩn", "Lù", "Sùng", "Ma", "Vũ", "Đặng", "Bùi",
    "Đỗ", "Hồ", "Ngô", "Dương", "Lò", "Hà", "Cư", "Chảo", "Phàn", "Lương", "Nông", "Đinh", "Thào", "Hầu", "Ân",
)
_FAMILY_WEIGHTS = (32, 11, 9, 7, 5, 4, 4, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
_MIDDLES = (
    "Văn", "Thị", "Đức", "Quốc", "Seo", "A", "Minh", "Thanh", "Hữu", "Ngọc", "Xuân", "Công", "Mạnh", "Thu", "Bích",
)
_GIVEN = (
    "An", "Anh", "Ánh", "Ân", "Bình", "Bảo", "Chính", "Cường", "Dũng", "Dương", "Duyên", "Đạt", "Đức", "Giang", "Hà",
    "Hạnh", "Hiền", "Hoa", "Hòa", "Hùng", "Hương", "Khánh", "Lan", "Liên", "Linh", "Long", "Mai", "Nam", "Nga",
    "Páo", "Phúc", "Phương", "Quang", "Quý", "Sơn", "Tâm", "Thảo", "Thắng", "Thủy", "Tiến", "Trang", "Tuấn", "Tuyết",
    "Ước", "Vân", "Việt", "Xuân", "Yến",
)
_TRADES = (
    ("Chế biến gỗ, đồ mộc", "1629"), ("Đan lát mây tre", "1629"), ("Nấu rượu truyền thống", "1101"),
    ("Sản xuất gạch không nung", "2395"), ("Chế biến chè", "1076"), ("Xay xát, chế biến lương thực", "1061"),
    ("Dệt thổ cẩm", "1312"), ("Rèn, cơ khí nhỏ", "2599"), ("Sản xuất thức ăn chăn nuôi", "1080"),
    ("Chế biến dược liệu, tinh dầu", "2100"), ("Làm miến dong", "1074"), ("May mặc", "1410"),
)
_COMPANIES = ("Công ty TNHH", "Công ty TNHH MTV", "Công ty cổ phần", "Doanh nghiệp tư nhân")
# fmt: on

HEAD = (
    "STT", "Tên cơ sở", "Loại hình", "Chủ cơ sở", "Mã số thuế", "Điện thoại", "Thôn, bản, tổ",
    "Xã, phường, thị trấn", "Huyện, thị xã, thành phố", "Ngành nghề", "Mã ngành", "Số lao động",
    "Giá trị sản xuất (triệu đồng)", "Thu nhập BQ (triệu đồng/người/tháng)", "Năm thành lập",
)  # fmt: skip
TITLE = "DANH SÁCH CƠ SỞ CÔNG NGHIỆP NÔNG THÔN (năm 2024)"

_Pair = tuple[dict[str, Value], dict[str, Value]]


def establishments(size: int, seed: str = "kcdesk") -> Iterator[_Pair]:
    """So many establishments, each with its figures of 2024: the fields of the two kinds."""
    chance = random.Random(seed)
    units = shipped_units()
    communes = [old for old in units.old_communes_of(AREA) if not old.divided]
    for number in range(size):
        owner = person(chance)
        name, form = _named(chance, owner)
        old = chance.choice(communes)
        new = units.new_commune(old.successors[0])
        hamlet = f"Thôn {chance.choice(_GIVEN)} {chance.randint(1, 9)}"
        trade, vsic = chance.choice(_TRADES)
        establishment: dict[str, Value] = {
            "name": name,
            "legal_form": form,
            "rep_name": owner,
            "phone": f"+849{number * 7919 % 100_000_000:08}",
            "hamlet": hamlet,
            "commune": new.code,
            "old_commune": old.code,
            "address_as_written": ", ".join((hamlet, *written_place(old))),
            "trade": trade,
            "vsic": vsic,
            "founded_year": chance.randint(1990, 2024),
        }
        if form != "HO_KINH_DOANH":
            establishment["tax_code"] = _tax_code(number)
        workers = min(300, int(chance.paretovariate(1.2)))
        figures: dict[str, Value] = {
            "year": 2024,
            "basis": "actual",
            "workers": workers,
            "production_value": workers * chance.randint(20, 900) * 1_000_000,
            "avg_wage": chance.randint(250, 1_200) * 10_000,
            "source": "list",
        }
        yield establishment, figures


def person(chance: random.Random) -> str:
    """A full name: family, one or two middle names, given name."""
    (family,) = chance.choices(_FAMILIES, _FAMILY_WEIGHTS)
    middle = chance.sample(_MIDDLES, chance.choice((1, 1, 2)))
    return " ".join((family, *middle, chance.choice(_GIVEN)))


def queries(count: int, seed: str = "searches") -> list[str]:
    """What people type: names with and without marks, half-typed words, two letters, numbers."""
    from kcdesk.domain.text import fold  # noqa: PLC0415

    chance = random.Random(seed)
    out: list[str] = []
    for _ in range(count):
        name = person(chance)
        typed = chance.choice(
            (
                name,
                fold(name),
                fold(name)[: chance.randint(2, len(name))],
                fold(name.split()[-1])[: chance.randint(2, 4)].ljust(2, "a"),
                fold(name)[:2],
                f"09{chance.randint(0, 999_999):06}",
                fold(f"{chance.choice(_TRADES)[0].split()[0]} {name.split()[-1]}"),
                " ".join(fold(name).split()[-2:]),
            )
        )
        out.append(typed.strip().ljust(2, "a"))
    return out


def written_place(old: OldCommune) -> tuple[str, str]:
    """A former commune and its district as lists write them."""
    district = shipped_units().old_districts[old.district]
    return f"{old.kind} {old.name}", f"{district.kind} {district.name}"


def list_rows(size: int, seed: str = "kcdesk") -> Iterator[list[object]]:
    """The same establishments as rows of a list under `HEAD`."""
    forms = {
        "HO_KINH_DOANH": "Hộ cá thể",
        "HTX": "HTX",
        "DOANH_NGHIEP": "Doanh nghiệp",
    }
    units = shipped_units()
    for number, (establishment, figures) in enumerate(establishments(size, seed), 1):
        value, wage = figures["production_value"], figures["avg_wage"]
        assert isinstance(value, int)
        assert isinstance(wage, int)
        yield [
            number,
            establishment["name"],
            forms[str(establishment["legal_form"])],
            establishment["rep_name"],
            establishment.get("tax_code", ""),
            f"0{str(establishment['phone'])[3:]}",
            establishment["hamlet"],
            *written_place(units.old_commune(str(establishment["old_commune"]))),
            establishment["trade"],
            establishment["vsic"],
            figures["workers"],
            value / 1_000_000,
            wage / 1_000_000,
            establishment["founded_year"],
        ]


def write_list(path: Path, size: int, seed: str = "kcdesk") -> None:
    """An `.xlsx` as a district sends it."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    for line in ([TITLE], [], HEAD, *list_rows(size, seed)):
        sheet.append(line)
    book.save(path)


def make_workspace(folder: Path, size: int, say: Callable[[str], None]) -> None:
    """A workspace in `folder` with three changes for each establishment: itself, its figures, a later visit."""
    chance = random.Random("ids")
    people = establishments(size)
    done = 0
    with new_desk(folder) as desk:
        while batch := list(itertools.islice(people, BATCH)):
            ids = [new_record_id(system_clock, chance.randbytes) for _ in batch]
            desk.workspace.save(_said(ids, batch))
            desk.workspace.save(_visited(ids, chance))
            done += len(batch)
            say(f"{done:,} of {size:,}")


@contextmanager
def new_desk(folder: Path) -> Iterator[Desk]:
    """An empty workspace in `folder`, open; its passphrase lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    passphrase = folder / PASSPHRASE_FILE
    passphrase.write_text("mật khẩu để đo\n", "utf-8")
    with own_state(folder):
        desk = create_desk(
            folder / WORKSPACE, person="Nguyễn Thị Hoa", areas=[AREA], keys=keys_for(passphrase)
        )
        with desk.workspace:
            yield desk


@contextmanager
def open_desk_in(folder: Path) -> Iterator[Desk]:
    """The workspace that `new_desk` or `make_workspace` left in `folder`, open."""
    with (
        own_state(folder),
        open_desk(folder / WORKSPACE, passphrase_file=folder / PASSPHRASE_FILE) as desk,
    ):
        yield desk


@contextmanager
def own_state(folder: Path) -> Iterator[None]:
    """What the computer knows of a workspace lies beside it: a copy of both is the same workspace once more."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_STATE_HOME"]
        else:
            os.environ["XDG_STATE_HOME"] = before


def _said(ids: list[str], batch: list[_Pair]) -> Iterator[Edit]:
    for record, (establishment, figures) in zip(ids, batch, strict=True):
        yield Edit("establishments", record, establishment)
        yield Edit(
            "figures", figures_id(record, 2024, "actual"), {"establishment": record, **figures}
        )


def _visited(ids: list[str], chance: random.Random) -> Iterator[Edit]:
    for record in ids:
        gender = chance.choice(("MALE", "FEMALE"))
        yield Edit(
            "establishments",
            record,
            {
                "status": "ACTIVE",
                "rep_gender": gender,
                "note": f"Đã đến ngày {chance.randint(1, 28)}/3",
            },
        )


def _named(chance: random.Random, owner: str) -> tuple[str, str]:
    kind = chance.random()
    if kind < 0.8:
        return f"Hộ {owner}", "HO_KINH_DOANH"
    given = f"{chance.choice(_GIVEN)} {chance.choice(_GIVEN)}"
    if kind < 0.86:
        return f"HTX {given}", "HTX"
    return f"{chance.choice(_COMPANIES)} {given}", "DOANH_NGHIEP"


def _tax_code(number: int) -> str:
    for salt in itertools.count():
        digits = f"53{(number * 104_729 + salt) % 10_000_000:07}"
        check = mst.calc_check_digit(digits)
        if len(check) == 1:
            return digits + check
    raise AssertionError
