"""A process that types into a form and goes on sitting there: `python -m tests.ui.typist FORM FOLDER RECORD`.

Prints a line when the draft is on disk, and then types no more; whoever started it kills it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from kcdesk.ui import sample
from kcdesk.ui.gallery import Ticking
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.need import NeedScreen
from kcdesk.ui.screens.record import RecordScreen
from kcdesk.ui.screens.survey import SurveyScreen, Wanted
from kcdesk.ui.start import application
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.questions import QuestionWidget
from tests.ui.hands import write


def type_into(screen: Screen) -> bool:
    """Type, as soon as there is something to type into."""
    match screen:
        case RecordScreen() if screen.fields:
            write(screen.fields["rep_name"].editor, "Lò Thị Mẩy")
            write(screen.fields["tax_code"].editor, "123")  # not finished: no tax code yet
            screen.products.add_row()
            write(screen.products.cell("1", "name"), "Dao rèn")
        case NeedScreen() if screen.fields:
            write(screen.fields["purpose"].editor, "Mua máy sao chè")
            table = screen.tables["machines_to_buy"]
            table.add_row()
            write(table.cell("1", "name"), "Máy sao chè")
        case SurveyScreen() if screen.widgets:
            widget = screen.widgets["hamlet"]
            assert isinstance(widget, QuestionWidget)
            write(widget.editor.widget, "Thôn Giữa")
        case _:
            return False
    return True


def tell() -> None:
    sys.stdout.write("kept\n")
    sys.stdout.flush()


def main(form: str, folder: str, record: str) -> None:
    app = application()
    context = Context(Tasks(sample.Sample(Path(folder), Ticking()).open), Ticking())
    screen = (
        RecordScreen(context, record) if form == "record" else SurveyScreen(context, Wanted(record))
    )
    screen.keeper.kept.connect(tell)

    def shown() -> None:
        if screen.keeper.form is not None and context.tasks.idle:
            context.tasks.busy.disconnect(look)
            type_into(screen)

    def look(busy: bool) -> None:
        if not busy:
            QTimer.singleShot(0, shown)

    context.tasks.busy.connect(look)
    screen.show()
    screen.entered()
    app.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
