"""The language of the window: Vietnamese, also where the system names none.

Our own sentences are written in Vietnamese in the code (`tr`), so they need no translator. Qt ships no
Vietnamese for its standard buttons and menus; those few texts are in `resources/translations/qt-vi.toml`.
"""

from __future__ import annotations

import tomllib

from PySide6.QtCore import QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from kcdesk.resources import resource_path

VIETNAM = QLocale(QLocale.Language.Vietnamese, QLocale.Country.Vietnam)


class QtTexts(QTranslator):
    """Qt's own texts in Vietnamese: `texts` is context -> source text -> translation."""

    def __init__(self, texts: dict[str, dict[str, str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts

    def translate(
        self,
        context: bytes | str,
        sourceText: bytes | str,  # noqa: N803 -- Qt's name
        disambiguation: bytes | str | None = None,  # noqa: ARG002
        n: int = -1,  # noqa: ARG002
    ) -> str:
        of_context = self._texts.get(_text(context))
        # An empty answer tells Qt to go on looking, and at last to show the source text.
        return of_context.get(_text(sourceText), "") if of_context else ""

    def isEmpty(self) -> bool:
        return not self._texts


def speak_vietnamese(app: QApplication) -> None:
    """Numbers, dates and Qt's own texts in Vietnamese from now on."""
    QLocale.setDefault(VIETNAM)
    path = resource_path("translations", "qt-vi.toml")
    app.installTranslator(QtTexts(tomllib.loads(path.read_text("utf-8")), app))


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
