"""Clips as CSV: a table for other programs, one row a clip, columns as `COLUMNS` says.

UTF-8 with a byte order mark, commas, CRLF, every text quoted; a text that a spreadsheet would take for a formula
has an apostrophe before it. True is 1, false 0, unknown empty.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Sequence

from rushes_masterlockit.reports.cells import harmless
from rushes_masterlockit.reports.numbering import eighths
from rushes_masterlockit.reports.reading import at, flag, moment, number, text, words
from rushes_masterlockit.reports.remarks import comment, logs, several
from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.sound_report import tracks
from rushes_masterlockit.reports.times import clock

Value = str | int | None


def _text(*path: str) -> Callable[[Row], Value]:
    return lambda row: text(row.raw, *path)


def _device(part: str) -> Callable[[Row], Value]:
    return lambda row: text(row.raw, "camera" if row.video else "soundRecorder", part)


def _flag(*path: str) -> Callable[[Row], Value]:
    return lambda row: None if at(row.raw, *path) is None else int(flag(row.raw, *path))


def _tracks(row: Row) -> str:
    return several(f"{count} {name}" for count, name in tracks(row).items())


#: Name, what it holds, and how it is read.
COLUMNS: tuple[tuple[str, str, Callable[[Row], Value]], ...] = (
    ("type", "video or sound", lambda row: "video" if row.video else "sound"),
    ("project", "name of the production", _text("project", "name")),
    ("day", "shooting day with its addition: 12A", lambda row: row.day),
    ("date", "of the shooting day, YYYY-MM-DD", lambda row: row.date),
    ("episode", "number, else name", lambda row: row.episode),
    ("scene", "with its addition: 14A", lambda row: row.scene),
    ("slate", "with its addition", lambda row: row.slate),
    ("take", "number", _text("take", "number")),
    ("pickup", "1 for a pickup", _flag("take", "isPickup")),
    ("circled", "1 for a circled take (sound: circle; picture: printState 1)", lambda row: int(row.circled)),
    ("waste", "1 for waste", lambda row: int(row.waste)),
    ("mos", "1 for a picture without sound", _flag("isMOS")),
    ("print_state", "as it was sent", lambda row: number(row.raw, "take", "printState")),
    ("clip", "name of the clip", _text("clipName")),
    ("file", "name of the file", _text("fileName")),
    ("device", "name of camera or recorder", _device("name")),
    ("device_number", "its number", _device("number")),
    ("device_model", "its model", _device("model")),
    ("roll", "camera or sound roll", lambda row: row.roll),
    ("tc_start", "label, ; before the frames at drop frame", lambda row: row.span.start),
    ("tc_stop", "label, exclusive", lambda row: row.span.stop),
    ("rate", "at which the labels count, empty where nobody told", lambda row: row.span.rate),
    ("rate_from", "project or clip", lambda row: row.span.rate_from),
    ("frames", "stop minus start, empty without a rate", lambda row: row.span.frames),
    (
        "length",
        "HH:MM:SS of real time, to the nearest second",
        lambda row: "" if row.span.seconds is None else clock(row.span.seconds),
    ),
    ("lens", "as it was sent, like all that follow up to angle", _text("lens")),
    ("aperture", "", _text("aperture")),
    ("filter", "joined by commas", lambda row: several(words(row.raw, "filter"))),
    ("sensor_fps", "pictures a second in the camera; says nothing of timecode", _text("sensorFPS")),
    ("shutter_angle", "", _text("shutterAngle")),
    ("exposure_time", "", _text("exposureTime")),
    ("white_balance", "", _text("whiteBalance")),
    ("exposure_index", "", _text("exposureIndexASA")),
    ("height", "", _text("height")),
    ("distance", "", _text("distance")),
    ("angle", "", _text("angle")),
    ("tracks", "armed tracks, number and name, joined by commas", _tracks),
    ("sample_rate", "Hz", _text("samplingrate")),
    ("bit_depth", "", _text("bitdepth")),
    ("file_type", "", _text("filetype")),
    ("sound_types", "joined by commas", lambda row: several(words(row.raw, "sound_types"))),
    ("inside_outside", "of the scene", _text("scene", "insideOutside")),
    ("day_night", "of the scene", _text("scene", "dayNight")),
    ("location", "of the scene", _text("scene", "location")),
    ("pages", "of the scene, with eighths: 1 3/8", lambda row: eighths(row.raw.get("scene"))),
    ("comment", "of clip, take, label and slate, joined by semicolons", comment),
    ("logs", "what was noted while it ran, joined by semicolons", lambda row: several(logs(row), "; ")),
    ("created", "ISO 8601, UTC", lambda row: moment(row.raw.get("created"))),
    ("updated", "ISO 8601, UTC", lambda row: moment(row.raw.get("updated"))),
    ("id", "of the clip", lambda row: row.id),
)


def as_csv(rows: Sequence[Row]) -> bytes:
    """All clips, in the order of the rows."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([name for name, _, _ in COLUMNS])
    readers = [read for _, _, read in COLUMNS]
    writer.writerows([_cell(read(row)) for read in readers] for row in rows)
    return codecs.BOM_UTF8 + table.getvalue().encode()


def _cell(value: Value) -> str | int:
    return harmless(value) if isinstance(value, str) else "" if value is None else value
