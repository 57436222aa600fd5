"""Skip rules in words: what the paper of a questionnaire says instead of an expression."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.questionnaire.conditions import in_words

NUMBERS = {"legal_form": 5, "workers": 12, "markets": 20}
LABELS = {"HTX": "Hợp tác xã", "EXPORT": "Xuất khẩu"}


def said(rule: str, language: str = "vi") -> str:
    return in_words(rule, NUMBERS.get, lambda _, name: LABELS.get(name, name), language)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("${legal_form} = 'HTX'", "Chỉ ghi khi câu 5 là “Hợp tác xã”."),
        (" /data/g/legal_form  != 'HTX'", "Chỉ ghi khi câu 5 không phải “Hợp tác xã”."),
        ("'HTX' = ../legal_form", "Chỉ ghi khi câu 5 là “Hợp tác xã”."),
        ("${workers} != ''", "Chỉ ghi khi câu 12 có ghi."),
        ("${workers} = ''", "Chỉ ghi khi câu 12 để trống."),
        ("${workers} >= 50", "Chỉ ghi khi câu 12 từ 50 trở lên."),
        ("2.5 < ${workers}", "Chỉ ghi khi câu 12 lớn hơn 2,5."),
        ("selected(${markets}, 'EXPORT')", "Chỉ ghi khi câu 20 có chọn “Xuất khẩu”."),
        ("not(selected(${markets}, 'EXPORT'))", "Chỉ ghi khi câu 20 không chọn “Xuất khẩu”."),
        (
            "${legal_form} = 'HTX' and (${workers} > 5 or ${workers} = '')",
            "Chỉ ghi khi câu 5 là “Hợp tác xã” và (câu 12 lớn hơn 5 hoặc câu 12 để trống).",
        ),
        ("count-selected(${markets}) > 1", "Ghi hay không tuỳ câu trả lời ở câu 20."),
        ("sum(${workers}) > ${legal_form}", "Ghi hay không tuỳ câu trả lời ở câu 12, 5."),
        ("${computed} > 1", "Chỉ ghi trong một số trường hợp."),
        ("1 = 1", ""),
    ],
)
def test_rules_in_words(rule: str, sentence: str) -> None:
    assert said(rule) == sentence


def test_in_english() -> None:
    assert said("${legal_form} = 'HTX' or ${workers} <= 3", "en") == (
        "Only if question 5 is “Hợp tác xã” or question 12 is at most 3."
    )


_LEAVES = st.sampled_from(
    ["${workers} > 1", "${legal_form} = 'HTX'", "selected(${markets}, 'X')", "count(${markets}) = 2", "true()"]
)  # fmt: skip


@given(
    st.recursive(
        _LEAVES,
        lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        max_leaves=6,
    )
)
def test_every_rule_has_a_sentence_or_never_changes(rule: str) -> None:
    sentence = said(rule)
    assert sentence.endswith(".") if "${" in rule else sentence == ""
    assert "${" not in sentence
