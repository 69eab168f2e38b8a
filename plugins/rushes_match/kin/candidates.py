"""Which records a file may belong to: found by names, by reel and index, or by the second at which they start."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rushes_match.kin.files import File
from rushes_match.kin.portrait import Portrait, portrait
from rushes_match.kin.statement import Statement
from rushes_match.kin.times import DAY, NEAR_S

#: So many of one name are judged, the nearest in timecode and by the wall: a counter is on every card of a show.
_MOST = 8
_BUCKET = 5

#: What records are found by: the kind that they are about, and a name or a reel and index.
Key = TypeVar("Key", bound=tuple[str, object])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look records up by. A record is worth judging where any of it holds:

    `names`: its clipName or fileName without folder, extension and everything but letters and digits, in lower case;
    `rolls`: the same of its camRoll begins with one of them, and the last number of its clipName without leading
    zeros is one of `indexes`;
    `starts`, `ends`: label seconds between which its tcStartSeconds or tcStopSeconds lie; the first is larger than
    the second across midnight, and None where the file has no timecode. A clap of the file lies between
    `starts[0]` and `ends[1]`.
    """

    names: frozenset[str]
    rolls: frozenset[str]
    indexes: frozenset[str]
    starts: tuple[int, int] | None
    ends: tuple[int, int] | None


def wanted(file: File) -> Wanted:
    """What to look the records of a file up by."""
    seen = portrait(file)
    start = seen.span.start if seen.span else None
    end = seen.span.end if seen.span else None
    slack = NEAR_S if seen.exact or start is None else NEAR_S + start / 1000
    return Wanted(
        seen.squashed | seen.cut | {f"{reel}c{int(index):03}".lower() for reel, index in seen.places},
        frozenset(roll for reel, _ in seen.places for roll in _spellings(reel.lower())),
        frozenset(index for _, index in seen.places),
        None if start is None else _around(start, slack),
        None if end is None else _around(end, slack),
    )


def _spellings(reel: str) -> set[str]:
    """A reel key as people write it, the number with as many zeros as they like."""
    letters = reel.rstrip("0123456789")
    number = reel[len(letters) :].lstrip("0")
    return {reel} | {f"{letters}{number:0>{width}}" for width in range(len(number), 5)} if number else {reel}


def _around(moment: float, slack: float) -> tuple[int, int]:
    return int((moment - slack - 1) % DAY), int((moment + slack + 1) % DAY)


class Candidates:
    """Records by everything a file may find them by."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        named: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        placed: dict[tuple[str, tuple[str, str]], list[Statement]] = defaultdict(list)
        self._timed: dict[tuple[str, int], list[Statement]] = defaultdict(list)
        for said in statements:
            for name in said.squashed:
                named[said.about, name].append(said)
            for place in said.places:
                placed[said.about, place].append(said)
            if said.span:
                self._timed[said.about, int(said.span.start) // _BUCKET].append(said)
                if said.span.end is not None:
                    self._timed[said.about, int(said.span.end % DAY) // _BUCKET].append(said)
        self._named, self._placed = named, placed
        self._crowds: dict[object, _Crowd] = {}

    def by_name(self, file: Portrait) -> dict[str, Statement]:
        """Those of the same name, or of the same reel and index, by id."""
        kind = file.file.kind
        found: dict[str, Statement] = {}
        for name in (*file.squashed, *file.cut):
            found |= self._near((kind, name), self._named, file)
        for place in file.places:
            found |= self._near((kind, place), self._placed, file)
        return found

    def _near(
        self, key: Key, known: Mapping[Key, Sequence[Statement]], file: Portrait
    ) -> dict[str, Statement]:
        """Those of a key, of many the nearest."""
        found = known.get(key, ())
        if len(found) <= _MOST:
            return {said.id: said for said in found}
        if key not in self._crowds:
            self._crowds[key] = _Crowd(found)
        return self._crowds[key].near(file)

    def by_time(self, file: Portrait) -> dict[str, Statement]:
        """Those that start or end when the file does, by id."""
        if file.span is None:
            return {}
        kind, slack = file.file.kind, NEAR_S if file.exact else NEAR_S + file.span.start / 1000
        buckets = {
            bucket for moment in (file.span.start, file.span.end) for bucket in _buckets(moment, slack)
        }
        return {said.id: said for bucket in buckets for said in self._timed.get((kind, bucket), ())}


class _Crowd:
    """Records of one name, too many to look at all of them."""

    def __init__(self, found: Sequence[Statement]) -> None:
        self._all = {said.id: said for said in found}
        self._timed = sorted((said.span.start, said.id) for said in found if said.span)
        self._walled = sorted((said.wall.at, said.id) for said in found if said.wall)

    def near(self, file: Portrait) -> dict[str, Statement]:
        """By id: those nearest in timecode and those nearest by the wall."""
        near: list[str] = []
        if file.span:
            near += _around_in(self._timed, file.span.start, around=DAY)
        if file.wall:
            near += _around_in(self._walled, file.wall.at)
        return {id_: self._all[id_] for id_ in near or sorted(self._all)[:_MOST]}


def _around_in(ordered: Sequence[tuple[float, str]], moment: float, *, around: float = 0.0) -> list[str]:
    """Ids on both sides of a moment; at the ends of a day from the other end too, where it goes `around`."""
    place, half = bisect_left(ordered, (moment, "")), _MOST // 2
    found = [id_ for _, id_ in ordered[max(0, place - half) : place + half]]
    if around and place < half:
        found += [id_ for _, id_ in ordered[place - half :]]
    if around and place + half > len(ordered):
        found += [id_ for _, id_ in ordered[: place + half - len(ordered)]]
    return found


def _buckets(moment: float | None, slack: float) -> Iterator[int]:
    if moment is not None:
        first, last = int(moment - slack) // _BUCKET, int(moment + slack) // _BUCKET
        for bucket in range(first, last + 1):
            yield bucket % int(DAY // _BUCKET)
