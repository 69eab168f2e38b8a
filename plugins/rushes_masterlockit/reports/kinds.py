"""The kinds of report, what they are called, and how each is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from rushes_masterlockit.protocol.codes import ExportType
from rushes_masterlockit.reports.as_csv import as_csv
from rushes_masterlockit.reports.as_json import as_json
from rushes_masterlockit.reports.head import days, given, production
from rushes_masterlockit.reports.numbering import order
from rushes_masterlockit.reports.order import chronological
from rushes_masterlockit.reports.reading import number, text
from rushes_masterlockit.reports.rows import Row, row_of
from rushes_masterlockit.reports.shot_log import shot_log
from rushes_masterlockit.reports.slate_log import slate_log
from rushes_masterlockit.reports.sound_report import sound_report
from rushes_masterlockit.reports.workbook import workbook

#: As people write them.
KINDS: dict[str, ExportType] = {
    "csv": ExportType.CSV,
    "json": ExportType.JSON,
    "shot-log": ExportType.SHOT_LOG,
    "sound-report": ExportType.SOUND_REPORT,
    "slate-log": ExportType.SLATE_LOG,
}

_SUFFIXES = {ExportType.CSV: "csv", ExportType.JSON: "json"}
_MOST_NAME = 120


def make(
    kind: ExportType,
    clips: Sequence[Mapping[str, Any]],
    claps: Sequence[Mapping[str, Any]],
    header: Any,
    *,
    project_rate: str,
    when: datetime,
    rates: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The file. The same arguments give the same bytes. Long reports take seconds: call it in a thread.

    `clips` are as devices sent them, in any order; `claps` are ClapEvents with "device" and "seen"; `header` is
    whatever `headerData` said; `project_rate` is "" where nobody told one; `when` is the time it is made, aware.
    `rates` are the project's rates at which clips were counted when they were said, by the clip's id.
    """
    counted = [(clip, rates.get(text(clip, "id"), project_rate)) for clip in clips]
    match kind:
        case ExportType.JSON:
            return as_json(clips)
        case ExportType.SLATE_LOG:
            return workbook(slate_log(claps, counted, given(header), project_rate), when)
        case ExportType.CSV:
            return as_csv(_rows(counted))
        case ExportType.SHOT_LOG:
            return workbook(shot_log(_rows(counted), claps, given(header)), when)
        case ExportType.SOUND_REPORT:
            return workbook(sound_report(_rows(counted), claps, given(header)), when)


def file_name(kind: ExportType, clips: Sequence[Mapping[str, Any]], header: Any) -> str:
    """What to call it: production, day and kind, "Der_Brief_Day-12_sound-report.xlsx"; never a path."""
    rows = [row_of(clip, "") for clip in clips]
    said = given(header)
    day = said.get("Day") or days(rows)[0]
    title = next(name for name, known in KINDS.items() if known == kind)
    parts = [said.get("Production") or production(rows), f"Day-{day}" if day else "", title]
    stem = "_".join(filter(None, (re.sub(r"[^\w.-]+", "-", part).strip("-._") for part in parts)))
    return f"{stem[-_MOST_NAME:].lstrip('-._')}.{_SUFFIXES.get(kind, 'xlsx')}"


def _rows(counted: Sequence[tuple[Mapping[str, Any], str]]) -> list[Row]:
    return chronological(
        (row_of(clip, rate) for clip, rate in counted),
        day=lambda row: (row.day, row.date),
        span=lambda row: row.span,
        rest=lambda row: (
            number(row.raw, "created") or 0,
            order(row.take),
            not row.video,
            row.device,
            row.id,
        ),
    )
