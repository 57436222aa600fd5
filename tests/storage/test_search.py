"""Finding as people type, and reading on page by page, on the real register of 6,534 establishments.

What has to be found is computed from the workbook itself, read by another library.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kcdesk.domain.text import sort_key
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Lists, Row
from kcdesk.storage.reading.search import CHUNK
from kcdesk.storage.workspace import Workspace
from tests.storage.workspaces import REGISTER

KIND = "establishments"
NAME, OWNER, TAX, PHONE, HAMLET, COMMUNE, DISTRICT = 1, 3, 4, 5, 6, 7, 8


@pytest.fixture(scope="module")
def lists(register: Workspace) -> Lists:
    return register.lists


@pytest.fixture(scope="module")
def written() -> list[list[str]]:
    """The rows of the list as the workbook has them."""
    sheet = CalamineWorkbook.from_path(str(REGISTER)).get_sheet_by_index(0).to_python()
    rows = [[str(cell) for cell in row] for row in sheet if isinstance(row[0], float)]
    assert len(rows) == 6534
    return rows


def words(text: str) -> list[str]:
    """Small letters without marks, word by word; not by the program's own hand."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()


def found(lists: Lists, search: str, kind: str = KIND) -> list[Row]:
    rows: list[Row] = []
    for page in pages(lists, kind, search):
        rows += page
    return rows


def pages(lists: Lists, kind: str = KIND, search: str = "", size: int = 200) -> Iterator[list[Row]]:
    after = None
    while True:
        page = lists.page(kind, search=search, limit=size, after=after)
        yield page.records
        after = page.next
        if after is None:
            return


@pytest.mark.parametrize(
    "typed",
    [
        "vang a pao",
        "Vàng A Páo",
        "VÀNG A PÁO",
        " vàng  a páo ",
        "Va\u0300ng A Pa\u0301o",
        "vang a pá",
    ],
)
def test_a_name_is_found_first_with_and_without_marks(lists: Lists, typed: str) -> None:
    rows = found(lists, typed)
    assert rows[0]["name"] == "Hộ Vàng A Páo"
    assert [row["name"] for row in rows].count("Hộ Vàng A Páo") == 1


def test_its_telephone_finds_it_alone(lists: Lists, written: list[list[str]]) -> None:
    (row,) = [row for row in written if row[NAME] == "Hộ Vàng A Páo"]
    phone = row[PHONE]
    spaced = f"{phone[:4]} {phone[4:7]}.{phone[7:]}"
    for typed in (phone, spaced, "+84" + phone[1:], "84" + phone[1:], phone[1:]):
        assert [each["name"] for each in found(lists, typed)] == ["Hộ Vàng A Páo"], typed


@pytest.mark.parametrize("typed", ["duc", "Đức", "ĐỨC", "đức"])
def test_duc_finds_all_with_duc_in_the_name(
    lists: Lists, written: list[list[str]], typed: str
) -> None:
    with_it = Counter(row[NAME] for row in written if "duc" in words(row[NAME]))
    rows = found(lists, typed)
    first = Counter(str(row["name"]) for row in rows[: with_it.total()])
    assert with_it.total() > 50
    assert first == with_it
    if "đ" in typed.lower():  # who typed the marks wants them first
        exact = sum(
            "đức" in unicodedata.normalize("NFC", row[NAME]).lower().split() for row in written
        )
        assert all("Đức" in str(row["name"]) for row in rows[:exact])


@pytest.mark.parametrize("typed", ["vang a pao", "muong khuong", "pa", "sa pa tho"])
def test_every_word_is_somewhere_in_what_is_found(
    lists: Lists, written: list[list[str]], typed: str
) -> None:
    """Name, owner, hamlet and communes, old and new; the last word may be a beginning."""
    *whole, last = words(typed)

    def has_all(row: list[str]) -> bool:
        said = words(" ".join((row[NAME], row[OWNER], row[HAMLET], row[COMMUNE])))
        return set(whole) <= set(said) and any(word.startswith(last) for word in said)

    rows = found(lists, typed)
    at_least = sum(map(has_all, written))
    assert at_least > 0
    assert len(rows) >= at_least
    assert len({row["id"] for row in rows}) == len(rows)


