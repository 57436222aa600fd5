"""A table that flows over pages: its head comes again, and what its columns have added up to is carried over.

Drawn straight on the canvas: a form is mostly cells, and a cell is some lines of text in a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.textobject import PDFTextObject
from reportlab.platypus import Flowable

from kcdesk.documents.content import Align, Cell, Row, Table
from kcdesk.documents.fonts import BOLD, REGULAR
from kcdesk.documents.lettering import broken, fitting_size, width_of

_SIZE = 11.0
_WIDE, _WIDE_SIZE = 10, 9.5
"""A table of more columns than this is set smaller."""
_LEADING_SHARE = 13.5 / 11
_SIDE, _TOP, _BOTTOM = 2.5, 2.0, 3.5
_HAND_ROW = 9 * mm
_AFTER = 8.0
CARRIED_OUT, CARRIED_IN = "Cộng mang sang", "Mang sang"


@dataclass(frozen=True, slots=True)
class _Box:
    """One frame of a line: from column to column, lines of text."""

    first: int
    last: int
    lines: list[str]
    align: Align
    bold: bool
    size: float


@dataclass(frozen=True, slots=True)
class _Line:
    boxes: list[_Box]
    height: float
    role: str = "data"
    carried: tuple[str, ...] = ()


class FlowingTable(Flowable):
    """A table of `content`, on paper."""

    def __init__(self, table: Table, lines: list[_Line] | None = None) -> None:
        super().__init__()
        self._table = table
        self._size = _WIDE_SIZE if len(table.heads) > _WIDE else _SIZE
        self._leading = self._size * _LEADING_SHARE
        self._widths = [width * mm for width in table.widths_mm]
        self._edges = [sum(self._widths[:at]) for at in range(len(self._widths) + 1)]
        self._heads = self._head_lines()
        self._lines = [self._line(row) for row in table.rows] if lines is None else lines
        self.spaceAfter = _AFTER

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        if available_width > self._edges[-1] + 0.01:  # stretched to the breadth of the page
            return self._stretched(available_width)
        self.width = available_width
        self.height = sum(line.height for line in (*self._heads, *self._lines))
        return self.width, self.height

    def _stretched(self, width: float) -> tuple[float, float]:
        scale = width / self._edges[-1] if self._edges[-1] else 1.0
        wider = Table(
            self._table.heads,
            tuple(one * scale for one in self._table.widths_mm),
            self._table.rows,
            self._table.over,
            self._table.label_span,
            self._table.carries,
        )
        FlowingTable.__init__(self, wider)
        self.width = width
        self.height = sum(line.height for line in (*self._heads, *self._lines))
        return self.width, self.height

    def split(self, _available_width: float, available_height: float) -> list[Flowable]:
        room = available_height - sum(line.height for line in self._heads)
        carries = self._table.carries
        largest = next((line.carried for line in reversed(self._lines) if line.carried), ())
        room -= self._carried(largest, CARRIED_OUT).height if carries else 0
        count, used = 0, 0.0
        while count < len(self._lines) and used + self._lines[count].height <= room:
            used += self._lines[count].height
            count += 1
        count = self._good_place(count)
        if count == 0:
            return self._split_line(room)
        before, after = self._lines[:count], self._lines[count:]
        carried = next((line.carried for line in reversed(before) if line.carried), ())
        if carries and any(carried):
            before = [*before, self._carried(carried, CARRIED_OUT)]
            after = [self._carried(carried, CARRIED_IN), *after]
        return [FlowingTable(self._table, before), FlowingTable(self._table, after)]

    def _good_place(self, count: int) -> int:
        """No group line last on a page, no total first on one, no carried line alone."""
        while 0 < count < len(self._lines) and (
            self._lines[count].role == "total"
            or self._lines[count - 1].role in ("group", "carried")
        ):
            count -= 1
        return count

    def _split_line(self, room: float) -> list[Flowable]:
        """A line taller than a page goes on overleaf; any other goes there whole."""
        first = next((at for at, line in enumerate(self._lines) if line.role == "data"), None)
        if first is None or room < 6 * self._leading:
            return []
        line = self._lines[first]
        rows = int(
            (room - sum(x.height for x in self._lines[:first]) - _TOP - _BOTTOM) / self._leading
        )
        if line.height < room or rows < 3:
            return []
        parts = []
        for start, end in ((0, rows), (rows, None)):
            boxes = [
                _Box(b.first, b.last, b.lines[start:end], b.align, b.bold, b.size)
                for b in line.boxes
            ]
            parts.append(
                _Line(boxes, self._height(boxes), line.role, line.carried if start else ())
            )
        return [
            FlowingTable(self._table, [*self._lines[:first], parts[0]]),
            FlowingTable(self._table, [parts[1], *self._lines[first + 1 :]]),
        ]

    def draw(self) -> None:
        y = self.height
        self.canv.setLineWidth(0.5)
        texts = (
            self.canv.beginText()
        )  # one for the whole table: each would cost as much as its text
        for line in (*self._heads, *self._lines):
            self._draw_line(line, y, texts)
            y -= line.height
        self.canv.drawText(texts)

    def _draw_line(self, line: _Line, top: float, texts: PDFTextObject) -> None:
        canvas = self.canv
        for box in line.boxes:
            left, right = self._edges[box.first], self._edges[box.last + 1]
            height = line.height if line.role != "head" else self._head_height(box, line)
            canvas.rect(left, top - height, right - left, height)
            if not any(box.lines):
                continue
            font = BOLD if box.bold else REGULAR
            y = top - (height - len(box.lines) * self._leading) / 2 - self._size + 0.5
            texts.setFont(font, box.size)
            for text in box.lines:
                if box.align == "left":
                    x = left + _SIDE
                elif box.align == "right":
                    x = right - _SIDE - width_of(text, font, box.size)
                else:
                    x = (left + right - width_of(text, font, box.size)) / 2
                texts.setTextOrigin(x, y)
                texts.textLine(text)
                y -= self._leading

    def _head_height(self, box: _Box, line: _Line) -> float:
        """A head that has nothing above it stands in both lines of the heads."""
        tall = len(self._heads) == 2 and line is self._heads[0] and not self._is_over(box)
        return sum(each.height for each in self._heads) if tall else line.height

    def _is_over(self, box: _Box) -> bool:
        return any((box.first, box.last) == (first, last) for _, first, last in self._table.over)

    def _head_lines(self) -> list[_Line]:
        table = self._table
        below = {at for _, first, last in table.over for at in range(first, last + 1)}
        plain = [
            self._box(at, at, Cell(head, "centre", True)) for at, head in enumerate(table.heads)
        ]
        if not table.over:
            return [_Line(plain, self._height(plain), "head")]
        over = [
            self._box(first, last, Cell(text, "centre", True)) for text, first, last in table.over
        ]
        tall = [box for at, box in enumerate(plain) if at not in below]
        under = [box for at, box in enumerate(plain) if at in below]
        upper = self._height(over)
        return [
            _Line([*tall, *over], upper, "head"),
            _Line(under, max(self._height(under), self._height(tall) - upper), "head"),
        ]

    def _line(self, row: Row) -> _Line:
        span = self._table.label_span if row.role != "data" else 1
        boxes = [self._box(0, span - 1, row.cells[0])]
        boxes += [self._box(at, at, row.cells[at]) for at in range(span, len(row.cells))]
        height = max(self._height(boxes), _HAND_ROW if row.hand else 0)
        return _Line(boxes, height, row.role, row.carried)

    def _carried(self, sums: Sequence[str], label: str) -> _Line:
        span = self._table.label_span
        boxes = [self._box(0, span - 1, Cell(label, "centre", True))]
        boxes += [
            self._box(at, at, Cell(sums[at] if at < len(sums) else "", "right", True))
            for at in range(span, len(self._widths))
        ]
        return _Line(boxes, self._height(boxes), "carried", tuple(sums))

    def _box(self, first: int, last: int, cell: Cell) -> _Box:
        width = self._edges[last + 1] - self._edges[first] - 2 * _SIDE
        font = BOLD if cell.bold else REGULAR
        if cell.align == "right" and " " not in cell.text:
            size = fitting_size(cell.text, font, self._size, width)
            return _Box(first, last, [cell.text] if cell.text else [], cell.align, cell.bold, size)
        lines = broken(cell.text, font, self._size, width) if cell.text else []
        return _Box(first, last, lines, cell.align, cell.bold, self._size)

    def _height(self, boxes: Sequence[_Box]) -> float:
        return max((len(box.lines) for box in boxes), default=1) * self._leading + _TOP + _BOTTOM
