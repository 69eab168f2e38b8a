"""Which device recorded a file, and on which of its cards: what shares one clock."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rushes.timecode import FLICKS, lasts
from rushes_match.kin import File
from rushes_match.names import camera_key, parsed, reel_key

_NUMBERS = re.compile(r"\d+", re.ASCII)
#: Whole seconds of wall clocks, and files written after the other is closed, may seem to overlap by so much.
_TOUCH = 2.0
_LETTER = re.compile(r"([A-Z]{1,2})\d{3,4}", re.ASCII)


def camera_of(file: File) -> str:
    """The camera's letter or name, by itself, by the clip's name or by its reel; "" where none tells."""
    if told := camera_key(file.text("camera")):
        return told
    for name in (file.text("clip_name"), file.filename):
        if letter := parsed(name).camera:
            return letter
    found = _LETTER.fullmatch(reel_key(file.text("reel")))
    return found[1] if found else ""


def reel_of(file: File) -> str:
    """The reel or roll, by itself or by the clip's name; "" where neither tells."""
    if told := file.text("reel"):
        return reel_key(told)
    return parsed(file.text("clip_name")).reel or parsed(file.filename).reel


def streams(
    files: Mapping[str, File], moments: Mapping[str, float], known: Mapping[str, str]
) -> dict[str, str]:
    """A name for the device of each file, the same for all that it recorded; the answer is by id.

    A camera is its letter, a device with a serial number or an id on the set's network is that. Any other is known by
    what it calls itself and by the names of its cards and folders without their numbers, unless two of these recorded
    at once: then each is taken for a device of its own. `moments` are when each began, in seconds by the wall clock;
    `known` names places as they were named before.
    """
    found: dict[str, str] = {}
    loose: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for id_, file in files.items():
        if sure := _sure(file):
            found[id_] = sure
        else:
            loose[f"{file.kind} {_series(file)}"][_place(file)].append(id_)
    for places in loose.values():
        apart = len(places) > 1 and _at_once(places, files, moments)
        for place, ids in places.items():
            name = known.get(place) or (place if apart else _series(files[ids[0]]))
            found |= dict.fromkeys(ids, name)
    return found


def place_of(file: File) -> str:
    """The card and folder by which a device is known where nothing else tells it; "" where something does."""
    return "" if _sure(file) else _place(file)


def _sure(file: File) -> str:
    if device := file.text("device"):
        return device
    if file.kind == "video" and (letter := camera_of(file)):
        return letter
    serial = file.text("serial")
    return f"{_called(file)} {serial}".strip() if serial else ""


def _called(file: File) -> str:
    return file.text("recorder") or file.text("model")


def _place(file: File) -> str:
    return f"{_called(file)} {file.card or file.volume}/{file.path.rpartition('/')[0]}".strip(" /")


def _series(file: File) -> str:
    """The place without numbers: SOUND2/20261122 and SOUND1/20261121 are one recorder's."""
    return _NUMBERS.sub("", _place(file)).strip(" /_-.") or _called(file) or file.kind


def _at_once(
    places: Mapping[str, Sequence[str]], files: Mapping[str, File], moments: Mapping[str, float]
) -> bool:
    """Whether two of the places were recorded to at one time, by their wall clocks."""
    spans = sorted(
        (moments[id_], moments[id_] + (lasts(files[id_].meta) or 0) / FLICKS, place)
        for place, ids in places.items()
        for id_ in ids
    )
    end, last = float("-inf"), ""
    for first, until, place in spans:
        if place != last and first < end - _TOUCH:
            return True
        if until > end:
            end, last = until, place
    return False


def roll_of(file: File) -> str:
    """The card, reel or folder that it was recorded on."""
    return reel_of(file) or file.card or file.volume
