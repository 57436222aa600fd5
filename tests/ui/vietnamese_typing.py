"""How Vietnamese is typed: the events that input methods send, for Telex and VNI.

Two ways are replayed. A *composing* method (ibus, macOS, Windows' own) shows the unfinished word as preedit text that
changes, and commits it at its end. A *retyping* one (Unikey) lets letters through, and on a key that changes some of
them sends backspaces and the letters anew. What a real program sends was written down from their descriptions; no
real Unikey ran here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

_TELEX_MARKS = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_VNI_MARKS = {"\u0302": "6", "\u0306": "8", "\u031b": "7"}
_TELEX_TONES = dict(zip("\u0301\u0300\u0309\u0303\u0323", "sfrxj", strict=True))
_VNI_TONES = dict(zip("\u0301\u0300\u0309\u0303\u0323", "12345", strict=True))

SYLLABLES = """
đường nghiệp khuyến thủy điện quặng rượu nước mười tuổi người khoảng thuyền xưởng mỹ nghệ dệt thổ cẩm chè gạch không
nung chế biến gỗ rèn đúc mộc ép dầu lạc sắn ngô đậu phụ bún bánh cuốn phở khô miến dong chổi chít
""".split()  # noqa: SIM905 -- a text that people read and add to
_RHYMES = ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "oa", "uyê", "iê", "ươ")
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_ONSETS = ("b", "đ", "ng", "th", "tr", "ph", "kh", "nh")


def words() -> list[str]:
    """More than 200 words with every vowel in every tone, small and capital, and words of the field."""
    made = []
    for place, rhyme in enumerate(_RHYMES):
        for number, tone in enumerate(_TONES):
            onset = _ONSETS[(place + number) % len(_ONSETS)]
            head, vowel = rhyme[:-1], rhyme[-1]
            end = "n" if len(rhyme) > 1 and rhyme != "oa" else ""
            word = unicodedata.normalize("NFC", f"{onset}{head}{vowel}{tone}{end}")
            made += [word, word.upper()]
    return [*made, *SYLLABLES, *(word.capitalize() for word in SYLLABLES)]


def states(word: str, *, vni: bool) -> list[str]:
    """What stands on the screen after each key of a word, the tone typed last: `đ`, `đu`, `đư` ... `đường`."""
    marks, tones = (_VNI_MARKS, _VNI_TONES) if vni else (_TELEX_MARKS, _TELEX_TONES)
    shown = [""]
    tone = ""
    for letter in word:
        parts = unicodedata.normalize("NFD", letter)
        base = {"đ": "d", "Đ": "D"}.get(parts[0], parts[0])
        shown.append(shown[-1] + base)
        if base != parts[0]:  # dd, d9
            shown.append(shown[-1][:-1] + parts[0])
        for mark in parts[1:]:
            if mark in marks:
                shown.append(unicodedata.normalize("NFC", shown[-1] + mark))
            elif mark in tones:
                tone = mark
    if tone:
        shown.append(word)
    return shown


def compose(editor: QWidget, word: str, *, vni: bool) -> None:
    """A method that shows the unfinished word as preedit text, then commits it with the blank behind it."""
    for shown in states(word, vni=vni)[1:]:
        QApplication.sendEvent(editor, QInputMethodEvent(shown, []))
    done = QInputMethodEvent()
    done.setCommitString(word)
    QApplication.sendEvent(editor, done)


def retype(editor: QWidget, word: str, *, vni: bool) -> None:
    """A method that takes letters back and types them anew."""
    for before, after in pairwise(states(word, vni=vni)):
        same = next(
            (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
            min(len(before), len(after)),
        )
        for _ in before[same:]:
            _press(editor, Qt.Key.Key_Backspace, "\b")
        for letter in after[same:]:
            _press(editor, Qt.Key.Key_unknown, letter)


def decomposed(editor: QWidget, word: str, *, vni: bool) -> None:
    """A method that commits letters and marks apart."""
    for letter in word:
        event = QInputMethodEvent()
        event.setCommitString(unicodedata.normalize("NFD", letter))
        QApplication.sendEvent(editor, event)


def blank(editor: QWidget) -> None:
    _press(editor, Qt.Key.Key_Space, " ")


def _press(editor: QWidget, key: Qt.Key, text: str) -> None:
    for kind in _both():
        QApplication.sendEvent(editor, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))


def _both() -> Iterator[QEvent.Type]:
    yield QEvent.Type.KeyPress
    yield QEvent.Type.KeyRelease
