"""What the tests of reports share: a report of the shooting day, opened again."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from plugins.masterlockit.shooting_day import HEADER, ShootingDay
from rushes_masterlockit.reports import KINDS, make

WHEN = datetime(2026, 9, 15, 4, 30, tzinfo=UTC)


def report(kind: str, day: ShootingDay, header: Any = HEADER, rate: str = "25") -> bytes:
    return make(KINDS[kind], day.clips, day.claps, header, project_rate=rate, when=WHEN)


def opened(kind: str, day: ShootingDay, header: Any = HEADER, rate: str = "25") -> Worksheet:
    return load_workbook(io.BytesIO(report(kind, day, header, rate))).worksheets[0]


def head_row(sheet: Worksheet) -> int:
    """Where the columns are named: the row above the first that scrolls."""
    return int("".join(filter(str.isdigit, sheet.freeze_panes))) - 1


def fields(sheet: Worksheet) -> dict[str, Any]:
    """The block above the table: what stands below each name."""
    found = {}
    for row in range(3, head_row(sheet) - 1, 2):
        for cell in sheet[row]:
            if cell.value:
                found[cell.value] = sheet.cell(row + 1, cell.column).value
    return found


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    """The lines below the names of the columns, up to the empty row before the totals; bands have one value."""
    names = [cell.value for cell in sheet[head_row(sheet)]]
    found = []
    for row in sheet.iter_rows(min_row=head_row(sheet) + 1, values_only=True):
        if not any(row):
            break
        found.append({name: value for name, value in zip(names, row, strict=True) if value is not None})
    return found


def with_clip(clip: Mapping[str, Any], *, claps: Sequence[dict[str, Any]] = ()) -> ShootingDay:
    """A day of one clip."""
    day = ShootingDay(claps=list(claps))
    day.clips.append({"id": "1", "type": "sound", "version": {"c1": 1}, **clip})
    return day
