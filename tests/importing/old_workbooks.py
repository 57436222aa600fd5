"""Generated workbooks of the years before Unicode, each with what was read on paper.

Owns its own rows, fonts and orders of columns; the same seed makes the same workbook.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from kcdesk.importing.old_encodings import Encoding, encode

_FAMILY = (
    "Nguyễn", "Đỗ", "Vàng", "Giàng", "Lý", "Thào", "Phạm", "Hoàng", "Bùi", "Đặng", "Vũ", "Lồ", "Sùng",
)  # fmt: skip
_MIDDLE = ("Thị", "Văn", "A", "Mẩy", "Đức", "Hữu", "Seo", "Láo", "Thuỳ", "Quốc", "Ngọc", "Xuân")
_GIVEN = (
    "Ưng", "Phượng", "Sở", "Tả", "Dũng", "Hưởng", "Thuỷ", "Mỷ", "Páo", "Chạn", "Đạt", "Kỳ", "Ngỗ", "Vỹ",
    "Yến", "Lễ", "Hạnh", "Bẩy",
)  # fmt: skip
_TRADES = (
    "Chế biến gỗ", "Nấu rượu ngô", "Dệt thổ cẩm", "Sản xuất gạch", "Rèn đúc nông cụ", "Xay xát lúa gạo",
    "Sửa chữa cơ khí", "Đan lát mây tre", "Sơ chế quế, hồi", "May mặc", "Bóc gỗ ván mỏng",
    "Mỳ, miến, bánh phở",
)  # fmt: skip
_COMMUNES = (
    "Xã Bảo Hà", "Xã Cốc Lầu", "Xã Tả Phìn", "Thị trấn Phố Ràng", "Xã Nghĩa Đô", "Xã Khánh Yên Hạ",
    "Xã Mường Khương", "Phường Kim Tân", "Xã Việt Tiến", "Xã Dền Sáng",
)  # fmt: skip
_LATIN = (
    "HTX Hoa Lan", "Cty TNHH Sapa Green", "Tan An Co., Ltd", "Minh Anh", "Kim Ngan", "Lan Chi Mart",
    "HTX Ban Ho",
)  # fmt: skip
_HEADS = {
    "name": "Tên cơ sở",
    "owner": "Chủ cơ sở",
    "trade": "Ngành nghề",
    "commune": "Xã, phường",
    "brand": "Nhãn hiệu",
    "workers": "Số lao động",
}
_FONTS = {
    Encoding.TCVN3: (".VnTime", ".VnArial", ".VnAvant"),
    Encoding.VNI: ("VNI-Times", "VNI-Helve", "VNI-Aptima"),
}
_PLAIN = ("Times New Roman", "Arial", "Calibri")


@dataclass(frozen=True)
class Made:
    """path, and by (row, column) from 1 what stands on paper; `plain`: columns that were right already, from 1."""

    path: Path
    truth: dict[tuple[int, int], str]
    plain: frozenset[int]


def make(folder: Path, seed: int) -> Made:
    """A workbook of 60 rows: columns in other orders, fonts and encodings, some of them mixed."""
    chance = random.Random(seed)
    book = Workbook()
    page = book.active
    assert page is not None
    keys = list(_HEADS)
    chance.shuffle(keys)
    truth: dict[tuple[int, int], str] = {}
    plain = set()
    old = chance.choice((Encoding.TCVN3, Encoding.VNI))
    for column, key in enumerate(keys, 1):
        how = chance.choice(("old", "old", "capitals", "mixed", "plain", "decomposed"))
        if key in ("workers", "brand"):
            how = "plain"
        if how == "capitals" and old is Encoding.VNI:
            how = "old"
        if how == "plain":
            plain.add(column)
        fonts = _FONTS[old]
        font = chance.choice(fonts)
        if how == "capitals":
            font = f"{chance.choice(fonts)}H"
        for row in range(1, 62):
            text = _HEADS[key] if row == 1 else _text(key, chance)
            cell = page.cell(row, column)
            if key == "workers" and row > 1:
                cell.value = chance.randint(1, 90)
                continue
            unicode = how == "plain" or (how == "mixed" and row > 1 and chance.random() < 0.4)
            if unicode:
                cell.value, cell.font = text, Font(name=chance.choice(_PLAIN))
                truth[row, column] = text
            elif how == "decomposed":
                cell.value = unicodedata.normalize("NFD", text)
                cell.font = Font(name=chance.choice(_PLAIN))
                truth[row, column] = text
            else:
                typed = text.lower() if how == "capitals" and chance.random() < 0.3 else text
                cell.value, cell.font = encode(typed, old), Font(name=font)
                truth[row, column] = typed.upper() if how == "capitals" else typed
    path = folder / f"{seed}.xlsx"
    book.save(path)
    return Made(path, truth, frozenset(plain))


def _text(key: str, chance: random.Random) -> str:
    person = " ".join(chance.choice(part) for part in (_FAMILY, _MIDDLE, _GIVEN))
    match key:
        case "name":
            kind = chance.choice(("Hộ", "HTX", "Cơ sở", "Xưởng mộc", "Công ty TNHH"))
            return f"{kind} {person}"
        case "owner":
            return person
        case "trade":
            return chance.choice(_TRADES)
        case "commune":
            return chance.choice(_COMMUNES)
        case "brand":
            return chance.choice(_LATIN)
        case _:
            return ""
