"""What a record says that files can be found by, read once out of its JSON (reference section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from rushes import Record
from rushes_match import names
from rushes_match.kin.reading import at, flag, number, text
from rushes_match.kin.times import DAY, Span, Wall, clock

#: The kind of file that each kind of record is about.
ABOUT: Mapping[str, Literal["video", "audio"]] = {"video": "video", "sound": "audio"}


class Statement(Struct, frozen=True, kw_only=True, gc=False):
    """Names and what is `spelled` are as they were told, keys as `names` writes them, "" where nobody told."""

    id: str
    device: str
    about: Literal["video", "audio"]
    data: Mapping[str, Any]
    rate: str = ""
    seen: float = 0.0
    manual: bool = False
    names: tuple[str, ...] = ()
    squashed: frozenset[str] = frozenset()
    places: frozenset[tuple[str, str]] = frozenset()
    roll: str = ""
    camera: str = ""
    scene: str = ""
    slate: str = ""
    take: str = ""
    spelled_scene: str = ""
    spelled_slate: str = ""
    span: Span | None = None
    wall: Wall | None = None


#: What was read lately: a session's records are looked at again whenever one comes in, thousands of them.
_LATELY: dict[str, tuple[Record, Statement | None]] = {}
_MOST = 25_000


def statement(record: Record) -> Statement | None:
    """What a record of a recording says; None for a tombstone, and for what is about no recording."""
    known = _LATELY.get(record.id)
    if known is not None and known[0] is record:
        return known[1]
    if len(_LATELY) >= _MOST:
        _LATELY.clear()
    said = _statement(record)
    _LATELY[record.id] = record, said
    return said


def _statement(record: Record) -> Statement | None:
    about = ABOUT.get(record.kind)
    if about is None or record.deleted:
        return None
    data = record.data
    told = dict.fromkeys(name for name in (text(data, "clipName"), text(data, "fileName")) if name)
    roll = names.reel_key(text(data, "camRoll" if about == "video" else "soundroll"))
    scene, slate = numbered(data, "scene"), numbered(data, "slate")
    return Statement(
        id=record.id,
        device=record.device,
        about=about,
        data=data,
        rate=record.rate,
        seen=record.seen,
        manual=flag(data, "isManual") is True,
        names=tuple(told),
        squashed=frozenset(filter(None, map(names.squashed, told))),
        places=frozenset(_places(tuple(told), roll)),
        roll=roll,
        camera=names.camera_key(text(data, "camera", "name")),
        scene=names.scene_key(scene),
        slate=names.scene_key(slate),
        spelled_scene=scene,
        spelled_slate=slate,
        take=names.take_key(text(data, "take", "number"))[0],
        span=_span(data, record.rate),
        wall=_wall(data),
    )


def numbered(data: Any, name: str) -> str:
    """Number and addition of a scene or slate: "14A"; a dash keeps "14-2" apart from 142. Else the label's."""
    thing = at(data, name)
    if not thing:
        thing = at(data, "clipLabel", name)
        if not thing:
            return ""
    count, more = text(thing, "number"), text(thing, "additional")
    dash = "-" if count[-1:].isdecimal() and more[:1].isdecimal() else ""
    return f"{count}{dash}{more}"


def _places(told: tuple[str, ...], roll: str) -> list[tuple[str, str]]:
    """Reel and index, out of a whole name, or of the roll and a name that only counts."""
    found = []
    for name in told:
        parsed = names.parsed(name)
        if parsed.index:
            found.append((parsed.reel, parsed.index))
        elif roll and (index := names.index_key(name)):
            found.append((roll, index))
    return found


def _span(data: Any, rate: str) -> Span | None:
    seconds = number(data, "tcStartSeconds")
    if seconds is None or not 0 <= seconds < DAY:
        return None
    start = clock(seconds, number(data, "tcStartFrames") or 0, rate)
    until = number(data, "tcStopSeconds")
    if until is None or not 0 <= until < DAY:
        return Span(start)
    length = (clock(until, number(data, "tcStopFrames") or 0, rate) - start) % DAY
    return Span(start, length or None)


def _wall(data: Any) -> Wall | None:
    """When it was created; else noon of its project day, from which the day is at most as far as a zone may be."""
    created = number(data, "created")
    if created is not None and created > 0:
        return Wall(created / 1000)
    try:
        day = datetime.fromisoformat(text(data, "projectDay", "date"))
    except ValueError:
        return None
    return Wall(day.replace(hour=12, tzinfo=UTC).timestamp())
