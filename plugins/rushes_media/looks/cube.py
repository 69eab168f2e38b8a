"""The .cube table of Iridas and Adobe (Cube LUT Specification 1.0) and of DaVinci Resolve.

Iridas says its input domain with DOMAIN_MIN and DOMAIN_MAX, Resolve with LUT_1D_INPUT_RANGE and
LUT_3D_INPUT_RANGE; a file of Resolve may hold both tables, the 1D one in front as a shaper. Comments may stand
anywhere. Entries are checked and counted, not kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from rushes_media.looks.values import Look, Table, Triple
from rushes_media.words import text

SIZES = {"LUT_1D_SIZE": range(2, 65_537), "LUT_3D_SIZE": range(2, 257)}
#: How many numbers each takes.
RANGES = {"DOMAIN_MIN": 3, "DOMAIN_MAX": 3, "LUT_1D_INPUT_RANGE": 2, "LUT_3D_INPUT_RANGE": 2}
MOST_LINE = 4096


@dataclass(slots=True)
class _Said:
    title: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, list[float]] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        return self.sizes.get("LUT_1D_SIZE", 0) + self.sizes.get("LUT_3D_SIZE", 0) ** 3

    def table(self) -> Table | None:
        one, three = (self.sizes.get(name, 0) for name in SIZES)
        if not one and not three:
            return None
        low, high = (
            _triple(self.ranges.get("DOMAIN_MIN", [0.0])),
            _triple(self.ranges.get("DOMAIN_MAX", [1.0])),
        )
        range_1d = self.ranges.get("LUT_1D_INPUT_RANGE")
        range_3d = self.ranges.get("LUT_3D_INPUT_RANGE")
        # Some writers give a lone cube the name of the other table's range.
        if told := range_3d or (range_1d if not (one and three) else None):
            low, high = _triple(told[:1]), _triple(told[1:])
        first, last = range_1d or (low[0], high[0])
        if one and three:
            return Table(type="1D+3D", shaper=one, low=low, high=high, shaper_low=first, shaper_high=last)
        return Table(type="1D" if one else "3D", low=low, high=high)


class _BadError(Exception):
    pass


def read(stream: BinaryIO) -> Look:
    """The table in a stream, read once from its beginning."""
    said = _Said()
    count = 0
    problem = ""
    try:
        for number, line in enumerate(_lines(stream), start=1):
            if not line or line.startswith("#"):
                continue
            if line[0].isalpha() and not line.lower().startswith(("nan", "inf")):
                if count and line.split()[0].upper() in {*SIZES, *RANGES}:
                    raise _BadError(f"line {number}: {text.line(line)[:40]!r} stands behind colours")
                _keyword(said, line, number)
                continue
            if not said.expected:
                raise _BadError(f"line {number}: a colour before LUT_1D_SIZE or LUT_3D_SIZE")
            _colour(line, number)
            count += 1
            if count > said.expected:
                raise _BadError(f"holds more than the {_means(said)}")
    except _BadError as bad:
        problem = str(bad)
    table = said.table()
    if not problem and table is None:
        problem = "not a cube: neither LUT_1D_SIZE nor LUT_3D_SIZE in it"
    elif not problem and count < said.expected:
        problem = f"truncated: holds {count} of the {_means(said)}"
    elif not problem and table is not None:
        problem = _bad_domain(table)
    size = said.sizes.get("LUT_3D_SIZE") or said.sizes.get("LUT_1D_SIZE", 0)
    return Look(kind="cube", title=said.title, size=size, table=table, problem=problem)


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Lines that end with CR, LF or CRLF, none of them without end."""
    first, old = True, ""
    while piece := stream.readline(MOST_LINE):
        told = piece.decode("utf-8-sig" if first else "utf-8", "replace")
        first = False
        if not told.endswith(("\n", "\r")) and len(piece) == MOST_LINE and "\r" not in told:
            raise _BadError("a line is longer than 4096 characters: not a cube")
        told = old + told
        # A Mac's lines come in pieces, the last of them cut.
        *whole, old = told.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from (one.strip() for one in whole)
    if old:
        yield old.strip()


def _keyword(said: _Said, line: str, number: int) -> None:
    word, _, rest = line.partition(" ") if " " in line else line.partition("\t")
    word, rest = word.strip().upper(), rest.strip()
    if word == "TITLE":
        said.title = text.line(rest.strip('"'))
    elif word in SIZES:
        if not rest.isdecimal() or len(rest) > 9 or int(rest) not in SIZES[word]:
            limits = SIZES[word]
            raise _BadError(
                f"line {number}: {word} is {limits[0]} to {limits[-1]}, not {text.line(rest)[:20]!r}"
            )
        said.sizes[word] = int(rest)
    elif word in RANGES:
        said.ranges[word] = _numbers(rest, RANGES[word], f"line {number}: {word}")


def _colour(line: str, number: int) -> None:
    _numbers(line, 3, f"line {number}: a colour")


def _numbers(told: str, wanted: int, what: str) -> list[float]:
    words = told.split()
    if len(words) != wanted:
        raise _BadError(f"{what} has {wanted} numbers, not {len(words)}")
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise _BadError(f"{what} has {wanted} numbers, not {text.line(told)[:40]!r}") from None
    if not all(map(math.isfinite, numbers)):
        raise _BadError(f"{what} has numbers that are none: {text.line(told)[:40]!r}")
    return numbers


def _means(said: _Said) -> str:
    sizes = " and ".join(f"{word} {size}" for word, size in said.sizes.items())
    return f"{said.expected} colours that {sizes} means"


def _bad_domain(table: Table) -> str:
    if any(low >= high for low, high in zip(table.low, table.high, strict=True)) or (
        table.shaper and table.shaper_low >= table.shaper_high
    ):
        return "its input domain is empty: the low end is not below the high one"
    return ""


def _triple(numbers: list[float]) -> Triple:
    if len(numbers) == 3:
        return (numbers[0], numbers[1], numbers[2])
    return (numbers[0], numbers[0], numbers[0])