def test_the_beginning_of_a_tax_code_finds_all_that_begin_so(
    lists: Lists, written: list[list[str]]
) -> None:
    starts = Counter(row[TAX][:5] for row in written if row[TAX])
    for start in [start for start, _ in starts.most_common(3)] + list(starts)[-3:]:
        codes = sorted(row[TAX] for row in written if row[TAX].startswith(start))
        tax = sorted(str(row["tax_code"]) for row in found(lists, start) if "tax_code" in row)
        assert [code for code in tax if code.startswith(start)] == codes


def test_a_whole_tax_code_finds_one_or_both_of_the_pair(
    lists: Lists, written: list[list[str]]
) -> None:
    codes = Counter(row[TAX] for row in written if row[TAX])
    ((double, _),) = [(code, count) for code, count in codes.items() if count > 1]
    assert codes[double] == 2
    names = sorted(row[NAME] for row in written if row[TAX] == double)
    assert sorted(str(row["name"]) for row in found(lists, double)) == names
    single = next(code for code, count in codes.items() if count == 1)
    assert [row["tax_code"] for row in found(lists, f"{single[:4]}.{single[4:]}")] == [single]


STRANGE = [
    '"', "'", '""', "vàng OR", "NEAR(a b)", "a AND", "NOT", "*", "a*", "^a", "-", "--", "(", ")",
    "name:", "{a b}:c", "a\x00b", "😀", "Ế", "\u0301", "%", "_", "\\", ";", "'; DROP TABLE x", "½",
    "𞤀", "٣٤", "²", "ﬁ", "ß", "中国", "\u200b", " ", "\t\n", "a" * 10_000, "1" * 1000, "+", "+84",
]  # fmt: skip


@pytest.mark.parametrize("kind", [KIND, "needs"])
@pytest.mark.parametrize("typed", STRANGE)
def test_strange_words_never_raise(lists: Lists, kind: str, typed: str) -> None:
    page = lists.page(kind, search=typed, limit=5)
    assert len(page.records) <= 5


@settings(max_examples=150)
@given(st.text(max_size=12) | st.text('"*()^:-+ aAđĐ01%_', max_size=12))
def test_no_words_ever_raise(lists: Lists, typed: str) -> None:
    assert len(lists.page(KIND, search=typed, limit=3).records) <= 3


def test_only_marks_find_nothing(lists: Lists) -> None:
    for typed in ("!!!", "\u0301", "😀", "-"):
        for kind in (KIND, "figures"):
            assert lists.page(kind, search=typed).records == []


# Reading on


def test_pages_give_everyone_once_in_vietnamese_order(
    lists: Lists, written: list[list[str]]
) -> None:
    rows = [row for page in pages(lists, size=317) for row in page]
    assert len(rows) == len({row["id"] for row in rows}) == 6534
    names = [str(row["name"]) for row in rows]
    assert Counter(names) == Counter(unicodedata.normalize("NFC", row[NAME]) for row in written)
    keys = [sort_key(name) for name in names]
    assert keys == sorted(keys)
    place = {name: place for place, name in enumerate(names)}
    families = ("Cư", "Đặng", "Đỗ", "Giàng", "Hà", "Hầu", "Hoàng", "Lê", "Lù", "Lương", "Lý")
    first = [min(place[n] for n in names if n.startswith(f"Hộ {each} ")) for each in families]
    assert first == sorted(first)


def test_pages_of_a_search_give_everyone_once(lists: Lists) -> None:
    whole = lists.page(KIND, search="ho", limit=10_000).records
    assert len({row["id"] for row in whole}) == len(whole) > 6000
    for size in (999, CHUNK, 7):
        by_pages = itertools.chain.from_iterable(pages(lists, search="ho", size=size))
        assert list(itertools.islice(by_pages, 3 * CHUNK)) == whole[: 3 * CHUNK]


def test_a_page_costs_the_same_however_many_match_and_however_far_it_is(lists: Lists) -> None:
    """Counted in what SQLite does: rows read from the beginning would show."""

    def steps(after: str | None) -> tuple[int, str | None]:
        counted = itertools.count()
        connection = lists._db.conn
        connection.set_progress_handler(lambda: int(next(counted) < 0), 100)
        try:
            following = lists.page(KIND, search="ho", limit=50, after=after).next
        finally:
            connection.set_progress_handler(None, 0)
        return next(counted), following

    first, after = steps(None)
    for _ in range(40):
        cost, after = steps(after)
        assert cost <= 2 * first


