"""The iXML of a recorder's WAVE file, recovered where it is broken (iXML 3.01)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wavinfo.wave_ixml_reader import WavIXMLFormat

#: Functions of sync points that are a clap of the slate.
CLAPS = frozenset({"SLATE_GENERIC", "HEAD_SLATE", "TAIL_SLATE"})


class Ixml:
    """What the document of a payload says; one that cannot be read says nothing. Never raises."""

    def __init__(self, payload: bytes) -> None:
        text = payload.strip(b"\0 \r\n\t")
        self._root: Any = WavIXMLFormat(text).parsed.getroot() if text else None

    def text(self, place: str) -> str:
        """The text at a place such as "SPEED/NOTE"; "" without one."""
        return _text(self._root, place)

    def number(self, place: str) -> int | None:
        """The whole number there; None where there is none."""
        return _number(self.text(place))

    def sample(self, high: str, low: str) -> int | None:
        """A count in two words. Metacorder prints the low one as a signed number."""
        return _joined(self.text(high), self.text(low))

    def start(self) -> int | None:
        """The first sample since midnight: the timestamp, else the copy of bext."""
        since = "SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_"
        told = self.sample(f"{since}HI", f"{since}LO")
        return (
            self.sample("BEXT/BWF_TIME_REFERENCE_HIGH", "BEXT/BWF_TIME_REFERENCE_LOW")
            if told is None
            else told
        )

    def tracks(self) -> list[str]:
        """Names of the tracks in the order of the channels, "" for one without; [] where none has a name."""
        named = [
            (_number(_text(one, "INTERLEAVE_INDEX")) or 0, _text(one, "NAME"))
            for one in self._all("TRACK_LIST/TRACK")
        ]
        names = [name for _, name in sorted(named, key=lambda pair: pair[0])]
        return names if any(names) else []

    def claps(self, start: int | None) -> list[int]:
        """Samples since midnight of the claps; one that counts from the file's `start` needs that."""
        found = set()
        for point in self._all("SYNC_POINT_LIST/SYNC_POINT"):
            if _text(point, "SYNC_POINT_FUNCTION").upper() not in CLAPS:
                continue
            at = _joined(_text(point, "SYNC_POINT_HIGH"), _text(point, "SYNC_POINT_LOW"))
            if at is not None and _text(point, "SYNC_POINT_TYPE").upper() != "ABSOLUTE":
                at = None if start is None else start + at
            if at is not None:
                found.add(at)
        return sorted(found)

    def _all(self, place: str) -> Iterator[Any]:
        return iter(()) if self._root is None else iter(self._root.findall(place))


def _joined(high: str, low: str) -> int | None:
    low_word = _number(low)
    return None if low_word is None else ((_number(high) or 0) << 32) + (low_word & 0xFFFFFFFF)


def _text(element: Any, place: str) -> str:
    return "" if element is None else (element.findtext(place) or "").strip()


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None
