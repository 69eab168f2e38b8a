"""The annotators of `prepare:` one after the other: each gets the clips with what all the others have said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from rushes.engine.annotate import Annotating
from rushes.engine.host import Host
from rushes.engine.journal import Journal
from rushes.engine.knowledge import Told, by_others, told_of
from rushes.ledger import Ledger
from rushes.ledger.rows import StoredFinding
from rushes.model import Clip, Finding

#: For each annotator that named clips, its place and their ids.
Named = Sequence[tuple[int, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips on their way through the annotators; `begins` has the place of the first that is asked of each.

    `round` is 0 for clips that are new, else how often it went on from clip to clip. `gone` were named, and lost
    their name to another recording since.
    """

    clips: Sequence[Clip]
    begins: Mapping[str, int]
    round: int = 0
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a batch: findings by annotator, the clips that may be planned, those to be annotated again; all
    that is `told` of the clips, None where there are no annotators.
    """

    found: Sequence[tuple[str, Finding]]
    clips: Sequence[Clip]
    named: Named
    told: Told | None


class Chain:
    """Asks all annotators, in the pipeline's order."""

    def __init__(self, hosts: Sequence[Host], ledger: Ledger, journal: Journal) -> None:
        self.names = [host.component.id for host in hosts]
        self._annotators = [Annotating(host, ledger, journal) for host in hosts]
        self._ledger = ledger

    @property
    def heeds_records(self) -> bool:
        """Whether records may matter to one of them."""
        return any(annotator.heeds_records for annotator in self._annotators)

    async def serve(self, name: str) -> None:
        """Keep one annotator open."""
        await self._annotators[self.names.index(name)].serve()

    async def annotate(self, batch: Batch, put_aside: Callable[[int | None, Sequence[Clip]], None]) -> Said:
        """Ask about a batch. `put_aside` is told at once of clips whose card is gone, as `Backlog.put_aside`."""
        found: list[tuple[str, Finding]] = []
        named: list[tuple[int, Collection[str]]] = []
        clips = list(batch.clips)
        if not self._annotators:
            return Said(found, clips, named, None)
        told = await self._ledger.read(lambda query: told_of(query, [clip.id for clip in clips]))
        for place, annotator in enumerate(self._annotators):
            name = self.names[place]
            asked = [by_others(clip, name, told) for clip in clips if batch.begins[clip.id] <= place]
            answer = await annotator.annotate(asked, partial(put_aside, place if batch.round else None))
            for finding in answer.findings:
                told.said[finding.clip][name] = StoredFinding(annotator=name, finding=finding)
                found.append((name, finding))
            named.append((place, answer.affected))
            if not batch.round:
                # Only what everybody was asked about is planned for the first time.
                absent = {clip.id for clip in answer.absent}
                clips = [clip for clip in clips if clip.id not in absent]
        return Said(found, clips, named, told)

    async def affected_by(self, records: Sequence[str]) -> Named:
        """Ask what records affect."""
        return [
            (place, await annotator.affected_by(records)) for place, annotator in enumerate(self._annotators)
        ]
