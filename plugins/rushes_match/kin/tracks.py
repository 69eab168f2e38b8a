"""Sound files of the same time: the tracks of one take, by the family that iXML tells, else by their names.

Sources: iXML 3.01 (FILE_SET), and names as Sound Devices, Zoom and Metacorder recorders give them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rushes.timecode import FLICKS
from rushes_match.kin.files import File
from rushes_match.kin.part import Part
from rushes_match.names import normal

#: Files of one take start together; what is further apart than this is another take under the same name.
_TOGETHER = FLICKS // 20

_ZOOM = re.compile(r"(?P<base>.+)_(?:tr(?P<number>\d{1,2})|tr\w{0,6}|lr)(?P<double>_d)?", re.ASCII)
_NUMBERED = re.compile(r"(?P<base>.+)_(?:ch|chan|iso|trk?|track|a|m)?(?P<number>\d{1,2}|l|r)", re.ASCII)
_NO_FAMILY = re.compile(r"[0\W_]*")


def tracks(files: Sequence[File]) -> dict[str, tuple[Part, ...]]:
    """Leads among the sound files, each with the files of the same time."""
    named: dict[tuple[str, ...], list[File]] = defaultdict(list)
    told: dict[tuple[str, ...], list[File]] = defaultdict(list)
    for file in files:
        if file.kind != "audio":
            continue
        family = file.text("family_uid")
        if not _NO_FAMILY.fullmatch(family):
            told[file.volume, family].append(file)
        else:
            for base in _bases(file):
                named[file.folder, base].append(file)
    found: dict[str, tuple[Part, ...]] = {}
    for group in _several(told).values():
        for take in _together(group):
            found.update(_family(take))
    taken: set[str] = set()
    for (_, base), group in sorted(_several(named).items(), key=lambda item: (len(item[0][1]), item[0])):
        free = [file for file in group if file.id not in taken]
        for take in _together(free):
            family_ = _family(_alike(take, base))
            taken |= family_.keys() | {part.id for parts in family_.values() for part in parts}
            found.update(family_)
    return found


def _several(groups: Mapping[tuple[str, ...], list[File]]) -> Mapping[tuple[str, ...], list[File]]:
    return {whose: group for whose, group in groups.items() if len(group) > 1}


def _bases(file: File) -> Iterator[str]:
    """Names of the take that this file may be a track of: its own too, it may be the poly file."""
    name = normal(file.filename)
    yield name
    if match := _ZOOM.fullmatch(name) or _NUMBERED.fullmatch(name):
        yield match["base"]


def _together(group: Iterable[File]) -> Iterator[list[File]]:
    """The files that start at one time; those that tell no time go together."""
    run: list[File] = []
    for file in sorted(group, key=lambda file: (file.starts is not None, file.starts or 0, file.id)):
        last = run[-1].starts if run else None
        apart = file.starts is None or last is None or file.starts - last > _TOGETHER
        if run and apart and not (file.starts is None and last is None):
            yield run
            run = []
        run.append(file)
    if run:
        yield run


def _alike(take: list[File], base: str) -> list[File]:
    """Those that names alone prove to be one take: of one length, a Zoom's or each with one channel."""
    zoom = [file for file in take if _ZOOM.fullmatch(normal(file.filename))]
    if zoom:
        return [file for file in take if file in zoom or normal(file.filename) == base]
    lengths: dict[int, list[File]] = defaultdict(list)
    for file in take:
        length = file.length
        mono = file.meta.get("channels") == 1
        if length is not None and (mono or normal(file.filename) == base):
            lengths[length].append(file)
    best = max(lengths.values(), key=len, default=[])
    tracks_ = [file for file in best if normal(file.filename) != base]
    return best if len(tracks_) > 1 else []


def _family(take: Sequence[File]) -> dict[str, tuple[Part, ...]]:
    if len(take) < 2:
        return {}
    lead, *rest = sorted(take, key=_rank)
    poly = _whole(lead)
    kinds = [
        Part(file.id, "double" if _double(file) else "whole" if poly or _whole(file) else "track")
        for file in rest
    ]
    return {lead.id: tuple(kinds)}


def _rank(file: File) -> tuple[bool, bool, int, str, str]:
    return _double(file), not _whole(file), _place(file), normal(file.filename), file.id


def _whole(file: File) -> bool:
    """Whether it says that it holds all tracks."""
    return file.text("family_files") == "1"


def _double(file: File) -> bool:
    match = _ZOOM.fullmatch(normal(file.filename))
    return bool(match and match["double"])


def _place(file: File) -> int:
    """Its place in the set, as iXML counts it (in hexadecimal digits), else as its name does."""
    try:
        return int(file.text("family_index"), 16)
    except ValueError:
        pass
    match = _ZOOM.fullmatch(normal(file.filename)) or _NUMBERED.fullmatch(normal(file.filename))
    number = (match["number"] or "") if match else ""
    return int(number) if number.isdecimal() else 99
