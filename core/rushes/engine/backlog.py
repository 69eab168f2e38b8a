"""The lines before the annotators: what is new, what grows, what waits for a card, what is to be annotated again.

In memory; each change of it that a crash must not lose comes out as rows of the table `backlog`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rushes.engine.again import Again
from rushes.ledger.rows import drop_backlog, put_backlog
from rushes.ledger.write import Change
from rushes.model import Clip

#: The place of the first annotator.
ALL = 0


@dataclass(frozen=True, slots=True)
class Absent:
    """A clip whose card is gone; `begin` is None for one that is new, else the annotator that needs the card."""

    clip: Clip
    begin: int | None


class Backlog:
    """Which clips wait for annotators, and for which: `annotators` are their ids, in order."""

    def __init__(self, annotators: Sequence[str]) -> None:
        self.again = Again()
        self._annotators = annotators
        self._new: dict[str, Clip] = {}
        self._growing: dict[str, Clip] = {}
        self._absent: dict[str, dict[str, Absent]] = {}
        # What a batch works on: its rows stay until it is written.
        self._in_hand: dict[str, int] = {}

    def __bool__(self) -> bool:
        """Whether somebody waits, apart from those whose card is gone."""
        return bool(self._new or self._growing or self.again)

    @property
    def new(self) -> int:
        """How many complete clips were never annotated."""
        return len(self._new)

    @property
    def absent_cards(self) -> dict[str, str]:
        """The cards that clips wait for, by volume."""
        firsts = {volume: next(iter(clips.values())).clip for volume, clips in self._absent.items()}
        return {volume: clip.card or volume for volume, clip in firsts.items()}

    def admit(self, clips: Iterable[Clip]) -> None:
        """Take clips whose rows are durable; of two revisions of one the newer stays."""
        for clip in clips:
            line = self._new if clip.complete else self._growing
            if clip.id not in line or line[clip.id].revision < clip.revision:
                line[clip.id] = clip
            if clip.complete:
                # Everybody is to be asked about it now, whoever named it before.
                self.again.discard([clip.id])

    def take_up(self, left: Iterable[tuple[str, str]]) -> None:
        """Take clips that the last run left to be annotated again, with the id of the annotator that begins."""
        for clip, annotator in left:
            self.again.add(clip, self._place(annotator), 1)

    def _place(self, annotator: str) -> int:
        """Its place; one that is not in the file any more is passed over, what it had said stays."""
        return self._annotators.index(annotator) if annotator in self._annotators else len(self._annotators)

    def take_new(self, most: int) -> list[Clip]:
        """The first of the clips that were never annotated."""
        taken = [self._new.pop(name) for name in list(islice(self._new, most))]
        self.hold({clip.id: ALL for clip in taken})
        return taken

    def take_growing(self, most: int) -> list[Clip]:
        """The first of the growing clips."""
        return [self._growing.pop(name) for name in list(islice(self._growing, most))]

    def hold(self, begins: Mapping[str, int]) -> None:
        """These are in hand from now on, and no others."""
        self._in_hand = dict(begins)

    def put_aside(self, clips: Iterable[Clip], begin: int | None) -> None:
        """Their card is gone."""
        for clip in clips:
            self._absent.setdefault(clip.volume, {})[clip.id] = Absent(clip, begin)

    def volume_back(self, volume: str) -> None:
        """What waited for it goes on."""
        for absent in self._absent.pop(volume, {}).values():
            if absent.begin is None:
                self.admit([absent.clip])
            elif absent.clip.id not in self._new:
                self.again.add(absent.clip.id, absent.begin, 1)

    def name(self, clips: Collection[str], begin: int, round: int) -> list[Change]:  # noqa: A002 - the idea's word
        """Have known clips annotated again from a place on; the rows to write with what made them so."""
        changes: list[Change] = []
        absent = self._absent_begins()
        for clip in clips:
            if clip in self._new or absent.get(clip, begin) is None:
                continue  # everybody will be asked about it anyway
            before = self._owed(clip, absent)
            self.again.add(clip, begin, round)
            if before is None or begin < before:
                changes.append(put_backlog(clip, self._annotators[begin]))
        return changes

    def settle(self, clips: Iterable[str]) -> list[Change]:
        """Clips are annotated and, with these rows, done, apart from what they still wait for."""
        absent = self._absent_begins()
        changes: list[Change] = []
        for clip in clips:
            owed = self._owed(clip, absent)
            if clip in self._new or clip in self._growing:
                changes.append(put_backlog(clip))
            elif owed is None:
                changes.append(drop_backlog(clip))
            else:
                changes.append(put_backlog(clip, self._annotators[owed]))
        return changes

    def _owed(self, clip: str, absent: Mapping[str, int | None]) -> int | None:
        """The first annotator that the ledger's row of the clip has to tell."""
        told = (self.again.begin(clip), absent.get(clip), self._in_hand.get(clip))
        begins = [begin for begin in told if begin is not None]
        return min(begins) if begins else None

    def _absent_begins(self) -> dict[str, int | None]:
        return {name: each.begin for clips in self._absent.values() for name, each in clips.items()}
