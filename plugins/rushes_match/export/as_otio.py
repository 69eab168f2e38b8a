"""A timeline as an OpenTimelineIO file. Imports opentimelineio: for a worker, not for the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import opentimelineio as otio

from rushes.timecode import Timecode
from rushes_match.export.layout import Placed, Timeline, Track
from rushes_match.export.shot import Day, Shot, nearest

_PROXY = "proxy"
_ABOUT = "sync is about right: check it"
_TOLD = (
    "scene", "slate", "take", "circled", "waste", "mos", "reel", "camera", "clip_name", "note", "project", "lens",
    "tracks", "channels", "timecode", "timecode_rate", "user_bits",
)  # fmt: skip


def as_otio(day: Day, timeline: Timeline, name: str) -> bytes:
    """The file: a Timeline with the day's date."""
    made = otio.schema.Timeline(
        name=name,
        global_start_time=_time(timeline.start, timeline.rate.exact),
        metadata={
            "rushes": {
                "day": day.date,
                "rate": timeline.rate.name,
                "drop_frame": bool(timeline.rate.dropped),
                "start": str(Timecode.from_frames(timeline.start, timeline.rate)),
            }
        },
    )
    marks = _Marks.of(day)
    for track in timeline.tracks:
        made.tracks.append(_track(track, day, marks))
    return str(made.to_json_string(indent=1)).encode()


@dataclass(frozen=True, slots=True)
class _Marks:
    """What an editor must know of clips: `waiting` are names of candidates, by either; `about` ids of files that lie
    over or under others as clocks say that were learned of takes alone.
    """

    waiting: Mapping[str, Sequence[str]]
    about: Collection[str]

    @classmethod
    def of(cls, day: Day) -> _Marks:
        """All of a day."""
        return cls(
            _waiting(day), {id_ for sync in day.syncs if sync.about for id_ in (sync.picture, sync.sound)}
        )


def _track(track: Track, day: Day, marks: _Marks) -> Any:
    kind = otio.schema.TrackKind.Video if track.picture else otio.schema.TrackKind.Audio
    made = otio.schema.Track(name=track.name, kind=kind)
    if track.loose:
        made.metadata["rushes"] = {"loose": True}
    end = 0
    for item in track.items:
        if item.at > end:
            made.append(otio.schema.Gap(source_range=_range(0, item.at - end, track.pace)))
        made.append(_clip(item, track.pace, day, marks))
        end = item.at + item.length
    return made


def _clip(item: Placed, pace: Fraction, day: Day, marks: _Marks) -> Any:
    shot = item.shot
    clip = otio.schema.Clip(
        name=PurePosixPath(shot.path).stem,
        source_range=_range(item.source, item.length, pace),
        metadata={"rushes": _said(shot)},
    )
    references = {otio.schema.Clip.DEFAULT_MEDIA_KEY: _reference(shot, shot.url or _place(shot), pace)}
    if shot.proxy:
        references[_PROXY] = _reference(shot, shot.proxy, pace)
    clip.set_media_references(references, otio.schema.Clip.DEFAULT_MEDIA_KEY)
    range_ = _range(item.source, item.length, pace)
    if shot.picture and shot.meta.get("circled") is True:
        clip.markers.append(_marker("circled", otio.schema.MarkerColor.GREEN, range_))
    if shot.id in marks.about:
        clip.metadata["rushes"]["sync"] = "about"
        if shot.picture:
            clip.markers.append(_marker(_ABOUT, otio.schema.MarkerColor.ORANGE, range_))
    if names := marks.waiting.get(shot.lead or shot.id):
        text = f"sound waits for a person: {', '.join(names)}"
        clip.markers.append(_marker(text, otio.schema.MarkerColor.RED, range_))
    if shot.picture and day.records.get(shot.id):
        clip.metadata["rushes"]["records"] = list(day.records[shot.id])
    return clip


def _reference(shot: Shot, url: str, pace: Fraction) -> Any:
    begins = nearest(shot.starts or 0, pace)
    length = nearest((shot.starts or 0) + (shot.length or 0), pace) - begins
    return otio.schema.ExternalReference(
        target_url=url,
        available_range=_range(begins, length, pace),
        metadata={"rushes": {"clip": shot.id, "card": shot.card, "path": shot.path, "online": shot.online}},
    )


def _place(shot: Shot) -> str:
    """Of a file that is not there now: its card and path, relative, for the name to relink by."""
    return quote(f"{shot.card}/{shot.path}" if shot.card else shot.path)


def _said(shot: Shot) -> dict[str, Any]:
    said: dict[str, Any] = {"clip": shot.id, "file": shot.filename, "card": shot.card}
    for name in _TOLD:
        value = shot.meta.get(name)
        if value is not None:
            said[name] = value.isoformat() if isinstance(value, datetime) else value
    if shot.label is not None:
        said["start"] = str(shot.label)
    return said


def _waiting(day: Day) -> Mapping[str, Sequence[str]]:
    """Names of the clips of which a person has to say whether they are a picture's sound, by either."""
    names = {shot.id: shot.filename for shot in day.shots}
    found: dict[str, list[str]] = {}
    for bond in day.bonds:
        if bond.state == "ambiguous":
            for one, other in ((bond.picture, bond.sound), (bond.sound, bond.picture)):
                found.setdefault(one, []).append(names.get(other, other))
    return found


def _marker(name: str, colour: str, range_: Any) -> Any:
    return otio.schema.Marker(name=name, marked_range=range_, color=colour)


def _range(start: int, length: int, pace: Fraction) -> Any:
    return otio.opentime.TimeRange(_time(start, pace), _time(length, pace))


def _time(value: int, pace: Fraction) -> Any:
    return otio.opentime.RationalTime(value, float(pace))
