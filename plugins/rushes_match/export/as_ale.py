"""A day as Avid Log Exchange: a file for each rate that timecode counts at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rushes.timecode import Rate, Timecode
from rushes_match.export.harmless import line
from rushes_match.export.shot import Day, Shot
from rushes_match.export.sounds import Beside, beside, sound_timecode

_FORMATS = {1080: "1080", 720: "720", 576: "PAL", 486: "NTSC"}


@dataclass(frozen=True, slots=True)
class _Row:
    shot: Shot
    start: Timecode
    frames: int
    sounds: Sequence[Shot]
    sound_start: Timecode | None
    date: str


def _text(*names: str) -> Callable[[_Row], str]:
    return lambda row: next((told for name in names if (told := row.shot.text(name))), "")


#: Name and how it is read; those that Avid has by these names are its own.
COLUMNS: tuple[tuple[str, Callable[[_Row], str]], ...] = (
    ("Name", lambda row: row.shot.text("clip_name") or row.shot.filename.rpartition(".")[0] or row.shot.filename),
    ("Tracks", lambda row: _tracks(row.shot)),
    ("Start", lambda row: str(row.start)),
    ("End", lambda row: str(row.start + row.frames)),
    ("Duration", lambda row: str(Timecode.from_frames(row.frames, row.start.rate))),
    ("Tape", lambda row: row.shot.text("reel") or row.shot.card),
    ("Reel", _text("reel")),
    ("Scene", _text("scene")),
    ("Slate", _text("slate")),
    ("Take", _text("take")),
    ("Circled", lambda row: "Yes" if row.shot.meta.get("circled") is True else ""),
    ("Comments", _text("note")),
    ("Camera", _text("camera")),
    ("Camroll", lambda row: (row.shot.text("reel") or row.shot.card) if row.shot.picture else ""),
    ("Soundroll", lambda row: ", ".join(dict.fromkeys(each.text("reel") or each.card for each in row.sounds))),
    ("Sound TC", lambda row: str(row.sound_start or "")),
    ("Sound File", lambda row: ", ".join(each.filename for each in row.sounds)),
    ("Track Names", _text("tracks")),
    ("Audio SR", _text("sample_rate")),
    ("Frame Rate", _text("rate")),
    ("Image Size", lambda row: _size(row.shot)),
    ("Lens", _text("lens")),
    ("ISO", _text("iso")),
    ("Shutter", _text("shutter")),
    ("White Balance", _text("white_balance")),
    ("Shoot Date", lambda row: row.date),
    ("Source File", lambda row: row.shot.filename),
    ("Source Path", lambda row: f"{row.shot.card}/{row.shot.path}" if row.shot.card else row.shot.path),
)  # fmt: skip


def as_ale(day: Day) -> Mapping[Rate, bytes]:
    """By rate, without regard to drop frame, whose labels tell it themselves: every file with timecode and length.

    UTF-8, tabs, CRLF. End is the label after the last frame, over midnight too.
    """
    about = beside(day)
    shots = {shot.id: shot for shot in day.shots}
    groups: dict[Fraction, list[_Row]] = defaultdict(list)
    for shot in day.shots:
        if shot.label is not None and shot.counted:
            groups[shot.label.rate.exact].append(
                _row(shot, shot.label, shot.counted, about[shot.id], shots, day.date)
            )
    return {Rate.parse(exact): _file(Rate.parse(exact), rows) for exact, rows in sorted(groups.items())}


def _row(
    shot: Shot, start: Timecode, frames: int, about: Beside, shots: Mapping[str, Shot], date: str
) -> _Row:
    if not shot.picture:
        return _Row(shot, start, frames, [shot], start, date)
    sounds = [shots[sync.sound] for sync in about.syncs] or list(about.partners)
    first = about.syncs[0] if about.syncs else None
    sound_start = sound_timecode(shot, shots[first.sound], first) if first else None
    return _Row(shot, start, frames, sounds, sound_start, date)


def _file(rate: Rate, rows: Sequence[_Row]) -> bytes:
    clocks = [row.shot.clock for row in rows if row.shot.text("sample_rate")]
    head = [
        "Heading",
        "FIELD_DELIM\tTABS",
        f"VIDEO_FORMAT\t{_format(rows)}",
        f"AUDIO_FORMAT\t{max(set(clocks), key=clocks.count, default=48_000) / 1000:g}khz",
        f"FPS\t{rate.name}",
        "",
        "Column",
        "\t".join(name for name, _ in COLUMNS),
        "",
        "Data",
    ]
    data = ["\t".join(line(read(row)) for _, read in COLUMNS) for row in rows]
    return "\r\n".join([*head, *data, ""]).encode()


def _format(rows: Sequence[_Row]) -> str:
    heights = {row.shot.meta.get("height") for row in rows if row.shot.picture}
    return _FORMATS.get(
        max((height for height in heights if isinstance(height, int)), default=1080), "CUSTOM"
    )


def _tracks(shot: Shot) -> str:
    channels = shot.meta.get("channels")
    sound = "".join(f"A{number}" for number in range(1, (channels if isinstance(channels, int) else 0) + 1))
    return f"V{sound}" if shot.picture else sound or "A1"


def _size(shot: Shot) -> str:
    width, height = shot.text("width"), shot.text("height")
    return f"{width} x {height}" if width and height else ""
