"""Choosing one of many by typing a part of its name, with or without marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from kcdesk.domain.text import search_tokens

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: the code that is stored and the name that people read."""

    code: str
    name: str


class SearchChoice(QLineEdit):
    """A line where typing offers the options with these words; only an option can be chosen.

    `picked` tells the code ("" when the line was cleared).
    """

    picked = Signal(str)

    def __init__(self, options: Iterable[Option] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: tuple[Option, ...] = ()
        self._folded: list[str] = []
        self._code = ""
        self._name = ""
        self._offered: list[Option] = []
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(12)
        self.setCompleter(completer)
        completer.activated[QModelIndex].connect(lambda index: self._take(index.row()))  # type: ignore[index]
        self.textEdited.connect(self._offer)
        self.setPlaceholderText(self.tr("Gõ vài chữ để tìm"))
        self.set_options(options)

    def set_options(self, options: Iterable[Option]) -> None:
        self._options = tuple(options)
        self._folded = [" ".join(search_tokens(option.name)) for option in self._options]
        self.set_code(self._code, self._name)

    @property
    def code(self) -> str:
        return self._code

    def set_code(self, code: str, otherwise: str = "") -> None:
        """Show the option with this code; `otherwise`: the name of a code that is none of them."""
        self._code = code
        self._name = next((o.name for o in self._options if o.code == code), otherwise or code)
        self.setText(self._name)

    def matching(self, text: str) -> Sequence[Option]:
        """The options with all words of `text`, those that begin with it first."""
        words = search_tokens(text)
        phrase = " ".join(words)
        found = [
            (not folded.startswith(phrase), f" {phrase}" not in f" {folded}", number)
            for number, folded in enumerate(self._folded)
            if all(f" {word}" in f" {folded}" for word in words)
        ]
        return [self._options[number] for _, _, number in sorted(found)[:SHOWN]]

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._settle()

    def _offer(self, text: str) -> None:
        self._offered = list(self.matching(text)) if text.strip() else []
        self._names.setStringList([option.name for option in self._offered])

    def _take(self, number: int) -> None:
        if 0 <= number < len(self._offered):
            self.choose(self._offered[number].code)

    def _settle(self) -> None:
        """What was typed becomes the only option that fits, or goes back to what was chosen."""
        text = self.text().strip()
        if not text:
            self.choose("")
            return
        if text != self._name:
            found = self.matching(text)
            if len(found) == 1:
                self.choose(found[0].code)
            else:
                self.setText(self._name)

    def choose(self, code: str) -> None:
        """As if somebody had picked the option with this code."""
        before = self._code
        self.set_code(code)
        if code != before:
            self.picked.emit(code)