@pytest.mark.parametrize("typed", ["ho", "Hồ", "nguyen van", "an", "thon", "090", "bat xat th"])
def test_better_matches_come_before_others(lists: Lists, typed: str) -> None:
    """As phrase, as phrase begun, all words in the name, elsewhere: computed here from the names that are shown."""
    *whole, last = words(typed)

    def rank(row: Row) -> int:
        said = words(str(row["name"]))
        if f" {' '.join(words(typed))} " in f" {' '.join(said)} ":
            return 0
        if f" {' '.join(words(typed))}" in f" {' '.join(said)}":
            return 1
        return 2 if set(whole) <= set(said) and any(w.startswith(last) for w in said) else 3

    ranks = [rank(row) for row in found(lists, typed)]
    assert ranks == sorted(ranks)


def test_a_page_as_long_as_the_list_is_the_last(workspace: Workspace) -> None:
    ids = [f"01900000-0000-7000-8000-{n:012d}" for n in range(4)]
    workspace.save([Edit(KIND, each, {"name": f"Hộ {n}"}) for n, each in enumerate(ids)])
    for search in ("", "ho"):
        assert [len(page) for page in pages(workspace.lists, search=search, size=2)] == [2, 2]
        assert workspace.lists.page(KIND, search=search, limit=4).next is None


@pytest.mark.parametrize("search", ["", "vang"])
@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "WyJhIiwxXQ", "LTU", "", "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw", "W10", "bnVsbA"],
)
def test_a_cursor_that_is_not_ours(lists: Lists, search: str, cursor: str) -> None:
    if (search, cursor) == ("", "WyJhIiwxXQ"):
        return  # ["a", 1] is one of ours
    with pytest.raises(BadInput, match="Dấu trang"):
        lists.page(KIND, search=search, after=cursor)


# Filters


def test_filters(lists: Lists, written: list[list[str]]) -> None:
    assert lists.count(KIND, {"legal_form": "HTX"}) == sum(row[2] == "HTX" for row in written) == 90
    year = Counter(int(float(row[14])) for row in written).most_common(1)[0]
    assert lists.count(KIND, {"founded_year": str(year[0])}) == year[1]
    assert lists.count(KIND, {"founded_year": "không rõ"}) == 0
    trade = Counter(row[9] for row in written).most_common(1)[0]  # `trade` has no column of its own
    assert lists.count(KIND, {"trade": trade[0]}) == trade[1]
    both = lists.page(KIND, search="duc", where={"legal_form": "HTX"}, limit=100).records
    assert all(row["legal_form"] == "HTX" for row in both)
    assert lists.page(KIND, where={"conflicts": "1"}).records == []


@pytest.mark.parametrize("name", ["nmae", "", "rest", "1=1 --", 'a"b', "a\\b", "key", "sort_key"])
def test_a_field_that_is_none_is_told(lists: Lists, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        lists.page(KIND, where={name: "x"})
    assert name in caught.value.message
    assert "legal_form" in caught.value.hint


def test_answers_of_sheets_can_be_filters(workspace: Workspace) -> None:
    survey = "01900000-0000-7000-8000-000000000001"
    workspace.save([Edit("surveys", survey, {"heard_of_kc": "yes", "visits": 3})])
    for where in ({"heard_of_kc": "yes"}, {"visits": "3"}):
        assert workspace.lists.count("surveys", where) == 1
    for where in ({"heard_of_kc": "no"}, {'a"b': "yes"}, {"rest": "{}"}):
        assert workspace.lists.count("surveys", where) == 0


def test_unknown_kind(lists: Lists) -> None:
    for ask in (lists.page, lists.count, lambda kind: next(lists.every(kind))):
        with pytest.raises(NotFound):
            ask("nothings")


def test_other_kinds_are_found_by_their_words_and_their_establishment(workspace: Workspace) -> None:
    owner, need, other = (f"01900000-0000-7000-8000-{n:012d}" for n in (1, 2, 3))
    workspace.save(
        [
            Edit(KIND, owner, {"name": "Hộ Vàng A Páo"}),
            Edit("needs", need, {"establishment": owner, "purpose": "Mua máy ép gạch"}),
            Edit(
                "needs",
                other,
                {"purpose": "Đào tạo nghề đan lát", "machines_to_buy/22aaaaa/name": "Khung cửi"},
            ),
        ]
    )

    def ids(search: str) -> list[str]:
        return [str(row["id"]) for row in workspace.lists.page("needs", search=search).records]

    assert ids("may ep") == ids("Mua MÁY") == ids("vang a pao") == ids("Páo") == [need]
    assert ids("dao tao") == ids("khung cui") == [other]
    assert ids("purpose") == ids("vang gach") == []
