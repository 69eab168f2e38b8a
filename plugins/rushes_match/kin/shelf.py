"""Files by everything that something about them may be found by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rushes_match.kin.portrait import Portrait
from rushes_match.kin.times import DAY, NEAR_S

#: So many of one name are looked at: a counter is on every card of a show.
MOST = 64


class Shelf:
    """Portraits by name, by reel and index, and by the second at which they start."""

    def __init__(self, portraits: Iterable[Portrait]) -> None:
        self._named: dict[str, list[Portrait]] = defaultdict(list)
        self._placed: dict[tuple[str, str], list[Portrait]] = defaultdict(list)
        self._timed: dict[int, list[Portrait]] = defaultdict(list)
        for one in sorted(portraits, key=lambda one: one.file.id):
            for name in one.squashed | one.cut:
                self._named[name].append(one)
            for place in one.places:
                self._placed[place].append(one)
            if one.span:
                self._timed[int(one.span.start)].append(one)

    def named(
        self, names: Iterable[str], places: Iterable[tuple[str, str]], folder: str
    ) -> dict[str, Portrait]:
        """Files of any of these names or places by id; those in `folder` first where there are too many."""
        lists = [self._named.get(name, ()) for name in names]
        lists += [self._placed.get(place, ()) for place in places]
        found: dict[str, Portrait] = {}
        for files in lists:
            near = files
            if len(files) > MOST:
                near = sorted(files, key=lambda one: (one.file.folder != folder, one.file.id))[:MOST]
            found.update((one.file.id, one) for one in near)
        return found

    def around(self, start: float) -> Iterator[Portrait]:
        """Files that start at about that second of a label."""
        for second in range(int(start - NEAR_S), int(start + NEAR_S) + 1):
            yield from self._timed.get(int(second % DAY), ())
