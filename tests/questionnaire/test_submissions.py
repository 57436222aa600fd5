"""Instance XML comes back as the answers that made it, also when another client wrote it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.errors import BadInput
from kcdesk.questionnaire import Questionnaire, identify
from tests.questionnaire.books import choices, load, open_sheet, q

YES_NO = choices(yes_no=["yes", "no"])
FORM = load(
    [
        q("text", "name"),
        q("begin_group", "inside"),
        q("integer", "count"),
        q("select_multiple yes_no", "ticks"),
        q("end_group", ""),
        q("begin_repeat", "machines"),
        q("text", "machine"),
        q("decimal", "price"),
        q("begin_repeat", "parts"),
        q("text", "part"),
        q("end_repeat", ""),
        q("end_repeat", ""),
        q("calculate", "total", calculation="sum(${price})"),
    ],
    YES_NO,
)

# What XML can carry: Collect and we leave out the rest. Blanks at the ends are no answer by themselves.
TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x1EF9, exclude_categories=("Cs", "Cc")),
    max_size=12,
).map(str.strip)
PARTS = st.lists(TEXT, max_size=3)
MACHINES = st.lists(st.tuples(TEXT, st.integers(0, 10**12), PARTS), max_size=3)


def told(questionnaire: Questionnaire, answers: dict[str, str]) -> str:
    return open_sheet(questionnaire, answers).instance_xml()


def values(questionnaire: Questionnaire, answers: dict[str, str]) -> list[tuple[str, str]]:
    """What a sheet with these answers says, row by row in order, without the names of rows."""
    return [(view.name, view.value) for view in open_sheet(questionnaire, answers).walk()]


@given(name=TEXT, count=st.integers(-5, 10**9), machines=MACHINES)
def test_what_goes_out_comes_in_again(
    name: str, count: int, machines: list[tuple[str, int, list[str]]]
) -> None:
    answers = {"name": name, "count": str(count), "ticks": "yes no"}
    for place, (machine, price, parts) in enumerate(machines):
        row = f"machines/{place}"
        answers |= {f"{row}/machine": machine, f"{row}/price": str(price)}
        answers |= {f"{row}/parts/{p}/part": part for p, part in enumerate(parts)}
    xml = told(FORM, answers).encode()
    read = FORM.read(xml)
    assert read.unknown == ()
    assert values(FORM, read.answers) == values(FORM, answers)
    assert FORM.read(xml) == read, "the same rows each time"


def test_the_form_and_the_instance_are_named() -> None:
    sheet = open_sheet(FORM, {"name": "Lan"})
    said = identify(sheet.instance_xml().encode())
    assert (said.form_id, said.version) == ("T", "1")
    assert said.instance_id == sheet.answers()["instanceID"]


def test_another_client_writes_it_in_its_own_way() -> None:
    """Namespaces, amounts with an exponent, an element that is not ours, no answer in a row."""
    xml = """<?xml version='1.0'?>
    <data id="T" version="1" xmlns:orx="http://openrosa.org/xforms" xmlns:h="x">
      <name>Xưởng &lt;Mận&gt;</name><other>?</other>
      <inside><count>12</count><ticks>no yes</ticks></inside>
      <machines><machine>Máy xẻ</machine><price>2.55E7</price></machines>
      <machines><machine/><price/></machines>
      <orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta>
    </data>"""
    read = FORM.read(xml.encode())
    assert read.instance_id == "uuid:1"
    assert read.unknown == ("/other",)
    sheet = open_sheet(FORM, read.answers)
    assert [sheet.node(path).value for path in ("name", "count", "ticks", "total")] == [
        "Xưởng <Mận>",
        "12",
        "no yes",
        "25500000",
    ]
    assert [row.row_id for row in sheet.node("machines").rows] == sorted(
        {path.split("/")[1] for path in read.answers if path.startswith("machines/")}
    )
    assert len(sheet.node("machines").rows) == 2


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "no_submission"),
        (b"<data", "no_submission"),
        (b"<html/>", "no_submission"),
        (b"\xff\xfe\x00", "no_submission"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><data id="T" version="1"><name>&a;</name></data>', "no_submission"),
        (b'<data id="T" version="2"/>', "other_version"),
        (b'<data id="U" version="1"/>', "other_version"),
        (b'<data id="T" version="1"><name>' + b"a" * (5 << 20) + b"</name></data>", "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_filled_form_of_ours_is_refused(xml: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        FORM.read(xml)
    assert refused.value.code == code
    assert refused.value.hint


@given(st.binary(max_size=300))
def test_bytes_that_are_no_form_are_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        FORM.read(content)


@given(st.data())
def test_any_tree_is_read_or_refused(data: st.DataObject) -> None:
    """Elements of our names anywhere, however nested."""
    names = st.sampled_from(["name", "inside", "machines", "parts", "price", "x", "meta"])
    root = ElementTree.Element("data", {"id": "T", "version": "1"})
    nodes = [root]
    for _ in range(data.draw(st.integers(0, 12))):
        under = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        child = ElementTree.SubElement(under, data.draw(names))
        child.text = data.draw(TEXT)
        nodes.append(child)
    read = FORM.read(ElementTree.tostring(root))
    assert open_sheet(FORM, read.answers).instance_xml()
