import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.codes import (
    check_date,
    check_email,
    check_personal_number,
    check_phone,
    check_tax_code,
    check_vsic,
)
from kcdesk.domain.findings import Checked


def codes(checked: Checked[str]) -> list[str]:
    return [f"{finding.level} {finding.code}" for finding in checked.findings]


# Dossier 6.4, V-MST tests.
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0100233488", "0100233488"),
        ("0312687878", "0312687878"),
        ("0312687878-001", "0312687878-001"),
        ("0314409058-002", "0314409058-002"),
        ("0314409058002", "0314409058-002"),
        ("5300000017", "5300000017"),
        ("6000001237", "6000001237"),
        ("2200123450", "2200123450"),
        (" 03.1268 7878 ", "0312687878"),
        ("010085000001", "010085000001"),
    ],
)
def test_a_valid_tax_code_is_kept_in_one_form(written: str, kept: str) -> None:
    assert check_tax_code(written) == Checked(kept)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0100233480", "V-MST.checksum"),
        ("0101010101", "V-MST.checksum"),  # k = 10: such a base is never issued
        ("0100000000", "V-MST.component"),
        ("0312687878-000", "V-MST.component"),
        ("999085000001", "V-CCCD.place"),
    ],
)
def test_a_doubtful_tax_code_is_kept_with_a_soft_finding(written: str, code: str) -> None:
    checked = check_tax_code(written)
    assert checked.value == written
    assert codes(checked) == [f"soft {code}"]
    assert checked.findings[0].field == "tax_code"


@pytest.mark.parametrize("written", ["12345", "03126878780", "53O3026285", "không rõ"])
def test_a_tax_code_of_another_length_is_hard(written: str) -> None:
    checked = check_tax_code(written)
    assert checked.value is None
    assert codes(checked) == ["hard V-MST.length"]
    assert "V-MST" in checked.findings[0].message


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_of_ten_last_digits_at_most_one_is_right(base: str) -> None:
    right = [digit for digit in "0123456789" if not check_tax_code(base + digit).findings]
    assert len(right) <= 1


# Dossier 6.4, V-CCCD tests.
@pytest.mark.parametrize(
    ("number", "gender", "year"),
    [
        ("010085000001", "MALE", 1985),
        ("066195123456", "FEMALE", 1995),
        ("094201000123", "MALE", 2001),
    ],
)
def test_a_personal_number_says_gender_and_year_of_birth(
    number: str, gender: str, year: int
) -> None:
    born = datetime.date(year, 5, 1)
    assert check_personal_number(number, birth_date=born, gender=gender) == Checked(number)
    other = "FEMALE" if gender == "MALE" else "MALE"
    wrong = check_personal_number(number, birth_date=born.replace(year=year + 1), gender=other)
    assert wrong.value == number
    assert codes(wrong) == ["soft V-CCCD.birth_year", "soft V-CCCD.gender"]


def test_a_personal_number_of_a_wrong_length_is_hard_and_an_old_card_soft() -> None:
    assert codes(check_personal_number("01008500001")) == ["hard V-CCCD.length"]
    assert codes(check_personal_number("999085000001")) == ["soft V-CCCD.place"]
    assert codes(check_personal_number("063 123 456")) == ["soft V-CCCD.old"]
    assert check_personal_number("063 123 456").value == "063123456"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0817818384", "+84817818384"),
        ("0865.842.388", "+84865842388"),
        ("'0847587030", "+84847587030"),
        ("+84902536080", "+84902536080"),
        ("84902536080", "+84902536080"),
        ("+84 (0)902 536 080", "+84902536080"),
        ("0214-3840-123", "+842143840123"),
        ("842143840123", "+842143840123"),
    ],
)
def test_a_phone_number_is_kept_with_the_country(written: str, kept: str) -> None:
    assert check_phone(written) == Checked(kept)


def test_a_phone_number_that_lost_its_zero_is_repaired_and_says_so() -> None:
    for written, kept in [("884267816", "+84884267816"), ("2143840123", "+842143840123")]:
        checked = check_phone(written)
        assert checked.value == kept
        assert codes(checked) == ["soft V-PHONE.zero"]


def test_what_is_no_vietnamese_phone_number_is_kept_as_written() -> None:
    for written in ("0123456789", "091234567", "gọi cho anh Tư"):
        checked = check_phone(written)
        assert checked.value == written
        assert codes(checked) == ["soft V-PHONE.form"]


def test_email_needs_one_at_a_dot_and_ascii() -> None:
    assert check_email(" htx.lan@gmail.com ") == Checked("htx.lan@gmail.com")
    for wrong in ("lan@gmail", "lan.gmail.com", "a@b@c.vn", "lân@gmail.com", "lan@.vn", "l n@x.vn"):
        assert codes(check_email(wrong)) == ["hard V-EMAIL.form"]


def test_a_day_is_kept_as_iso_and_a_fact_is_not_in_the_future() -> None:
    today = datetime.date(2026, 3, 2)
    assert check_date("02/03/2026", field="reg_date", today=today) == Checked("2026-03-02")
    assert check_date("2021-12-31", field="reg_date") == Checked("2021-12-31")
    tomorrow = check_date("3/3/2026", field="reg_date", today=today)
    assert codes(tomorrow) == ["hard V-DATE.future"]
    assert codes(check_date("31/02/2025", field="reg_date")) == ["hard V-DATE.form"]
    assert check_date("3/3/2026", field="finish").value == "2026-03-03"


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)))
def test_any_day_printed_is_read_back(day: datetime.date) -> None:
    assert check_date(f"{day:%d/%m/%Y}", field="date").value == day.isoformat()


def test_a_trade_outside_manufacturing_is_soft() -> None:
    assert check_vsic("1629") == Checked("1629")
    assert check_vsic("3290") == Checked("3290")
    assert codes(check_vsic("0810")) == ["soft VSIC.section"]
    assert codes(check_vsic("3511")) == ["soft VSIC.section"]
    assert codes(check_vsic("mây tre")) == ["hard VSIC.form"]
    divisions = [f"{number:02}" for number in range(100)]
    unknown = [code for code in divisions if codes(check_vsic(code)) == ["hard VSIC.unknown"]]
    assert unknown == [
        "00",
        "04",
        "34",
        "40",
        "44",
        "48",
        "54",
        "57",
        "67",
        "76",
        "83",
        "89",
    ]  # 88 divisions are left
    assert codes(check_vsic("34101")) == ["hard VSIC.unknown"]


def test_nothing_written_is_nothing_found() -> None:
    for check in (check_tax_code, check_personal_number, check_phone, check_email, check_vsic):
        assert check("  ") == Checked(None)
    assert check_date("", field="date") == Checked(None)


@given(st.text() | st.text("0123456789 .-+@"))
def test_any_text_gives_a_value_or_says_why_not(text: str) -> None:
    for check in (check_tax_code, check_personal_number, check_phone, check_email, check_vsic):
        checked = check(text)
        if any(finding.level == "hard" for finding in checked.findings):
            assert checked.value is None
        else:
            assert checked.value or not any(letter.isalnum() for letter in text)
