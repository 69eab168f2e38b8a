"""Directories of a TIFF, which EXIF, DNG and most photo raw formats are (TIFF 6.0, EXIF 2.32, DNG 1.6).

Reads only the tags it is asked for, follows no offset twice and reads no value that is larger than any of them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

SUB_DIRECTORIES, EXIF, INTEROPERABILITY = 0x014A, 0x8769, 0xA005
MOST_DIRECTORIES = 40
MOST_ENTRIES = 2_000
MOST_BYTES = 1 << 20
#: The mark behind the byte order: TIFF, BigTIFF, Olympus (two), Panasonic.
MARKS = frozenset({42, 43, 0x4F52, 0x5352, 0x0055})
_FORMATS: Mapping[int, str] = {
    1: "B",
    2: "s",
    3: "H",
    4: "I",
    6: "b",
    7: "s",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    13: "I",
    5: "I",
    10: "i",
    16: "Q",
    17: "q",
    18: "Q",
}
_RATIONAL = frozenset({5, 10})

Value = bytes | tuple[int | float | Fraction, ...]


@dataclass(slots=True)
class Directory:
    """`tags` by number: bytes for text and opaque values, else numbers; a fraction without a denominator is none."""

    tags: dict[int, Value] = field(default_factory=dict)

    def text(self, tag: int) -> bytes:
        """The bytes of a text or an opaque value, which some write as numbers of one byte."""
        value = self.tags.get(tag, b"")
        return value if isinstance(value, bytes) else bytes(int(one) & 255 for one in value)

    def numbers(self, tag: int) -> tuple[int | float | Fraction, ...]:
        """The numbers of a tag, () where it holds none."""
        value = self.tags.get(tag, ())
        return value if isinstance(value, tuple) else ()

    def number(self, tag: int) -> Fraction | None:
        """The first number of a tag."""
        return next((Fraction(one) for one in self.numbers(tag)), None)

    def whole(self, tag: int) -> int | None:
        """The first number of a tag where it is whole."""
        told = self.number(tag)
        return int(told) if told is not None and told == int(told) else None


@dataclass(slots=True)
class Tiff:
    """`main` are the pictures of the file in order, `subs` those below the first; `problem` is one line."""

    main: list[Directory] = field(default_factory=list)
    subs: list[Directory] = field(default_factory=list)
    exif: Directory = field(default_factory=Directory)
    interoperability: Directory = field(default_factory=Directory)
    problem: str = ""


def is_tiff(head: bytes) -> bool:
    """Whether a file or a payload with this head is made of TIFF directories."""
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    return order is not None and len(head) >= 8 and struct.unpack(f"{order}H", head[2:4])[0] in MARKS


def read(stream: BinaryIO, size: int, wanted: frozenset[int]) -> Tiff:
    """The `wanted` tags of a TIFF that begins where the stream does and is `size` bytes long."""
    return _Reader(stream, size, wanted).read()


class _Reader:
    def __init__(self, stream: BinaryIO, size: int, wanted: frozenset[int]) -> None:
        self._stream, self._size = stream, size
        self._wanted = wanted | {SUB_DIRECTORIES, EXIF, INTEROPERABILITY}
        self._seen: set[int] = set()
        self.order, self._big = "<", False
        self.problem = ""

    def read(self) -> Tiff:
        head = self._bytes(0, 16)
        self.order = {b"II": "<", b"MM": ">"}[head[:2]]
        self._big = struct.unpack(f"{self.order}H", head[2:4])[0] == 43
        if len(head) < (16 if self._big else 8):
            return Tiff(problem="truncated: its header is cut")
        at: int = struct.unpack(
            f"{self.order}{'Q' if self._big else 'I'}", head[8:16] if self._big else head[4:8]
        )[0]
        tiff = Tiff()
        while at and len(self._seen) < MOST_DIRECTORIES:
            one, at = self.directory(at)
            tiff.main.append(one)
        if tiff.main:
            first = tiff.main[0]
            tiff.subs = [
                self.directory(int(at))[0] for at in first.numbers(SUB_DIRECTORIES)[:MOST_DIRECTORIES]
            ]
            if place := first.whole(EXIF):
                tiff.exif = self.directory(place)[0]
            if place := tiff.exif.whole(INTEROPERABILITY):
                tiff.interoperability = self.directory(place)[0]
        tiff.problem = self.problem
        return tiff

    def directory(self, at: int) -> tuple[Directory, int]:
        """The directory at a place and where the next one stands, 0 for none."""
        one = Directory()
        if at in self._seen or len(self._seen) >= MOST_DIRECTORIES:
            return one, 0
        self._seen.add(at)
        count_size, entry_size, place_size = (8, 20, 8) if self._big else (2, 12, 4)
        counted = self._bytes(at, count_size)
        if len(counted) < count_size:
            self.problem = (
                self.problem or f"truncated: a directory is at byte {at}, the file has {self._size}"
            )
            return one, 0
        count = int.from_bytes(counted, "little" if self.order == "<" else "big")
        if count > MOST_ENTRIES:
            self.problem = self.problem or f"damaged: a directory at byte {at} says it has {count} entries"
            return one, 0
        table = self._bytes(at + count_size, count * entry_size + place_size)
        for number in range(count):
            entry = table[number * entry_size : (number + 1) * entry_size]
            if len(entry) < entry_size:
                self.problem = self.problem or f"truncated: a directory at byte {at} is cut"
                return one, 0
            tag = struct.unpack(f"{self.order}H", entry[:2])[0]
            if tag in self._wanted and (value := self._value(entry)) is not None:
                one.tags[tag] = value
        following = table[count * entry_size :]
        return one, int.from_bytes(following, "little" if self.order == "<" else "big") if following else 0

    def _value(self, entry: bytes) -> Value | None:
        kind: int = struct.unpack(f"{self.order}H", entry[2:4])[0]
        code = _FORMATS.get(kind)
        place = entry[12:] if self._big else entry[8:]
        count: int = struct.unpack(
            f"{self.order}{'Q' if self._big else 'I'}", entry[4 : 12 if self._big else 8]
        )[0]
        if code is None or not count:
            return None
        parts = count * (2 if kind in _RATIONAL else 1)
        length = parts * struct.calcsize("=" + code.replace("s", "B"))
        if length > MOST_BYTES:
            return None
        if length <= len(place):
            raw = place[:length]
        else:
            at: int = struct.unpack(f"{self.order}{'Q' if self._big else 'I'}", place)[0]
            raw = self._bytes(at, length)
        if code == "s":
            return raw
        parts = len(raw) // struct.calcsize("=" + code)
        numbers = struct.unpack(f"{self.order}{parts}{code}", raw[: parts * struct.calcsize("=" + code)])
        if kind in _RATIONAL:
            pairs = zip(numbers[::2], numbers[1::2], strict=False)
            return tuple(Fraction(above, below) for above, below in pairs if below)
        return tuple(one for one in numbers if one - one == 0)  # neither infinite nor no number

    def _bytes(self, at: int, length: int) -> bytes:
        if at < 0 or at >= self._size:
            return b""
        self._stream.seek(at)
        return self._stream.read(min(length, self._size - at))
