"""What a file can be found by, read once out of its names and metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import lru_cache

from msgspec import Struct

from rushes.timecode import FLICKS
from rushes_match import names
from rushes_match.kin.files import File
from rushes_match.kin.named_day import named_day
from rushes_match.kin.times import ZONE_S, Span, Wall, read_label, seconds_of

#: What recorders and cameras put behind the name of the take or clip: a track, a span of RED or Canon.
_TAIL = re.compile(r"_(?:tr\w{1,4}|lr|\d{1,3}|[lr]|canon)(?:_d)?$", re.ASCII)


#: What a common name is worth by how far it tells a recording from others.
WORTH: Mapping[names.Weight, float] = {"unique": 0.9, "roll": 0.8, "take": 0.7, "generic": 0.5, "": 0.0}


class Portrait(Struct, frozen=True, kw_only=True, gc=False):
    """Keys are as `names` writes them. `squashed` are the names of the whole file, `cut` those without a tail."""

    file: File
    squashed: frozenset[str]
    cut: frozenset[str]
    weight: names.Weight
    places: frozenset[tuple[str, str]]
    reel: str
    rolls: frozenset[str]
    camera: str
    scene: str
    slate: str
    take: str
    span: Span | None
    exact: bool
    wall: Wall | None


def portrait(file: File) -> Portrait:
    """Of a file."""
    told = [file.filename]
    if clip_name := file.text("clip_name"):
        told.append(clip_name)
    parsed = [names.parsed(name) for name in told]
    named = next((one for one in parsed if one.index), parsed[0])
    reel = names.reel_key(file.text("reel"))
    span, exact = _span(file)
    rolls = _rolls(file.card, file.path.rpartition("/")[0])
    return Portrait(
        file=file,
        squashed=frozenset(filter(None, map(names.squashed, told))),
        cut=frozenset(_cut(name) for name in told if _cut(name)),
        weight=max((one.weight for one in parsed), key=WORTH.__getitem__),
        places=frozenset(_places(told, parsed, {reel, *rolls} - {""})),
        reel=reel or named.reel,
        rolls=rolls | {reel, named.reel} - {""},
        camera=names.camera_key(file.text("camera")) or named.camera,
        scene=names.scene_key(file.text("scene")),
        slate=names.scene_key(file.text("slate")),
        take=names.take_key(file.text("take"))[0],
        span=span,
        exact=exact,
        wall=_wall(file),
    )


@lru_cache(4096)
def _rolls(card: str, folder: str) -> frozenset[str]:
    return frozenset(names.reel_key(name) for name in (card, *folder.split("/")) if name)


def _cut(name: str) -> str:
    normal = names.normal(name)
    short = _TAIL.sub("", normal)
    return names.squashed(short) if short != normal else ""


def _places(told: list[str], parsed: list[names.Parsed], reels: set[str]) -> list[tuple[str, str]]:
    found = [(one.reel, one.index) for one in parsed if one.index]
    for name, one in zip(told, parsed, strict=True):
        if not one.index and (index := names.index_key(name)):
            found += [(reel, index) for reel in reels]
    return found


def _span(file: File) -> tuple[Span | None, bool]:
    """By its label as it is written; a file of samples without a label by real time, which is not `exact` a label."""
    length = file.length
    seconds = None if length is None else length / FLICKS
    start = read_label(file.text("timecode"), file.text("timecode_rate"))
    if start is not None:
        return Span(start, seconds), True
    if file.starts is not None:
        return Span(file.starts / FLICKS, seconds), False
    return None, False


def _wall(file: File) -> Wall | None:
    """By the clock of its device; else by the day in its name where its modification is of another day; else by that,
    which a copy may have made later.
    """
    for name in ("recorded", "created"):
        told = seconds_of(file.meta.get(name))
        if told is not None:
            return Wall(told)
    began = file.modified - (file.length or 0) / FLICKS if file.modified > 0 else None
    if day := named_day(file):
        noon = datetime.combine(day, time(12), UTC).timestamp()
        if began is None or abs(began - noon) > ZONE_S:
            return Wall(noon)
    return None if began is None else Wall(began, late=True)
