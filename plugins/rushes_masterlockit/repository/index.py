"""What is known of every clip, in memory: enough to find, page and compare 200,000 of them without the archive."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from rushes_masterlockit.formats import Demand, Facts, clip_key

RateFrom = Literal["project", "clip", ""]

#: Where a live clip stands in the order of pages: its creation (ms; 0 when nobody told) and its id.
Place = tuple[int, str]

#: So many new places are put in one by one; more are sorted in together.
_FEW = 32


class Entry(Struct, gc=False, frozen=True):
    """One clip. `body` is its JSON, where bodies are kept in memory; `rate` and `rate_from` are its record's."""

    facts: Facts
    rate: str
    rate_from: RateFrom
    body: bytes | None = None

    @property
    def place(self) -> Place:
        """Where the clip stands while it is live."""
        return self.facts.created or 0, self.facts.id


class Version(Struct, frozen=True, gc=False):
    """What ListType 2 tells of a clip."""

    id: str
    type: str
    version: dict[str, int]


class Clocks(Mapping[str, dict[str, int]]):
    """The vector clock of every clip, tombstones too, by id. Not to be changed."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, identity: str, /) -> dict[str, int]:
        return self._entries[identity].facts.clock

    def get(self, identity: str, default: Any = None, /) -> Any:
        """As of any mapping, but asked 200,000 times in a row."""
        entry = self._entries.get(identity)
        return default if entry is None else entry.facts.clock

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Index:
    """Every clip by id, tombstones too, and the live ones in the order of pages."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.clocks = Clocks(self.entries)
        #: How many clips are live.
        self.count = 0
        self._order: list[Place] = []
        self._arrived: list[Place] = []
        #: How many places of the order are no live clip's any more.
        self._dead = 0
        self._ids: list[str] | None = None
        #: Ids that are written in another way than their key.
        self._odd: dict[str, list[str]] = {}

    def put(self, entry: Entry) -> None:
        """Replaces what was known of that clip."""
        identity, place, live = entry.facts.id, entry.place, not entry.facts.deleted
        before = self.entries.get(identity)
        self.entries[identity] = entry
        if before is None:
            self._add(identity, place, live=live)
            return
        lived = not before.facts.deleted
        self.count += live - lived
        if live and lived and before.place == place:
            return
        self._ids = None
        self._dead += lived
        if live:
            self._return(place)

    def _add(self, identity: str, place: Place, *, live: bool) -> None:
        if (key := clip_key(identity)) != identity:
            self._odd.setdefault(key, []).append(identity)
        if live:
            self.count += 1
            self._ids = None
            self._arrived.append(place)

    def deleted(self, identity: str) -> bool:
        """Whether the clip is a tombstone; False for an unknown one."""
        entry = self.entries.get(identity)
        return entry is not None and entry.facts.deleted

    def matching(self, demand: Demand) -> Iterator[str]:
        """The live clips that match, in the order of pages as it is now; each is looked at when it is asked for."""
        if demand.clips is None:
            matches, entries = demand.matches, self.entries
            return (identity for identity in self.everything() if matches(entries[identity].facts))
        # Looked up: whoever fetches what it misses asks for page after page in this way.
        asked = (self.entries[identity] for key in demand.clips for identity in self._spelled(key))
        places = sorted(entry.place for entry in asked if demand.matches(entry.facts))
        return (identity for _, identity in places)

    def _spelled(self, key: str) -> Iterator[str]:
        if key in self.entries:
            yield key
        yield from self._odd.get(key, ())

    def everything(self) -> list[str]:
        """The live clips in the order of pages. Not to be changed."""
        if self._ids is None:
            self._merge()
            if self._dead:
                self._order = [place for place in self._order if self._alive(place)]
                self._dead = 0
            self._ids = [identity for _, identity in self._order]
        return self._ids

    def _alive(self, place: Place) -> bool:
        entry = self.entries[place[1]]
        return not entry.facts.deleted and entry.place == place

    def _return(self, place: Place) -> None:
        """A clip that was known before lives again, or was created at another time than was told."""
        self._merge()
        at = bisect_left(self._order, place)
        if at < len(self._order) and self._order[at] == place:
            self._dead -= 1
        else:
            self._arrived.append(place)

    def _merge(self) -> None:
        if len(self._arrived) <= _FEW:
            for place in self._arrived:
                insort(self._order, place)
        else:
            self._order.extend(self._arrived)
            self._order.sort()
        self._arrived.clear()
