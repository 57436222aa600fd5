"""The language of the window: Vietnamese, also where the system names none.

Our own sentences are written in Vietnamese in the code (`tr`), so they need no translator. Qt ships no
Vietnamese for its standard buttons, menus and dialogs; those texts are in `resources/translations/qt_vi.ts`.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from kcdesk.resources import resource_path

VIETNAM = QLocale(QLocale.Language.Vietnamese, QLocale.Country.Vietnam)


def speak_vietnamese(app: QApplication) -> None:
    """Numbers, dates and Qt's own texts in Vietnamese from now on."""
    QLocale.setDefault(VIETNAM)
    # Compiled, because a QTranslator that answers None from Python corrupts None's reference count (PySide 6.12).
    translator = QTranslator(app)
    if not translator.load(str(resource_path("translations", "qt_vi.qm"))):
        raise FileNotFoundError("resources/translations/qt_vi.qm")
    app.installTranslator(translator)
