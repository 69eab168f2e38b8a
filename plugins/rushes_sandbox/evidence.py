"""What there is to know of one clip, put together: its line in the demo's table, and what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av

from rushes.timecode import Timecode
from rushes_sandbox.bwf import first_sample
from rushes_sandbox.card import CardFile
from rushes_sandbox.shoot import SetFile

ROUTES = {"video": "dailies", "audio": "sound", "image": "stills"}

#: Route of pictures that devices of the set recorded.
SET_ROUTE = "set"

#: Timecode rate of the set.
SET_RATE = "25"

SAMPLE_RATE = 48_000


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One clip. Sizes in bytes; `resent` counts bytes that arrived more often than once.

    `take` (scene-slate-take), `circled` and `record_timecode` are those of its record, empty where no device of the set
    recorded it. `sound` is what was matched with a picture of the set, by name. `proxy` is the name of the file made of
    it, empty where the original was sent; `timecode` is the start of what was sent, empty where it has none. `channel`
    is the device model of its channel, empty for the primary. `problem` is empty when the asset is there, whole, alone,
    the same bytes, on its channel, and record and sound agree.
    """

    name: str
    route: str
    device: str = ""
    take: str = ""
    circled: bool = False
    record_timecode: str = ""
    sound: str = ""
    proxy: str = ""
    timecode: str = ""
    channel: str = ""
    size: int = 0
    parts: int = 0
    resent: int = 0
    sha256: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the pipeline says it did, what the service holds, what the ledger remembers, and where the originals lie.

    `day` is what was really shot; `sound` tells, by picture, which sound files the pipeline matched with it.
    """

    day: Sequence[SetFile]
    sound: Mapping[str, Sequence[str]]
    jobs: Sequence[Mapping[str, Any]]
    complete: Mapping[str, Mapping[str, Any]]
    records: Mapping[str, Mapping[str, Any]]
    card: Path
    media: Path
    copies: Path

    def jobs_of(self, filename: str) -> list[Mapping[str, Any]]:
        """A job is called by its clip, with or without the extension."""
        return [job for job in self.jobs if job["name"] in {filename, Path(filename).stem}]

    def of_card(self, file: CardFile) -> tuple[Delivered, str]:
        """The line of a clip of the card, and the id of its asset."""
        clip, asset = self._sent(file.filename, ROUTES[file.kind])
        if asset is None:
            return clip, ""
        proxied = file.kind == "video"
        sent = next(iter(self.copies.rglob(asset["name"])), None) if proxied else self.card / file.path
        clip = replace(
            clip,
            proxy=str(asset["name"]) if proxied else "",
            timecode=file.timecode if proxied else "",
            problem=_difference(sent, asset["sha256"])
            or _wrong_pictures(sent, file)
            or _wrong_channel(clip, ""),
        )
        return clip, str(asset["id"])

    def of_set(self, shot: SetFile) -> tuple[Delivered, str]:
        """The line of what a device of the set recorded, and the id of its asset."""
        record = self.records.get(shot.clip)
        clip, asset = self._sent(shot.filename, ROUTES["audio"] if shot.kind == "audio" else SET_ROUTE)
        sound = ", ".join(self.sound.get(shot.filename, ()))
        clip = replace(clip, device=shot.device, sound=sound, **({} if record is None else _told(record)))
        if asset is None:
            return clip, ""
        sent = self.media / shot.path
        if not (problem := _difference(sent, asset["sha256"])):
            clip = replace(clip, timecode=_start(sent, shot.kind))
            problem = (
                _wrong_channel(clip, shot.device)
                or _wrong_record(clip, shot, record)
                or self._wrong_sound(clip, shot)
            )
        return replace(clip, problem=problem), str(asset["id"])

    def _wrong_sound(self, clip: Delivered, shot: SetFile) -> str:
        if shot.kind == "audio":
            return ""
        takes = [one.filename for one in self.day if one.kind == "audio" and one.take == shot.take]
        true = ", ".join(sorted(takes))
        return "" if clip.sound == true else f"its sound is {true or 'none'}, not {clip.sound or 'none'}"

    def _sent(self, filename: str, route: str) -> tuple[Delivered, Mapping[str, Any] | None]:
        """What became of a clip; without its asset the line says why."""
        clip, mine = Delivered(name=filename, route=route), self.jobs_of(filename)
        done = [job for job in mine if job["route"] == route and job["state"] == "done"]
        if len(mine) != 1 or not done:
            return replace(clip, problem=f"not delivered once: {states(mine)}"), None
        step = next(step for step in done[0]["steps"] if step["component"] == "frameio")
        asset = self.complete.get(step["receipt"]["id"])
        if asset is None:
            return replace(clip, problem="its asset is not complete"), None
        clip = replace(
            clip,
            channel=asset["channel_model"],
            size=asset["filesize"],
            parts=len(asset["parts"]),
            resent=sum(part["bytes_received"] for part in asset["parts"]) - asset["filesize"],
            sha256=asset["sha256"],
        )
        return clip, asset


def _difference(sent: Path | None, sha256: str) -> str:
    if sent is None:
        return "the disk sink has no copy of its proxy"
    if not sent.is_file():
        return "its original is not there"
    with sent.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != sha256:
            return "the asset's bytes are not those that were sent"
    return ""


def _wrong_pictures(sent: Path | None, file: CardFile) -> str:
    if sent is None or file.kind != "video":
        return ""
    labels, frames = _pictures(sent)
    if labels != {file.timecode}:
        return f"the proxy's timecode is {labels or 'absent'}, the original's {file.timecode}"
    return "" if frames == file.frames else f"the proxy has {frames} frames, the original {file.frames}"


def _wrong_channel(clip: Delivered, device: str) -> str:
    if clip.channel == device:
        return ""
    return f"it is on {clip.channel or 'the primary channel'}, not on {device or 'the primary channel'}"


def _wrong_record(clip: Delivered, shot: SetFile, record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "no record of it arrived"
    for what, told, true in (
        ("file", record.get("fileName"), shot.filename),
        ("take", clip.take, shot.take),
        ("circled", clip.circled, shot.circled),
        ("timecode", clip.record_timecode, shot.timecode),
    ):
        if told != true:
            return f"its record says {what} {told}, the set {true}"
    if clip.timecode != clip.record_timecode:
        return f"the file's timecode is {clip.timecode or 'absent'}, its record's {clip.record_timecode}"
    return ""


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says, as a line has it."""
    scene, slate, take = (record.get(name) or {} for name in ("scene", "slate", "take"))
    named = [f"{part.get('number', '')}{part.get('additional', '')}" for part in (scene, slate, take)]
    seconds, frames = record.get("tcStartSeconds"), record.get("tcStartFrames")
    label = ""
    if seconds is not None and frames is not None:
        label = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"
    circled = record.get("circle") is True or take.get("printState") == 1
    return {"take": "-".join(named), "circled": circled, "record_timecode": label}


def _start(sent: Path, kind: str) -> str:
    """The timecode at which a file begins, read from its bytes; empty where it tells none."""
    if kind == "audio":
        sample = first_sample(sent)
        return "" if sample is None else str(Timecode.from_samples(sample, SAMPLE_RATE, SET_RATE))
    labels, _ = _pictures(sent)
    return labels.pop() if len(labels) == 1 else ""


def _pictures(path: Path) -> tuple[set[str], int]:
    """Every timecode that a movie tells, and its number of frames."""
    with av.open(str(path)) as container:
        frames = container.streams.video[0].frames
        labels = {stream.metadata.get("timecode") for stream in container.streams}
    return {label for label in labels if label}, frames


def states(jobs: Sequence[Mapping[str, Any]]) -> str:
    """What became of some jobs, for people."""
    return (
        "; ".join(f"{job['route']} {job['state']} {job['reason'] or ''}".strip() for job in jobs) or "no job"
    )
