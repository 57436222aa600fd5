"""The head of a paper: Quốc hiệu and tiêu ngữ, the two columns of an agency, their lines (NĐ 30/2020 Annex I)."""

from __future__ import annotations

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from kcdesk.documents.content import Letterhead
from kcdesk.documents.fonts import BOLD, ITALIC, REGULAR
from kcdesk.documents.lettering import broken, office_lines

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_OWN = (13.0, 14.0)
"""Sizes of nation and motto on an owner's paper, which has the whole breadth for them."""
_BESIDE = (12.0, 13.0)
_NAME_SIZE, _NUMBER_SIZE, _ABOUT_SIZE, _DATE_SIZE = 12.0, 13.0, 12.0, 13.0
_NATION_SHARE = 0.575
_LINE = 16.0
_SHORT = 0.4
"""A line under a name is one third to half as long as the name."""


class NationalHeading(Flowable):
    """Centred, with a line as long as the motto below it."""

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width, self.height = available_width, 46.0
        return self.width, self.height

    def draw(self) -> None:
        _nation(self.canv, self.width / 2, self.height, _OWN)


class AgencyHeading(Flowable):
    """Left: parent agency plain, issuing agency bold with a line, number, `V/v`. Right: nation, place and date."""

    def __init__(self, head: Letterhead) -> None:
        super().__init__()
        self._head = head

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        self._left = available_width * (1 - _NATION_SHARE)
        room = self._left - 6
        head = self._head
        self._parent = office_lines(head.parent, REGULAR, _NAME_SIZE, room) if head.parent else []
        self._name = office_lines(head.name, BOLD, _NAME_SIZE, room) if head.name else []
        self._number = broken(head.number, REGULAR, _NUMBER_SIZE, room)
        if len(self._number) == 1:
            self._number = [head.number]  # the room for a number to be written in
        self._about = broken(head.about, REGULAR, _ABOUT_SIZE, room) if head.about else []
        self._date = broken(head.place_and_date, ITALIC, _DATE_SIZE, available_width - self._left)
        names = (len(self._parent) + len(self._name)) * _LINE + 10
        self._below = max(names, 2 * _LINE + 14)
        numbers = (len(self._number) + len(self._about)) * _LINE
        self.height = self._below + max(numbers, len(self._date) * _LINE) + 4
        return self.width, self.height

    def draw(self) -> None:
        canvas, left = self.canv, self._left / 2
        right = self._left + (self.width - self._left) / 2
        _nation(canvas, right, self.height, _BESIDE)
        y = self.height - 13
        y = _centred(canvas, self._parent, REGULAR, _NAME_SIZE, left, y)
        y = _centred(canvas, self._name, BOLD, _NAME_SIZE, left, y)
        if self._name:
            longest = max(stringWidth(line, BOLD, _NAME_SIZE) for line in self._name)
            _rule(canvas, left, y + _LINE - 6, longest * _SHORT)
        y = self.height - self._below - 13
        _centred(canvas, self._date, ITALIC, _DATE_SIZE, right, y)
        y = _centred(canvas, self._number, REGULAR, _NUMBER_SIZE, left, y)
        _centred(canvas, self._about, REGULAR, _ABOUT_SIZE, left, y)


class ShortRule(Flowable):
    """The line of one third to half of the title's (or trích yếu's) last line, below it."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width, self.height = available_width, 10.0
        return self.width, self.height

    def draw(self) -> None:
        _rule(self.canv, self.width / 2, self.height - 4, self._length)


def rule_under(text: str, font: str, size: float, width: float) -> ShortRule:
    longest = max(stringWidth(line, font, size) for line in broken(text, font, size, width))
    return ShortRule(longest * _SHORT)


def _nation(canvas: Canvas, middle: float, top: float, sizes: tuple[float, float]) -> None:
    nation, motto = sizes
    canvas.setFont(BOLD, nation)
    canvas.drawCentredString(middle, top - 13, NATION)
    canvas.setFont(BOLD, motto)
    canvas.drawCentredString(middle, top - 31, MOTTO)
    _rule(canvas, middle, top - 37, stringWidth(MOTTO, BOLD, motto))


def _centred(canvas: Canvas, lines: list[str], font: str, size: float, x: float, y: float) -> float:
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawCentredString(x, y, line)
        y -= _LINE
    return y


def _rule(canvas: Canvas, middle: float, y: float, length: float) -> None:
    canvas.setLineWidth(0.8)
    canvas.line(middle - length / 2, y, middle + length / 2, y)
