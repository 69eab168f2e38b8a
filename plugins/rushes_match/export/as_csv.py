"""A day as CSV: one row a file, with what it was matched with.

UTF-8 with a byte order mark, commas, CRLF, every text quoted; a text that a spreadsheet would take for a formula has an
apostrophe before it. True is 1, false 0, unknown empty. Of several in a cell the best comes first, semicolons between.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rushes.timecode import FLICKS
from rushes_match.export.harmless import cell
from rushes_match.export.shot import Day, Shot
from rushes_match.export.sounds import Beside, beside

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class _Row:
    day: Day
    shot: Shot
    about: Beside

    @property
    def evidence(self) -> dict[str, object]:
        return dict(self.about.matched[0][1].evidence) if self.about.matched else {}


def _text(name: str) -> Callable[[_Row], Value]:
    return lambda row: row.shot.text(name)


def _number(name: str) -> Callable[[_Row], Value]:
    def read(row: _Row) -> Value:
        told = row.shot.meta.get(name)
        return int(told) if isinstance(told, bool) else told if isinstance(told, int | float) else None

    return read


def _evidence(name: str) -> Callable[[_Row], Value]:
    def read(row: _Row) -> Value:
        told = row.evidence.get(name)
        return told if isinstance(told, str | int | float) else None

    return read


def _names(shots: Iterable[Shot]) -> str:
    return "; ".join(shot.filename for shot in shots)


def _synced(row: _Row) -> Value:
    return int(any(not sync.about for sync in row.about.syncs)) if row.about.matched else None


def _delta(row: _Row) -> Value:
    return round(row.about.syncs[0].delta / FLICKS, 6) if row.shot.picture and row.about.syncs else None


#: Name, what it holds, and how it is read.
COLUMNS: tuple[tuple[str, str, Callable[[_Row], Value]], ...] = (
    ("day", "date on which the shooting day began", lambda row: row.day.date),
    ("type", "picture or sound", lambda row: "picture" if row.shot.picture else "sound"),
    ("file", "file name", lambda row: row.shot.filename),
    ("card", "name of its card or folder", lambda row: row.shot.card),
    ("path", "on that card", lambda row: row.shot.path),
    ("clip_name", "by its device", _text("clip_name")),
    ("camera", "letter or name", _text("camera")),
    ("reel", "", _text("reel")),
    ("scene", "", _text("scene")),
    ("slate", "", _text("slate")),
    ("take", "", _text("take")),
    ("circled", "1 for a circled take", _number("circled")),
    ("waste", "1 for waste", _number("waste")),
    ("mos", "1 for a picture without sound", _number("mos")),
    ("note", "remark of camera or recordist", _text("note")),
    ("timecode", "start, ; before the frames at drop frame", _text("timecode")),
    ("timecode_end", "label after the last frame", _text("timecode_end")),
    ("timecode_rate", "at which the labels count", _text("timecode_rate")),
    ("rate", "pictures a second", _text("rate")),
    ("frames", "pictures", _number("frames")),
    ("seconds", "length", lambda row: None if row.shot.length is None else round(row.shot.length / FLICKS, 6)),
    ("channels", "of sound", _number("channels")),
    ("tracks", "names of the sound tracks", _text("tracks")),
    ("matched", "matched, ambiguous or none", lambda row: row.shot.text("matched")),
    ("with", "file names of its sounds, or of the pictures of a sound", lambda row: _names(row.about.partners)),
    ("synced", "1 where timecode tells to the frame how it lies to one of them; learned clocks do not", _synced),
    ("score", "of the best match, 0 to 1", lambda row: row.about.matched[0][1].score if row.about.matched else None),
    ("overlap_frames", "of the best match, in frames of the picture", _evidence("overlap_frames")),
    ("offset_frames", "timecode of the picture minus that of the sound", _evidence("offset_frames")),
    ("offset_from", "jammed, learned, clap, hand or names", _evidence("offset_from")),
    ("decided_by", "person where one decided", _evidence("by")),
    ("starts_after_sound", "seconds from the best sound's first sample to the picture's first frame", _delta),
    ("candidates", "file names of those that wait for a person", lambda row: _names(row.about.waiting)),
    ("records", "ids of its records", lambda row: "; ".join(row.day.records.get(row.shot.id, ()))),
    ("part_of", "id of the file that this one continues or completes", lambda row: row.shot.lead),
    ("part", "track, double, whole, chapter or frame", lambda row: row.shot.part),
    ("online", "1 where the file was there", lambda row: int(row.shot.online)),
    ("url", "where", lambda row: row.shot.url),
    ("proxy", "where a proxy of it is", lambda row: row.shot.proxy),
    ("id", "of the clip", lambda row: row.shot.id),
)  # fmt: skip


def as_csv(day: Day) -> bytes:
    """All files of the day, in the order of the wall clock."""
    about = beside(day)
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([name for name, _, _ in COLUMNS])
    for shot in day.shots:
        row = _Row(day, shot, about[shot.id])
        writer.writerow([_cell(read(row)) for _, _, read in COLUMNS])
    return codecs.BOM_UTF8 + table.getvalue().encode()


def _cell(value: Value) -> str | int | float:
    return cell(value) if isinstance(value, str) else "" if value is None else value
