"""Which clips a peer asks for (reference 3.3): members are joined by AND, the entries of a list by OR."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rushes_masterlockit.formats.devices import device_key
from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.facts import DAY_SECONDS, Facts
from rushes_masterlockit.formats.strict import strict

_LABEL = re.compile(r"(\d\d?):(\d\d?):(\d\d?)[:;](\d\d?)", re.ASCII)

_LOCKIT = re.compile(r"[0-9a-f]{32}", re.ASCII)

_MIDNIGHT = (0, 0)
_DAY_END = (DAY_SECONDS, 0)


@dataclass(frozen=True, slots=True)
class Demand:
    """A filter that is None filters nothing.

    `clips` are as `clip_key` spells them, `devices` as `device_key` does; `timecode` is from and to, inclusive,
    over midnight when from is the later; `created` is inclusive, in ms since the epoch.
    """

    clips: frozenset[str] | None = None
    devices: frozenset[str] | None = None
    timecode: tuple[tuple[int, int], tuple[int, int]] | None = None
    created: tuple[int | None, int | None] | None = None

    @property
    def empty(self) -> bool:
        """Whether every clip is meant."""
        return self == _EVERYTHING

    def matches(self, clip: Facts) -> bool:
        """Whether a clip is meant; a deleted one never is.

        A clip without a timecode, or without a time of creation, is met by no filter on it. One of which only
        one end is known is as long as that frame.
        """
        return (
            not clip.deleted
            and (self.clips is None or clip_key(clip.id) in self.clips)
            and (self.devices is None or self._from_devices(clip))
            and (self.timecode is None or _meet(self.timecode, clip))
            and (self.created is None or _within(self.created, clip.created))
        )

    def _from_devices(self, clip: Facts) -> bool:
        assert self.devices is not None
        return clip.device in self.devices or any(device_key(editor) in self.devices for editor in clip.clock)


_EVERYTHING = Demand()


def clip_key(identity: str) -> str:
    """What two spellings of one clip's id have in common: Lockit's 32 lower hex digits, or another id as it is."""
    if _LOCKIT.fullmatch(identity):
        return identity
    digits = identity.replace("-", "").lower()
    return digits if _LOCKIT.fullmatch(digits) else identity


def parse_demand(data: bytes | Mapping[str, Any]) -> Demand:
    """A ClipDemand; members that nobody knows are passed over, null is absent. FormatError for anything else."""
    members = strict(data) if isinstance(data, bytes) else data
    if not isinstance(members, Mapping):
        raise FormatError("a clip demand is a JSON object")
    clips, devices = _texts(members, "clips"), _texts(members, "devices")
    first, last = _label(members, "timecodeFrom"), _label(members, "timecodeTo")
    since, until = _time(members, "creationFrom"), _time(members, "creationTo")
    return Demand(
        frozenset(map(clip_key, clips)) if clips else None,
        frozenset(map(device_key, devices)) if devices else None,
        None if first is None and last is None else (first or _MIDNIGHT, last or _DAY_END),
        None if since is None and until is None else (since, until),
    )


def _texts(members: Mapping[str, Any], name: str) -> list[str] | None:
    value = members.get(name)
    if value is None or (isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)):
        return value if value is None else list(value)
    raise FormatError(f"{name} of a clip demand is not a list of strings")


def _time(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if value is None or type(value) is int:
        return value
    raise FormatError(f"{name} of a clip demand is not a count of milliseconds")


def _label(members: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    match members.get(name):
        case None:
            return None
        case str(text) if parts := _LABEL.fullmatch(text):
            hours, minutes, seconds, frames = map(int, parts.groups())
            if hours < 24 and minutes < 60 and seconds < 60 and frames < 60:
                return (hours * 60 + minutes) * 60 + seconds, frames
        case {"seconds": int(seconds), "frames": int(frames)} if (
            0 <= seconds < DAY_SECONDS and 0 <= frames < 60 and bool not in {type(seconds), type(frames)}
        ):
            return seconds, frames
    raise FormatError(f"{name} of a clip demand is not a timecode HH:MM:SS:FF")


def _meet(wanted: tuple[tuple[int, int], tuple[int, int]], clip: Facts) -> bool:
    """Two stretches of the day meet where one begins within the other."""
    start, stop = clip.start or clip.stop, clip.stop or clip.start
    if start is None or stop is None:
        return False
    return _lies(wanted[0], start, stop) or _lies(start, *wanted)


def _lies(moment: tuple[int, int], start: tuple[int, int], stop: tuple[int, int]) -> bool:
    return start <= moment <= stop if start <= stop else moment >= start or moment <= stop


def _within(bounds: tuple[int | None, int | None], moment: int | None) -> bool:
    since, until = bounds
    return moment is not None and (since is None or moment >= since) and (until is None or moment <= until)
