"""Which device recorded a file, and on which of its cards: what shares one clock."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rushes.timecode import FLICKS, lasts
from rushes_match.kin import File
from rushes_match.names import camera_key, parsed, reel_key

_NUMBERS = re.compile(r"\d+", re.ASCII)
#: Whole seconds of wall clocks, and files written after the other is closed, may seem to overlap by so much.
_TOUCH = 2.0
_TAKE = re.compile(r"\.take$", re.ASCII | re.IGNORECASE)
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
    what it calls itself, unless that recorded to two places at once; then, or if it calls itself nothing, by the names
    of its cards and folders without their numbers too, and if two of these recorded at once, by its card and folder
    alone. `moments` are when each began, in seconds by the wall clock; `known` names places as they were named before.
    """
    found: dict[str, str] = {}
    loose: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for id_, file in files.items():
        if sure := _sure(file):
            found[id_] = sure
        else:
            loose[file.kind, _called(file)][_place(file)].append(id_)
    for (_, called), places in sorted(loose.items()):
        if called and not _at_once(places, files, moments) and not _at_one_timecode(places, files):
            names = dict.fromkeys(places, called)
        else:
            names = _by_series(places, files, moments)
        for place, ids in places.items():
            found |= dict.fromkeys(ids, known.get(place) or names[place])
    return found


def _by_series(
    places: Mapping[str, Sequence[str]], files: Mapping[str, File], moments: Mapping[str, float]
) -> dict[str, str]:
    """A name for each place, the same for those that differ by numbers alone and never recorded at once."""
    series: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for place, ids in places.items():
        series[_series(files[ids[0]])][place] = ids
    names: dict[str, str] = {}
    for name, mine in series.items():
        apart = len(mine) > 1 and _at_once(mine, files, moments)
        shown = {place: _shown(files[ids[0]]) for place, ids in mine.items()}
        twice = Counter(shown.values())
        for place in mine:
            # Two cards may have one label: UNTITLED/DCIM/100CANON.
            names[place] = name if not apart else shown[place] if twice[shown[place]] == 1 else place
    return names


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


def _card(file: File) -> tuple[str, str, str]:
    """Volume, label and folder, without the folder that Zoom recorders make for each take."""
    return _without_takes(file.volume, file.card, file.path.rpartition("/")[0])


@lru_cache(4096)
def _without_takes(volume: str, card: str, folder: str) -> tuple[str, str, str]:
    folder = "/".join(name for name in folder.split("/") if not _TAKE.search(name))
    if _TAKE.search(volume):
        volume = volume.rpartition("/")[0]
        return volume, volume.rpartition("/")[2], folder
    return volume, card or volume, folder


def _place(file: File) -> str:
    volume, _, folder = _card(file)
    return f"{_called(file)} {volume}/{folder}".strip(" /")


def _shown(file: File) -> str:
    _, label, folder = _card(file)
    return f"{_called(file)} {label}/{folder}".strip(" /")


def _series(file: File) -> str:
    """The label and folder without numbers: SOUND2/20261122 and SOUND1/20261121 are one recorder's."""
    _, label, folder = _card(file)
    series = _NUMBERS.sub("", f"{label}/{folder}").strip(" /_-.")
    return f"{_called(file)} {series}".strip() or file.kind


def _at_once(
    places: Mapping[str, Sequence[str]], files: Mapping[str, File], moments: Mapping[str, float]
) -> bool:
    """Whether two of the places were recorded to at one time, by their wall clocks."""
    return _overlap(
        (moments[id_], moments[id_] + (lasts(files[id_].meta) or 0) / FLICKS, place)
        for place, ids in places.items()
        for id_ in ids
    )


def _at_one_timecode(places: Mapping[str, Sequence[str]], files: Mapping[str, File]) -> bool:
    """Whether two series of places tell the same time of day: two days of one device, or two devices on one day of
    which one has its date wrong.
    """
    return _overlap(
        (file.starts / FLICKS, file.ends / FLICKS, _series(file))
        for ids in places.values()
        for file in map(files.__getitem__, ids)
        if file.starts is not None and file.ends is not None
    )


def _overlap(spans: Iterable[tuple[float, float, str]]) -> bool:
    """Whether two of these, each from when to when of whom, are of different ones and overlap."""
    end, last = float("-inf"), ""
    for first, until, whose in sorted(spans):
        if whose != last and first < end - _TOUCH:
            return True
        if until > end:
            end, last = until, whose
    return False
