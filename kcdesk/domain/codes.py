"""Numbers and codes that people and offices carry: tax code, personal number, phone, email, date, trade code.

Owns the rules V-MST, V-CCCD, V-PHONE, V-EMAIL and V-DATE of dossier section 6.4, and the section of a VSIC code.
Each takes what was written and gives the form to store with its findings; an empty text gives no value and no
finding, for whether a field is required is the business of the paper that asks for it.
"""

from __future__ import annotations

import datetime
import re

from stdnum.exceptions import InvalidChecksum, InvalidComponent
from stdnum.vn import mst

from kcdesk.domain.code_lists import Gender
from kcdesk.domain.findings import Checked, Finding, hard, soft
from kcdesk.domain.text import normalise

# -- V-MST ---------------------------------------------------------------------------------------------------


def check_tax_code(text: str, *, field: str = "tax_code") -> Checked[str]:
    """The tax code as 10 digits, `0123456789-001` or 12 digits (a personal number, checked by V-CCCD).

    A number that fails the checksum, or that is never issued, is kept with a soft finding, for old data has them;
    another length is a hard one (V-MST).

    >>> check_tax_code("0312 68 78 78 - 001").value
    '0312687878-001'
    """
    written = normalise(text)
    digits = mst.compact(written)
    if not digits:
        return Checked(None)
    if not _all_digits(digits) or len(digits) not in (10, 12, 13):
        message = f"Mã số thuế “{written}” phải có 10, 12 hoặc 13 chữ số (V-MST)."
        return Checked(None, (hard("V-MST.length", field, message, written),))
    if len(digits) == 12:
        return check_personal_number(digits, field=field)
    code = mst.format(digits)
    try:
        mst.validate(digits)
    except InvalidChecksum:
        message = f"Mã số thuế “{written}” sai chữ số kiểm tra (V-MST)."
        hint = "Đối chiếu lại với giấy chứng nhận đăng ký."
        return Checked(code, (soft("V-MST.checksum", field, message, written, hint),))
    except InvalidComponent:
        message = f"Mã số thuế “{written}” có dãy số không được cấp bao giờ (V-MST)."
        hint = "Đối chiếu lại với giấy chứng nhận đăng ký."
        return Checked(code, (soft("V-MST.component", field, message, written, hint),))
    return Checked(code)


# -- V-CCCD --------------------------------------------------------------------------------------------------

# fmt: off
_BIRTH_PROVINCES = frozenset((
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36,
    37, 38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74,
    75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
))
# fmt: on
"""TT 07/2016/TT-BCA, Phụ lục 1: the 63 provinces. They stay on cards after the mergers of 2025."""

_BIRTH_COUNTRIES = range(101, 400)
"""Where countries stand (Phụ lục 2). Wider than the list, so that a true number is never doubted."""


def check_personal_number(
    text: str,
    *,
    field: str = "rep_id_no",
    birth_date: datetime.date | None = None,
    gender: str | None = None,
) -> Checked[str]:
    """The 12 digits of a personal number (CCCD, số định danh), compared with birth date and gender where known.

    Disagreement and an unknown place of registration are soft; so is a 9-digit CMND, which old records carry.
    Other lengths are hard (V-CCCD).

    >>> check_personal_number("010085000001", birth_date=datetime.date(1985, 3, 2), gender="MALE").findings
    ()
    """
    written = normalise(text)
    digits = re.sub(r"[ .\-]", "", written)
    if not digits:
        return Checked(None)
    if _all_digits(digits) and len(digits) == 9:
        message = f"“{written}” là số chứng minh nhân dân cũ 9 chữ số (V-CCCD)."
        hint = "Ghi số định danh 12 chữ số khi có."
        return Checked(digits, (soft("V-CCCD.old", field, message, written, hint),))
    if not _all_digits(digits) or len(digits) != 12:
        message = f"Số định danh “{written}” phải có đúng 12 chữ số (V-CCCD)."
        return Checked(None, (hard("V-CCCD.length", field, message, written),))

    findings: list[Finding] = []
    place = digits[:3]
    if int(place) not in _BIRTH_PROVINCES and int(place) not in _BIRTH_COUNTRIES:
        message = (
            f"Số định danh “{digits}” có mã nơi đăng ký khai sinh {place} không tồn tại (V-CCCD)."
        )
        findings.append(soft("V-CCCD.place", field, message, written))
    century, sex = divmod(int(digits[3]), 2)
    year = 1900 + 100 * century + int(digits[4:6])
    if birth_date is not None and birth_date.year != year:
        message = f"Số định danh “{digits}” là của người sinh năm {year}, hồ sơ ghi {birth_date.year} (V-CCCD)."
        findings.append(soft("V-CCCD.birth_year", field, message, written))
    of_number = (Gender.MALE, Gender.FEMALE)[sex]
    if gender in (Gender.MALE, Gender.FEMALE) and gender != of_number:
        message = (
            f"Số định danh “{digits}” là của {of_number.label.lower()}, hồ sơ ghi khác (V-CCCD)."
        )
        findings.append(soft("V-CCCD.gender", field, message, written))
    return Checked(digits, tuple(findings))


# -- V-PHONE, V-EMAIL ----------------------------------------------------------------------------------------

