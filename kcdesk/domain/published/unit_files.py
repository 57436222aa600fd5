"""Whether a table of administrative units (`units.tsv`) holds together: its lines, and what they refer to.

The lines are described in `resources/administrative-units/README.md`; they are read by `kcdesk.domain.unit_table`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator

from kcdesk.domain.published.editions import Fault
from kcdesk.domain.unit_table import Checked

_FIELDS = {
    "province": (4,),
    "commune": (6, 9),  # without or with the circle that it lies in
    "old_province": (5,),
    "old_district": (5,),
    "old_commune": (6,),
    "succession": (4,),
}
_MARKS = frozenset(mark.value for mark in Checked)
_REFERS = {"commune": "province", "old_province": "province", "old_district": "old_province"}
_CODE = re.compile(r"\d{2,5}")


def unit_faults(path: str, content: bytes) -> list[Fault]:
    """Everything that is wrong in a table of units."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return [Fault(path, "không phải văn bản UTF-8")]
    rows: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) not in _FIELDS.get(fields[0], ()):
            faults.append(Fault(path, f"không hiểu dòng “{line[:40]}”", number))
        elif any(field != field.strip() or not field for field in fields):
            faults.append(Fault(path, "có ô trống hoặc thừa dấu cách", number))
        elif not unicodedata.is_normalized("NFC", line):
            faults.append(Fault(path, "chữ chưa ở dạng Unicode dựng sẵn (NFC)", number))
        elif not _CODE.fullmatch(fields[1]):
            faults.append(Fault(path, f"“{fields[1]}” không phải là mã đơn vị", number))
        else:
            rows.append((number, fields))
    codes: dict[str, dict[str, int]] = {kind: {} for kind in _FIELDS}
    for number, fields in rows:
        first = codes[fields[0]].setdefault(fields[1], number)
        if first != number:
            faults.append(Fault(path, f"mã {fields[1]} đã có ở dòng {first}", number))
    known = {kind: frozenset(of_kind) for kind, of_kind in codes.items()}
    for number, fields in rows:
        faults += (Fault(path, message, number) for message in _references(fields, known))
    faults += (
        Fault(path, f"không có đơn vị nào loại {kind}")
        for kind in ("province", "commune")
        if not known[kind]
    )
    faults += _circles(path, rows)
    return sorted(faults, key=lambda fault: fault.row or 0)


def _references(fields: list[str], known: dict[str, frozenset[str]]) -> Iterator[str]:
    kind = fields[0]
    if kind in _REFERS and fields[4] not in known[_REFERS[kind]]:
        yield f"không có đơn vị {_REFERS[kind]} mang mã {fields[4]}"
    if kind == "commune" and fields[5] not in _MARKS:
        yield f"dấu “{fields[5]}” không có trong danh sách: {', '.join(sorted(_MARKS))}"
    if kind == "commune" and len(fields) == 9 and not _is_circle(*fields[6:]):
        yield f"“{' '.join(fields[6:])}” không phải là vĩ độ, kinh độ (độ) và bán kính (km)"
    if kind == "old_commune":
        if fields[4] not in known["old_district"]:
            yield f"không có huyện cũ mang mã {fields[4]}"
        yield from _unknown(fields[5], known)
    if kind == "succession":
        yield from _unknown(fields[1], known)
        yield from _unknown(fields[3], known)
        try:
            datetime.date.fromisoformat(fields[2])
        except ValueError:
            yield f"“{fields[2]}” không phải là ngày (2027-01-01)"


def _is_circle(*texts: str) -> bool:
    try:
        latitude, longitude, radius_km = map(float, texts)
    except ValueError:
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180 and 0 < radius_km < 1000


def _unknown(codes: str, known: dict[str, frozenset[str]]) -> Iterator[str]:
    return (f"không có xã mang mã {c}" for c in codes.split(" ") if c not in known["commune"])


def _circles(path: str, rows: list[tuple[int, list[str]]]) -> Iterator[Fault]:
    """Communes that come after themselves."""
    after = {
        fields[1]: (n, fields[3].split(" ")) for n, fields in rows if fields[0] == "succession"
    }
    for code, (number, _) in after.items():
        reached, waiting = set[str](), [code]
        while waiting:
            for one in after.get(waiting.pop(), (0, []))[1]:
                if one not in reached:
                    reached.add(one)
                    waiting.append(one)
        if code in reached:
            yield Fault(path, f"xã {code} nối tiếp chính nó", number)
