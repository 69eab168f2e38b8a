"""Draws a report as an .xlsx that prints on A4 without a further touch."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import xlsxwriter

from rushes import Permanent
from rushes_masterlockit.reports.cells import Cell, clean, shown
from rushes_masterlockit.reports.fitting import lines, spans, widths
from rushes_masterlockit.reports.looks import FONT, Looks
from rushes_masterlockit.reports.sheet import Band, Line, Look, R, Sheet

#: From so many rows on cells go to disk as they are written: 200,000 rows would take gigabytes.
LARGE = 20_000

#: A sheet ends at row 1,048,576; bands, head and totals need some of them.
MOST_ROWS = 500_000

#: A workbook's footer may have 255 characters, its own codes included.
_MOST_FOOTER = 80
_A4 = 9
#: How wide a field is, about, in characters.
_FIELD = 30
#: In points. Excel shows at most 409.
_ROW, _LINE_HEIGHT, _MOST_LINES = 14.5, 12.0, 30
_SECONDS_A_DAY = 86_400


def workbook(sheet: Sheet[R], when: datetime) -> bytes:
    """The same sheet and moment give the same bytes. Permanent for more rows than a workbook holds."""
    if len(sheet.sample) > MOST_ROWS:
        raise Permanent(f"{len(sheet.sample)} rows; a workbook holds {MOST_ROWS}: choose days, or take CSV")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": len(sheet.sample) >= LARGE,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": clean(f"{sheet.title} {sheet.head.production}".strip())[:200],
            "author": "Rushes",
            "created": when.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    _Drawing(book, sheet).draw()
    book.close()
    return target.getvalue()


class _Drawing:
    """Rows are written from top to bottom, none twice: what is large is not kept."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet[Any]) -> None:
        self.sheet = sheet
        self.looks = Looks(book)
        self.page = book.add_worksheet(sheet.title)
        self.widths = widths(sheet.columns, sheet.sample)
        self.last = len(sheet.columns) - 1
        self.at = 0

    def draw(self) -> None:
        self.page.set_default_row(_ROW)
        for index, width in enumerate(self.widths):
            self.page.set_column(index, index, width)
        self._heading()
        self._fields()
        head = self._titles()
        for line in self.sheet.lines:
            if isinstance(line, Band):
                self._band(line)
            else:
                self._line(line)
        self.page.autofilter(head, 0, max(head, self.at - 1), self.last)
        self._totals()
        self._printing(head)

    def _heading(self) -> None:
        left, right = spans(self.widths, [1, 1])
        self.page.set_row(0, 26)
        self._across(0, left, self.sheet.title, self.looks.fixed("title"))
        self._across(0, right, self.sheet.head.production, self.looks.fixed("production", "right"))
        self.page.set_row(1, 20)
        self._across(1, left, self.sheet.head.subtitle, self.looks.fixed("subtitle"))
        self._across(1, right, self.sheet.totals.summary, self.looks.fixed("subtitle", "right"))
        self.at = 2

    def _fields(self) -> None:
        """As a form has it: the name small above its value, side by side."""
        fields = self.sheet.head.fields
        beside = min(len(self.widths), max(1, round(sum(self.widths) / _FIELD)))
        deep = -(-len(fields) // beside)
        runs = spans(self.widths, [1] * -(-len(fields) // deep))
        for row in range(deep):
            shown = [*fields[row::deep], ("", "")][: len(runs)]
            room = [sum(self.widths[first : last + 1]) for first, last in runs]
            high = max(lines(text, width, bold=True) for (_, text), width in zip(shown, room, strict=True))
            self.page.set_row(self.at, 11)
            self.page.set_row(self.at + 1, _ROW + _LINE_HEIGHT * (min(high, _MOST_LINES) - 1))
            for place, name in enumerate(("name", "value")):
                for field, run in zip(shown, runs, strict=True):
                    self._across(self.at + place, run, field[place], self.looks.fixed(name))
            self.at += 2
        self.page.set_row(self.at, 6)
        self.at += 1

    def _titles(self) -> int:
        self.page.set_row(self.at, 26)
        for index, column in enumerate(self.sheet.columns):
            self.page.write_string(self.at, index, column.title, self.looks.fixed("head", column.align))
        self.at += 1
        return self.at - 1

    def _band(self, band: Band) -> None:
        self.page.set_row(self.at, 16)
        self._across(self.at, (0, self.last), band.text, self.looks.fixed("band"))
        self.at += 1

    def _line(self, line: Line[Any]) -> None:
        high, written, bold = 1, list[tuple[Cell, Any]](), line.look is Look.CIRCLED
        for index, column in enumerate(self.sheet.columns):
            cell = column.cell(line.row)
            deep = lines(cell, self.widths[index], bold=bold) if isinstance(cell, str) else 1
            high = max(high, deep)
            face = self.looks.line(
                column, line.look, wrap=deep > 1, shaded=line.shaded, length=isinstance(cell, Fraction)
            )
            written.append((cell, face))
        if high > 1:
            self.page.set_row(self.at, _ROW + _LINE_HEIGHT * (min(high, _MOST_LINES) - 1))
        for index, (cell, face) in enumerate(written):
            self._write(self.at, index, cell, face)
        self.at += 1

    def _totals(self) -> None:
        totals = self.sheet.totals
        self.at += 1
        first, rest = 24.0, 10.0
        shares = [first, *[rest] * (len(totals.titles) - 1)]
        runs = spans(self.widths, [*shares, max(1.0, sum(self.widths) - sum(shares))])[: len(totals.titles)]
        for run, title in zip(runs, totals.titles, strict=False):
            self._across(self.at, run, title, self.looks.fixed("head", "left" if run[0] == 0 else "right"))
        self.at += 1
        for row in totals.rows:
            name = "sum" if row is totals.rows[-1] else "count"
            for run, cell in zip(runs, row, strict=False):
                align = "left" if run[0] == 0 else "right"
                face = self.looks.fixed(name, align, length=isinstance(cell, Fraction))
                self._across(self.at, run, cell, face)
            self.at += 1
        for label, text in totals.notes:
            self.at += 1
            self._across(self.at, (0, self.last), f"{label}: {text}", self.looks.fixed("note"))
        self.at += 1

    def _printing(self, head: int) -> None:
        page = self.page
        page.set_paper(_A4)
        page.set_landscape()
        page.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.65)
        page.fit_to_pages(1, 0)
        page.repeat_rows(head)
        page.print_area(0, 0, max(self.at - 1, head), self.last)
        page.freeze_panes(head + 1, 0)
        page.hide_gridlines(2)
        said = clean(self.sheet.head.footer)[:_MOST_FOOTER].replace("\n", " ").replace("&", "&&")
        page.set_footer(f'&L&"{FONT}"&8 {said}&C&"{FONT}"&8 Page &P of &N&R&"{FONT}"&8 {self.sheet.title}')

    def _across(self, row: int, run: tuple[int, int], cell: Cell, face: Any) -> None:
        """In the first cell of the run, merged with the others."""
        first, last = run
        if last > first:
            self.page.merge_range(row, first, row, last, "", face)
        self._write(row, first, cell, face)

    def _write(self, row: int, column: int, cell: Cell, face: Any) -> None:
        if isinstance(cell, Fraction):
            self.page.write_number(row, column, float(cell) / _SECONDS_A_DAY, face)
        elif isinstance(cell, int):
            self.page.write_number(row, column, cell, face)
        elif cell:
            self.page.write_string(row, column, shown(cell), face)
        else:
            self.page.write_blank(row, column, None, face)
