"""Skip rules in words, for the paper of a questionnaire: `câu 12 là “Có”`.

A rule of comparisons, `selected`, `and`, `or` and `not` is put into words; of any other the numbers of the questions it
looks at are named. Knows nothing of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from kcdesk.questionnaire import xpath
from kcdesk.questionnaire.xpath import Binary, Call, Literal, Negate, Number, Path, Reference, Tree

NumberOf = Callable[[str], int | None]
"""The number of a question by its name; None: it is not on the paper."""
LabelOf = Callable[[str, str], str]
"""The label of a choice, by the name of the question and that of the choice."""

_WORDS = {
    "vi": {
        "question": "câu {0}",
        "is": "{0} là “{1}”",
        "is not": "{0} không phải “{1}”",
        "blank": "{0} để trống",
        "answered": "{0} có ghi",
        "=": "{0} bằng {1}",
        "!=": "{0} khác {1}",
        "<": "{0} nhỏ hơn {1}",
        ">": "{0} lớn hơn {1}",
        "<=": "{0} không quá {1}",
        ">=": "{0} từ {1} trở lên",
        "chosen": "{0} có chọn “{1}”",
        "not chosen": "{0} không chọn “{1}”",
        "and": " và ",
        "or": " hoặc ",
        "only": "Chỉ ghi khi {0}.",
        "depends": "Ghi hay không tuỳ câu trả lời ở {0}.",
        "some": "Chỉ ghi trong một số trường hợp.",
        "list": "câu {0}",
    },
    "en": {
        "question": "question {0}",
        "is": "{0} is “{1}”",
        "is not": "{0} is not “{1}”",
        "blank": "{0} is blank",
        "answered": "{0} is answered",
        "=": "{0} is {1}",
        "!=": "{0} is not {1}",
        "<": "{0} is less than {1}",
        ">": "{0} is more than {1}",
        "<=": "{0} is at most {1}",
        ">=": "{0} is at least {1}",
        "chosen": "{0} includes “{1}”",
        "not chosen": "{0} does not include “{1}”",
        "and": " and ",
        "or": " or ",
        "only": "Only if {0}.",
        "depends": "Depends on the answer to {0}.",
        "some": "Only in some cases.",
        "list": "question {0}",
    },
}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class _NoWords(Exception):
    """The rule says something that this module has no words for."""


def in_words(rule: str, number_of: NumberOf, label_of: LabelOf, language: str) -> str:
    """The sentence of a rule; blank for one that looks at nothing and so never changes."""
    words = _WORDS.get(language, _WORDS["vi"])
    tree = xpath.parse(rule)
    try:
        return words["only"].format(_Teller(number_of, label_of, words).say(tree))
    except _NoWords:
        pass
    named = list(dict.fromkeys(n for name in _names(tree) if (n := number_of(name)) is not None))
    if named:
        return words["depends"].format(words["list"].format(", ".join(map(str, named))))
    return words["some"] if any(True for _ in _names(tree)) else ""


class _Teller:
    def __init__(self, number_of: NumberOf, label_of: LabelOf, words: dict[str, str]) -> None:
        self._number_of = number_of
        self._label_of = label_of
        self._words = words

    def say(self, tree: Tree, around: str = "") -> str:
        """The words of a rule; in brackets where `around` binds it tighter."""
        match tree:
            case Binary(("and" | "or") as joint, left, right):
                said = self._words[joint].join((self.say(left, joint), self.say(right, joint)))
                return f"({said})" if around and around != joint else said
            case Binary(operator, left, right) if operator in _MIRRORED:
                return self._comparison(operator, left, right)
            case Call("selected", (asked, Literal(text))):
                return self._chosen("chosen", asked, text)
            case Call("not", (Call("selected", (asked, Literal(text))),)):
                return self._chosen("not chosen", asked, text)
        raise _NoWords

    def _comparison(self, operator: str, left: Tree, right: Tree) -> str:
        if isinstance(left, Literal | Number):
            operator, left, right = _MIRRORED[operator], right, left
        name = _name_of(left)
        question = self._question(name)
        match operator, right:
            case (("=" | "!="), Literal("")):
                return self._words["blank" if operator == "=" else "answered"].format(question)
            case (("=" | "!="), Literal(text)):
                label = self._label_of(name, text)
                return self._words["is" if operator == "=" else "is not"].format(question, label)
            case _, Number(value):
                return self._words[operator].format(question, _plain(value))
        raise _NoWords

    def _chosen(self, how: str, asked: Tree, text: str) -> str:
        name = _name_of(asked)
        return self._words[how].format(self._question(name), self._label_of(name, text))

    def _question(self, name: str) -> str:
        number = self._number_of(name)
        if number is None:
            raise _NoWords
        return self._words["question"].format(number)


def _name_of(tree: Tree) -> str:
    """The question that a plain path or reference means."""
    match tree:
        case Reference(name):
            return name
        case Path(None, _, steps) if steps and not any(step.predicates for step in steps):
            return steps[-1].name
    raise _NoWords


def _names(tree: Tree) -> Iterator[str]:
    """The names that a rule mentions."""
    match tree:
        case Reference(name):
            yield name
        case Binary(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Negate(operand):
            yield from _names(operand)
        case Call(_, arguments):
            for argument in arguments:
                yield from _names(argument)
        case Path(start, _, steps, predicates):
            if steps:
                yield steps[-1].name
            inner = (*predicates, *(each for step in steps for each in step.predicates))
            for each in inner if start is None else (start, *inner):
                yield from _names(each)


def _plain(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")
