"""Signatures on paper: one or two columns, the recipients of an agency's paper beside or below them."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from kcdesk.documents.content import Signature
from kcdesk.documents.fonts import BOLD, BOLD_ITALIC, ITALIC, REGULAR
from kcdesk.documents.lettering import broken

_SIZE, _LEADING = 13.0, 16.0
_ROOM = 24 * mm
_COLUMN = 82 * mm
_FACES = {"bold": BOLD, "italic": ITALIC}
_TO_SIZE, _TO_HEAD_SIZE, _TO_LEADING = 11.0, 12.0, 13.5
_BETWEEN = 12.0


class SignatureLine(Flowable):
    """One line of signatures. A single one stands on the right, with the recipients on its left."""

    def __init__(
        self,
        signatures: Sequence[Signature],
        place_and_date: str = "",
        recipients: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._signatures = signatures
        self._place_and_date = place_and_date
        self._recipients = recipients

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        self._columns = [self._lines(signature) for signature in self._signatures]
        self._to = self._recipient_lines(available_width - _COLUMN - 6)
        date = _LEADING + 4 if self._place_and_date else 0.0
        above = max(len(lines) for lines, _ in self._columns) * _LEADING
        names = max(1, *(len(name) for _, name in self._columns)) * _LEADING
        self._above, self._signed = date, above + _ROOM
        height = date + above + _ROOM + names
        beside = len(self._to) * _TO_LEADING + 4 if self._to else 0.0
        gap = _BETWEEN if self._to else 0.0
        self.height = max(height, beside) if len(self._columns) == 1 else height + gap + beside
        self._below = height + gap
        self.height += _BETWEEN
        return self.width, self.height

    def draw(self) -> None:
        canvas, top = self.canv, self.height - _BETWEEN / 2
        middles = (
            [self.width - _COLUMN / 2]
            if len(self._columns) == 1
            else [
                self.width * (2 * at + 1) / (2 * len(self._columns))
                for at in range(len(self._columns))
            ]
        )
        if self._place_and_date:
            canvas.setFont(ITALIC, _SIZE)
            canvas.drawCentredString(self.width - _COLUMN / 2, top - _SIZE, self._place_and_date)
        for middle, (lines, name) in zip(middles, self._columns, strict=True):
            y = top - self._above - _SIZE
            for text, face in lines:
                canvas.setFont(face, _SIZE)
                canvas.drawCentredString(middle, y, text)
                y -= _LEADING
            y = top - self._above - self._signed - _SIZE
            canvas.setFont(BOLD, _SIZE)
            for text in name:
                canvas.drawCentredString(middle, y, text)
                y -= _LEADING
        y = top - _TO_HEAD_SIZE - (0 if len(self._columns) == 1 else self._below)
        for text, face, size in self._to:
            canvas.setFont(face, size)
            canvas.drawString(0, y, text)
            y -= _TO_LEADING

    def _lines(self, signature: Signature) -> tuple[list[tuple[str, str]], list[str]]:
        width = _COLUMN - 4
        lines = [
            (text, _FACES[face])
            for line, face in signature.lines
            for text in broken(line, _FACES[face], _SIZE, width)
        ]
        return lines, broken(signature.name, BOLD, _SIZE, width) if signature.name else []

    def _recipient_lines(self, width: float) -> list[tuple[str, str, float]]:
        if not self._recipients:
            return []
        lines = [("Nơi nhận:", BOLD_ITALIC, _TO_HEAD_SIZE)]
        for count, recipient in enumerate(self._recipients, 1):
            end = "." if count == len(self._recipients) else ";"
            text = f"- {recipient.rstrip(';.')}{end}"
            lines += [(line, REGULAR, _TO_SIZE) for line in broken(text, REGULAR, _TO_SIZE, width)]
        return lines
