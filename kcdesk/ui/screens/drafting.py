"""Keeping what is typed: a screen says what stands in its fields, and it is on disk a second later.

Owns when a draft is written, and the line above a form that was opened half filled in. What is a draft, and what saving
makes of it, is `actions.drafts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import drop_draft, keep_draft
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError, NotFound
from kcdesk.storage.drafts import Form
from kcdesk.ui import theme
from kcdesk.ui.tasks import Tasks
from kcdesk.ui.widgets.parts import label, link, row

DRAFT_PAUSE_MS = 1_000
"""From the first thing typed until it is on its way to the disk, however fast one goes on typing."""


class DraftKeeper(QObject):
    """Keeps the draft of one form. `read`: field -> what stands there, of the fields that differ from the record."""

    kept = Signal()
    """What stood in the form a moment ago is on disk."""
    failed = Signal(object)
    """A KcdeskError: it is not."""

    def __init__(
        self, owner: QObject, tasks: Tasks, read: Callable[[], Mapping[str, Value]]
    ) -> None:
        super().__init__(owner)
        self._tasks = tasks
        self._read = read
        self._form: Form | None = None
        self._on_disk: dict[str, Value] = {}
        self._held = False
        self._writing = 0
        self._timer = QTimer(self, singleShot=True, interval=DRAFT_PAUSE_MS)
        self._timer.timeout.connect(self.keep)

    @property
    def form(self) -> Form | None:
        """The form as it was opened; None while nothing is."""
        return self._form

    @property
    def pending(self) -> bool:
        """Whether something typed is not on disk yet."""
        return self._timer.isActive() or self._writing > 0

    def begin(self, form: Form, on_disk: Mapping[str, Value]) -> None:
        """A form was opened, or saved and is open on; `on_disk`: what its draft holds."""
        self._form, self._on_disk, self._held = form, dict(on_disk), False

    def soon(self) -> None:
        """Something was typed."""
        if self._form is not None and not self._timer.isActive():
            self._timer.start()

    def hold(self) -> None:
        """The form is being saved: its draft goes with it, and must not come back meanwhile."""
        self._held = True
        self._timer.stop()

    def release(self) -> None:
        """The form was not saved after all."""
        self._held = False
        self.soon()

    def keep(self, then: Callable[[], object] = lambda: None) -> None:
        """Write what differs from what is on disk, then go on."""
        form, before = self._form, self._on_disk
        if form is None or self._held:
            then()
            return
        now = dict(self._read())
        self._timer.stop()
        if now == before:
            then()
            return
        new = {
            field: value
            for field, value in now.items()
            if field not in before or before[field] != value
        }
        gone = before.keys() - now.keys()
        self._on_disk = now
        self._writing += 1

        def done(_: object) -> None:
            self._writing -= 1
            self.kept.emit()
            then()

        def failed(error: KcdeskError) -> None:
            self._writing -= 1
            self._on_disk = before
            self.failed.emit(error)

        self._tasks.ask(self, lambda desk: keep_draft(desk, form, new, gone), done, failed=failed)

    def drop(self, then: Callable[[], None]) -> None:
        """Forget what was typed, then go on."""
        form = self._form
        self.hold()
        if form is None:
            then()
            return
        self._on_disk = {}
        self._tasks.ask(self, lambda desk: _drop(desk, form), lambda _: then())


def _drop(desk: Desk, form: Form) -> None:
    try:
        drop_draft(desk, form.kind, form.record)
    except NotFound:  # nothing was typed long enough to be kept
        return


class DraftLine(QWidget):
    """Says since when a form has been lying half filled in; to go on with it, or to drop it."""

    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = label()
        self.go_on = link(self.tr("Tiếp tục"), self.hide)
        self.drop = link(self.tr("Bỏ"), self.dropped.emit)
        self.setLayout(row(self._text, self.go_on, self.drop, None, gap=theme.SPACE))
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_since(self, since: str) -> None:
        """`since`: as `actions.drafts.since_text` says it; nothing is shown for an empty one."""
        self._text.setText(self.tr("Đang làm dở từ {0}:").format(since))
        self.setVisible(bool(since))
