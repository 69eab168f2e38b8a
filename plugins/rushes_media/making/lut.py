"""The look files that a person named, made ready for ffmpeg: one CDL, and tables over inputs from 0 to 1.

ffmpeg reads neither the ranges nor the shapers of Resolve's .cube files, and does not know where a domain begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rushes import ConfigError
from rushes_media import looks
from rushes_media.looks.values import Correction, Look, Table, Triple
from rushes_media.making.grade import Grade, Lut


def prepare(lut: Path | None, cdl: Path | None, folder: Path | None) -> Grade:
    """The grade that the files mean. Tables are written to `folder`; without one, they are only checked.

    ConfigError when a file is not what it should be, OSError when it cannot be read.
    """
    correction = None if cdl is None else _correction(cdl)
    if lut is None:
        return Grade(cdl=correction)
    table = _usable(lut, "lut", "cube").table
    assert table is not None
    return Grade(cdl=correction, luts=() if folder is None else _written(lut, table, folder))


def _usable(path: Path, option: str, kind: str) -> Look:
    """What the file holds; ConfigError where that is no look of that kind."""
    if not looks.is_look(path):
        raise ConfigError(
            f"{option} is {str(path)!r}: its name must end with .cube, .cdl, .cc or .ccc", option=option
        )
    look = looks.read(path)
    if look.problem:
        raise ConfigError(f"{option} {path.name} cannot be used: {look.problem}", option=option)
    if look.kind != kind:
        other = {"lut": "cdl", "cdl": "lut"}[option]
        raise ConfigError(f"{option} is {path.name}, a {look.kind}; give it as {other}", option=option)
    return look


def _correction(path: Path) -> Correction:
    found = _usable(path, "cdl", "cdl").corrections
    if len(found) != 1:
        raise ConfigError(
            f"cdl {path.name} holds {len(found)} corrections; give a file with the one you mean", option="cdl"
        )
    return found[0]


def _written(source: Path, table: Table, folder: Path) -> tuple[Lut, ...]:
    """The tables of a .cube as files of their own; a shaper's output is laid over the inputs of its cube."""
    entries = list(_entries(source))
    if table.type != "1D+3D":
        cubic = table.type == "3D"
        path = _write(folder, entries, cubic=cubic)
        return (Lut(path=path, cubic=cubic, low=table.low, high=table.high),)
    shaper = [
        _triple(
            (value - low) / (high - low)
            for value, low, high in zip(entry, table.low, table.high, strict=True)
        )
        for entry in entries[: table.shaper]
    ]
    low, high = (table.shaper_low,) * 3, (table.shaper_high,) * 3
    return (
        Lut(path=_write(folder, shaper, cubic=False), cubic=False, low=low, high=high),
        Lut(path=_write(folder, entries[table.shaper :], cubic=True), cubic=True),
    )


def _entries(path: Path) -> Iterator[Triple]:
    """The colours in a file that was checked."""
    for line in path.read_text("utf-8-sig", "replace").splitlines():
        words = line.split()
        if len(words) == 3 and not words[0].startswith("#") and not words[0][0].isalpha():
            yield _triple(map(float, words))


def _write(folder: Path, entries: Sequence[Triple], *, cubic: bool) -> str:
    size = round(len(entries) ** (1 / 3)) if cubic else len(entries)
    name = f"LUT_{3 if cubic else 1}D_SIZE"
    path = folder / f"{name.lower()}.cube"
    lines = (" ".join(f"{value:.9g}" for value in entry) for entry in entries)
    path.write_text(f"{name} {size}\n" + "\n".join(lines) + "\n", "ascii")
    return str(path)


def _triple(numbers: Iterator[float]) -> Triple:
    red, green, blue = numbers
    return red, green, blue
