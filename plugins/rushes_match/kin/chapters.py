"""Files that continue one another: chapters of action cameras, spans of cameras, splits of recorders, single frames.

A name that counts chapters is proof. Where a name only counts files, exact timecode decides, and a size at which
writers split: a camera whose timecode runs while it records makes all its clips look like one otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rushes.timecode import FLICKS
from rushes_match.items import DAY_FLICKS
from rushes_match.kin.files import File
from rushes_match.kin.part import Part, PartKind
from rushes_match.names import normal, parsed

#: Two frames of the slowest rate: what a splitting writer may be off.
_TOUCH = FLICKS // 12

#: Sizes at which files are split, and how far below the last whole buffer may end.
_LIMITS = (2 * 10**9, 2**31, 4 * 10**9, 2**32, 12 * 10**9, 12 * 2**30)
_SLACK = 0.03

#: Series and number, in names of one folder.
_GOPRO = re.compile(r"(?P<series>g[xhl])(?P<number>\d{2})(?P<clip>\d{4})", re.ASCII)
_GOPRO_OLD = re.compile(r"(?:gopr|gp(?P<number>\d{2}))(?P<clip>\d{4})", re.ASCII)
_RED = re.compile(r"(?P<series>.+)_(?P<number>\d{3})", re.ASCII)
_CANON = re.compile(r"(?P<series>.+_canon)_(?P<number>\d{2})", re.ASCII)
_FRAME = re.compile(r"(?P<series>.*?)_?(?P<number>\d{5,8})", re.ASCII)
_COUNTED = re.compile(r"(?P<series>.*?)(?P<number>\d{1,6})", re.ASCII)

_FRAMES = frozenset({"ari", "arx", "dpx", "exr", "dng"})


def chapters(files: Iterable[File]) -> dict[str, tuple[Part, ...]]:
    """The first file of each recording that has more, with those that continue it, in order."""
    sure: dict[tuple[str, ...], list[tuple[int, File]]] = defaultdict(list)
    counted: dict[tuple[str, ...], list[tuple[int, File]]] = defaultdict(list)
    for file in files:
        if file.kind not in {"video", "audio", "image"}:
            continue
        place = file.folder, file.role, file.filename.rpartition(".")[2].lower()
        if found := _series(file):
            sure[*place, *found[:2]].append((found[2], file))
        elif file.kind != "image" and (match := _COUNTED.fullmatch(normal(file.filename))):
            counted[*place, match["series"]].append((int(match["number"]), file))
    runs = [([file for _, file in _ordered(group)], _kind(series)) for series, group in sure.items()]
    for group in counted.values():
        runs += [(run, "chapter") for run in _continued(_ordered(group))]
    return {run[0].id: tuple(Part(file.id, kind) for file in run[1:]) for run, kind in runs if len(run) > 1}


def _kind(series: Sequence[str]) -> PartKind:
    return "frame" if series[-2] == "frame" else "chapter"


def _series(file: File) -> tuple[str, str, int] | None:
    """Kind of name, series and number of a name that counts chapters or frames."""
    name, extension = normal(file.filename), file.filename.rpartition(".")[2].lower()
    if extension in _FRAMES:
        match = _FRAME.fullmatch(name)
        return ("frame", match["series"], int(match["number"])) if match else None
    if file.kind != "video":
        return None
    if match := _GOPRO.fullmatch(name):
        return "gopro", match["series"] + match["clip"], int(match["number"])
    if match := _GOPRO_OLD.fullmatch(name):
        return "gopro", "gp" + match["clip"], int(match["number"] or 0)
    if match := _CANON.fullmatch(name):
        return "canon", match["series"], int(match["number"])
    if extension == "r3d" and (match := _RED.fullmatch(name)) and parsed(match["series"]).index:
        return "red", match["series"], int(match["number"])
    return None


def _ordered(group: list[tuple[int, File]]) -> list[tuple[int, File]]:
    return sorted(group, key=lambda pair: (pair[0], pair[1].filename, pair[1].id))


def _continued(group: list[tuple[int, File]]) -> Iterator[list[File]]:
    """Runs of files with successive numbers, each beginning where a full one ended."""
    run: list[tuple[int, File]] = []
    for number, file in group:
        if run and not (number == run[-1][0] + 1 and _touch(run[-1][1], file) and _full(run[-1][1])):
            yield [before for _, before in run]
            run = []
        run.append((number, file))
    if run:
        yield [before for _, before in run]


def _full(file: File) -> bool:
    return any(limit * (1 - _SLACK) <= file.size <= limit for limit in _LIMITS)


def _touch(before: File, after: File) -> bool:
    if before.ends is None or after.starts is None:
        return False
    gap = (after.starts - before.ends) % DAY_FLICKS
    return min(gap, DAY_FLICKS - gap) <= _TOUCH
