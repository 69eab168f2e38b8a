"""What one problem is, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rushes import Link, Record, Scalar
from rushes_match.items import Decision, Item, Offset, Pair
from rushes_match.kin import File
from rushes_match.library.entry import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`home` are the clips to say something about, among `entries` with all that may have to do with them.

    `streams` are the names of devices by place, as `devices.streams` knows them; `devices` the ids of those on the
    set's network, by name.
    """

    home: frozenset[str]
    entries: Sequence[Entry]
    sidecars: Sequence[File] = ()
    records: Sequence[Record] = ()
    decisions: Sequence[Decision] = ()
    hand: Mapping[str, int] = field(default_factory=dict)
    margin: float = 0.1
    streams: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kin:
    """What was found out about one clip beside picture and sound.

    `silent` are values for what it does not tell itself, `records` those that count for more than its own.
    `lead` is the first file of the recording it is a part of, its own id where it leads.
    """

    lead: str
    silent: Mapping[str, Scalar] = field(default_factory=dict)
    records: Mapping[str, Scalar] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`pairs` are those of each picture of the home and of each sound they were weighed with; `heard` is what the
    matched sounds of a picture tell. `items` were solved, with `decisions`; `solved` are all pairs of them.
    """

    kin: Mapping[str, Kin] = field(default_factory=dict)
    pairs: Mapping[str, tuple[Pair, ...]] = field(default_factory=dict)
    heard: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offsets: tuple[Offset, ...] = ()
    items: tuple[Item, ...] = ()
    solved: tuple[Pair, ...] = ()
    decisions: tuple[Decision, ...] = ()
    streams: Mapping[str, str] = field(default_factory=dict)

    def changed(self, before: Outcome) -> set[str]:
        """The clips of whom it says something else than `before`."""
        ids = _differ(self.kin, before.kin) | _differ(self.pairs, before.pairs)
        ids |= _differ(self.heard, before.heard)
        return ids | {part for lead in ids for part in self.parts.get(lead, ())}

    def partners(self, ids: frozenset[str]) -> set[str]:
        """The clips that these were weighed with."""
        pairs = [pair for id_ in ids for pair in self.pairs.get(id_, ())]
        return {id_ for pair in pairs for id_ in (pair.picture, pair.sound)} - ids


def _differ(now: Mapping[str, object], before: Mapping[str, object]) -> set[str]:
    return {id_ for id_ in now.keys() | before.keys() if now.get(id_) != before.get(id_)}


NOTHING = Outcome()
