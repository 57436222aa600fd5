"""Pictures of surveying: what has to be done, rounds, answered sheets, a round, a new one, a
sheet that came back."""

from __future__ import annotations

from kcdesk.actions.rounds import Round
from kcdesk.ui.gallery_safety import Camera
from kcdesk.ui.screens.round_dialog import RoundDialog
from kcdesk.ui.screens.sheet_exporting import SheetExportDialog
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.window import MainWindow


def surveying(camera: Camera, window: MainWindow, tasks: Tasks) -> None:
    window.go(window.rounds)
    camera.settle(tasks)
    camera.take(window, "khao-sat-phai-lam")
    window.rounds.tabs.setCurrentIndex(1)
    camera.settle(tasks)
    camera.take(window, "khao-sat-cac-dot")
    window.rounds.tabs.setCurrentWidget(window.rounds.answered)
    camera.settle(tasks)
    camera.take(window, "khao-sat-phieu-da-ghi")
    out = SheetExportDialog(window.context, window.rounds, window.rounds.answered.filter, 2)
    out.show()
    camera.take(out, "khao-sat-xuat-phieu")
    out.close()
    window.rounds.tabs.setCurrentIndex(1)
    dialog = RoundDialog(window.context, window.rounds)
    dialog.show()
    camera.settle(tasks)
    dialog.due.setText("31/02/2027")
    dialog.save()
    camera.take(dialog, "khao-sat-tao-dot")
    dialog.close()
    one: Round | None = window.rounds.list.table.current()
    assert one is not None
    window.open_round(one.id)
    camera.settle(tasks)
    camera.take(window, "khao-sat-mot-dot")
    window.back()
    window.open_survey(window.rounds.duties.model.rows[0].wanted)
    camera.settle(tasks)
    camera.take(window, "phieu-bi-tra-lai")
    window.go(window.list)
    camera.settle(tasks)
