"""Files and records made by hand, for the tests of kin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rushes import Link, Record
from rushes.timecode import timespan
from rushes_match.kin import File, Kinship

#: The morning of a shooting day, in seconds since the epoch.
MORNING = datetime(2026, 9, 14, 8, tzinfo=UTC).timestamp()
DAY = 86400


def file(
    name: str,
    timecode: str = "",
    seconds: int = 30,
    *,
    id: str = "",  # noqa: A002 - the name of the field
    volume: str = "v",
    card: str = "",
    kind: str = "",
    role: str = "original",
    modified: float = 0.0,
    **meta: Any,
) -> File:
    """A file at 25 frames a second; its id is its path unless told."""
    told: dict[str, Any] = {"timecode_rate": "25", "rate": "25", "frames": seconds * 25, **meta}
    if timecode:
        told["timecode"] = timecode
    starts, ends = timespan(told)
    filename = name.rpartition("/")[2]
    return File(
        id=id or f"{volume if volume != 'v' else ''}{name}",
        filename=filename,
        path=name,
        volume=volume,
        card=card,
        kind=kind or ("audio" if filename.upper().endswith((".WAV", ".MP3")) else "video"),
        role=role,
        meta=told,
        starts=starts,
        ends=ends,
        modified=modified,
    )


def record(
    id: str,  # noqa: A002 - the name of the field
    timecode: str = "",
    seconds: int = 30,
    *,
    kind: str = "video",
    device: str = "00000000000000a1",
    at: float | None = None,
    rate: str = "25",
    **data: Any,
) -> Record:
    """What a device says of a clip; `at` is when it began, in seconds since the epoch."""
    told = {"id": id, "type": kind, "version": {device: 1}, **data}
    if timecode:
        told |= _labels(timecode, seconds)
    if at is not None:
        told["created"] = int(at * 1000)
    return Record(id=id, source="hub", kind=kind, device=device, data=told, rate=rate)


def clap(id: str, timecode: str, at: float, **slate: Any) -> Record:  # noqa: A002 - the name of the field
    """A clap, heard at `at`."""
    label = _labels(timecode, 0)
    data = {
        "type": "clap",
        "timecode": {"seconds": label["tcStartSeconds"], "frames": label["tcStartFrames"]},
        "slateInfo": slate,
    }
    return Record(id=id, source="hub", kind="clap", device="d1", data=data, seen=at)


def states(kin: Kinship, clip: str) -> Mapping[str, str]:
    """The state of each link of a clip, by the other end."""
    return {link.other: link.state for link in kin[clip].links} if clip in kin else {}


def links(kin: Kinship) -> list[Link]:
    return [link for said in kin.values() for link in said.links]


def matched(kin: Kinship) -> set[tuple[str, str]]:
    return {(link.clip, link.other) for link in links(kin) if link.state == "matched"}


def _labels(timecode: str, seconds: int) -> dict[str, int]:
    hours, minutes, secs, frames = map(int, timecode.replace(";", ":").split(":"))
    start = hours * 3600 + minutes * 60 + secs
    return {
        "tcStartSeconds": start,
        "tcStartFrames": frames,
        "tcStopSeconds": (start + seconds) % DAY,
        "tcStopFrames": frames,
    }