_NATIONAL = re.compile(r"[35789][0-9]{8}|2[0-9]{9}")
"""A mobile or landline number without the zero that is dialled first."""


def check_phone(text: str, *, field: str = "phone") -> Checked[str]:
    """The phone number as `+84...`.

    Spreadsheets drop a leading zero: it is put back, with a soft finding. The rule itself is only recalled
    (dossier 6.4), so a number that does not fit is kept as written with a soft finding.

    >>> check_phone("0865.842.388").value, check_phone("84 902536080").value
    ('+84865842388', '+84902536080')
    """
    written = normalise(text)
    number = re.sub(r"[ .\-()'’/]", "", written)
    if not number:
        return Checked(None)
    for prefix in ("+840", "+84", "0084", "84", "0"):
        national = number.removeprefix(prefix)
        if national != number and _NATIONAL.fullmatch(national):
            return Checked(f"+84{national}")
    if _NATIONAL.fullmatch(number):
        message = f"Số điện thoại “{written}” thiếu số 0 ở đầu, đã hiểu là 0{number} (V-PHONE)."
        return Checked(f"+84{number}", (soft("V-PHONE.zero", field, message, written),))
    message = f"“{written}” không giống số điện thoại ở Việt Nam (V-PHONE)."
    hint = "Số di động có 10 chữ số bắt đầu bằng 03, 05, 07, 08, 09; số cố định có 11 chữ số bắt đầu bằng 02."
    return Checked(written, (soft("V-PHONE.form", field, message, written, hint),))


_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def show_phone(stored: str) -> str:
    """A stored number as people dial and print it inside the country; others stay as they are.

    >>> show_phone("+84912345678"), show_phone("+85620123456")
    ('0912345678', '+85620123456')
    """
    return "0" + stored.removeprefix("+84") if stored.startswith("+84") else stored


def check_email(text: str, *, field: str = "email") -> Checked[str]:
    """The address as written: one `@`, a dot in the domain, ASCII; anything else is hard (V-EMAIL).

    >>> check_email("lan@htx.vn").value
    'lan@htx.vn'
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    if not written.isascii() or not _EMAIL.fullmatch(written):
        message = f"“{written}” không phải địa chỉ thư điện tử (V-EMAIL)."
        hint = "Địa chỉ có dạng ten@tenmien.vn, không dấu."
        return Checked(None, (hard("V-EMAIL.form", field, message, written, hint),))
    return Checked(written)


# -- V-DATE, VSIC --------------------------------------------------------------------------------------------

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")


def check_date(text: str, *, field: str, today: datetime.date | None = None) -> Checked[str]:
    """The day as ISO text; written `dd/mm/yyyy` or ISO. Of a fact, give `today`: it cannot lie later (V-DATE).

    >>> check_date("7/3/2021", field="reg_date").value
    '2021-03-07'
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    match = _DAY_FIRST.fullmatch(written)
    iso = f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}" if match else written
    try:
        day = datetime.date.fromisoformat(iso)
    except ValueError:
        message = f"“{written}” không phải một ngày có thật, viết theo ngày/tháng/năm (V-DATE)."
        return Checked(None, (hard("V-DATE.form", field, message, written),))
    if today is not None and day > today:
        message = f"Ngày {day:%d/%m/%Y} còn ở sau hôm nay {today:%d/%m/%Y} (V-DATE)."
        return Checked(None, (hard("V-DATE.future", field, message, written),))
    return Checked(day.isoformat())


_MANUFACTURING = range(10, 34)
"""Divisions of section C, manufacturing, of VSIC (QĐ 27/2018/QĐ-TTg)."""

_NO_DIVISIONS = frozenset(("00", "04", "34", "40", "44", "48", "54", "57", "67", "76", "83", "89"))
"""The numbers of two digits that are no division of VSIC, which takes its divisions from ISIC, revision 4."""


def check_vsic(text: str, *, field: str = "vsic") -> Checked[str]:
    """The VSIC code: 2 to 5 digits, the first two of which are a division.

    The list of divisions is complete, so another one is hard. Of the codes below them we have no complete list, so none
    is doubted. Outside section C is soft: the allowed trades are wider (dossier 6.2).

    >>> [finding.code for finding in check_vsic("3410").findings]
    ['VSIC.unknown']
    >>> [finding.code for finding in check_vsic("0810").findings]
    ['VSIC.section']
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    if not _all_digits(written) or not 2 <= len(written) <= 5:
        message = f"Mã ngành “{written}” phải có từ 2 đến 5 chữ số (VSIC)."
        return Checked(None, (hard("VSIC.form", field, message, written),))
    if written[:2] in _NO_DIVISIONS:
        message = f"Không có mã ngành {written}: hệ thống ngành không có ngành cấp 2 số {written[:2]} (VSIC)."
        hint = "Đối chiếu lại với giấy đăng ký kinh doanh; mã có thể gõ nhầm hoặc mất số 0 ở đầu."
        return Checked(None, (hard("VSIC.unknown", field, message, written, hint),))
    if int(written[:2]) not in _MANUFACTURING:
        message = f"Mã ngành {written} nằm ngoài ngành C, công nghiệp chế biến, chế tạo (VSIC)."
        return Checked(written, (soft("VSIC.section", field, message, written),))
    return Checked(written)


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
