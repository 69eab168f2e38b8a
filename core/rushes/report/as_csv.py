"""A day as CSV: one row for each delivery of a file, one for a file that goes nowhere.

UTF-8 with a byte order mark, by which Excel knows it; commas, CRLF, every text quoted; a text that a spreadsheet would
take for a formula has an apostrophe before it. True is 1, false 0, unknown empty; moments are local, with their zone.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rushes.report.harmless import cell
from rushes.report.telling import Report, plain, problem_words, state_words

Value = str | int | float | None
_Row = tuple[Report, Mapping[str, Any], Mapping[str, Any]]


def _clip(name: str) -> Callable[[_Row], Value]:
    def read(row: _Row) -> Value:
        told = row[1][name]
        return int(told) if isinstance(told, bool) else told

    return read


def _delivery(name: str) -> Callable[[_Row], Value]:
    return lambda row: row[2].get(name)


#: Name and how it is read.
COLUMNS: Sequence[tuple[str, Callable[[_Row], Value]]] = (
    ("day", lambda row: row[0]["day"]),
    *((name, _clip(name)) for name in (
        "card", "camera", "reel", "name", "path", "kind", "role", "scene", "slate", "take", "circled", "waste", "mos",
        "note", "timecode", "timecode_end", "rate",
    )),
    ("seconds", _clip("duration")),
    ("bytes", _clip("size")),
    ("began", _clip("began")),
    ("first_seen", lambda row: _stamp(row[1]["first_seen"])),
    ("complete", _clip("complete")),
    ("sounds", lambda row: "; ".join(row[1]["sounds"])),
    ("without_sound", _clip("silent")),
    ("delivery", _delivery("name")),
    ("sink", _delivery("sink")),
    ("state", lambda row: state_words(row[2].get("state", ""))),
    ("delivered_at", lambda row: _stamp(row[2].get("at"))),
    ("delivered_bytes", lambda row: row[2].get("size") if row[2].get("state") == "done" else None),
    ("where", _delivery("where")),
    ("remote_id", _delivery("id")),
    ("verified_by", _delivery("checked")),
    ("why", lambda row: plain(row[2].get("reason", "")) or "; ".join(map(problem_words, row[1]["problems"]))),
)  # fmt: skip


def as_csv(report: Report) -> bytes:
    """All files of the day in the order in which they were shot; at the end the records of which no file came."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([name for name, _ in COLUMNS])
    for clip in report["clips"]:
        for delivery in clip["deliveries"] or [{}]:
            writer.writerow([_cell(read((report, clip, delivery))) for _, read in COLUMNS])
    for record in report["records_without_media"]:
        told = {
            "day": report["day"], "name": record["says"], "kind": "record", "camera": record["device"],
            "why": "no file came",
        }  # fmt: skip
        writer.writerow([_cell(told.get(name)) for name, _ in COLUMNS])
    return codecs.BOM_UTF8 + table.getvalue().encode()


def _stamp(epoch: float | None) -> str:
    return datetime.fromtimestamp(epoch, UTC).astimezone().isoformat(timespec="seconds") if epoch else ""


def _cell(value: Value) -> str | int | float:
    return cell(value) if isinstance(value, str) else "" if value is None else value
