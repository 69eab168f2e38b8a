"""What a route that is gone was to do of a clip, and has not begun, a route of the file does in its place.

So a route that was renamed hears of its clips' news, although something else of these clips has begun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rushes.engine.queue import HELD
from rushes.engine.ways import Way
from rushes.ledger.rows import Job, Step


@dataclass(frozen=True, slots=True)
class Former:
    """A job that has not started, of a route that is gone: as it was, with its first step and by sink its way."""

    job: Job
    step: Step
    ways: Mapping[str, Way]

    @property
    def held(self) -> bool:
        """Whether a person holds it."""
        return self.step.reason == HELD

    def replaced_by(self, job: Job) -> Job:
        """That job where this one stood in the queue, planned when this one was."""
        place = self.job.place
        if place is not None:
            # It stands directly before one that has another id by now, most likely: before any of its time.
            place = place._replace(tail=f" {place.tail}")
        return replace(job, created=self.job.created, urgent=self.job.urgent, place=place)


class Standing:
    """The jobs of one clip whose routes are gone, each standing for the ways it goes (decision 62)."""

    def __init__(self, ways: Mapping[str, Collection[Way]], formers: Iterable[Former]) -> None:
        """`ways` are those of all these jobs, by id; `formers` those of them that have not started."""
        self.formers = {former.job.id: former for former in formers}
        self._ways = {job: set(found) for job, found in ways.items()}

    def __bool__(self) -> bool:
        return bool(self._ways or self.formers)

    @property
    def holders(self) -> Sequence[Former]:
        """What has not started, but for what was withdrawn."""
        return [former for name, former in self.formers.items() if name in self._ways]

    def drop(self, job: str) -> None:
        """It was withdrawn."""
        self._ways.pop(job, None)

    def give(self, sinks: Collection[str]) -> None:
        """Whatever has not started goes to these no more."""
        for job in self._ways.keys() & self.formers.keys():
            self._ways[job] = {way for way in self._ways[job] if way[1] not in sinks}

    def give_way(self, way: Way) -> bool:
        """Whether what has not started goes this way no more: none did, or something that went it has begun."""
        holders = [job for job, ways in self._ways.items() if way in ways]
        if not holders or not all(job in self.formers for job in holders):
            return False
        for job in holders:
            self._ways[job].discard(way)
        return True

    def left(self, ways: Mapping[str, Way], *, anyhow: bool = False) -> set[str]:
        """Of a route's sinks those to which none of the jobs goes the same way, or, with `anyhow`, any way."""
        went = set().union(*self._ways.values())
        if anyhow:
            return ways.keys() - {sink for _, sink, _ in went}
        return {sink for sink, way in ways.items() if way not in went}

    def former(self, ways: Mapping[str, Way], sinks: Collection[str]) -> Former | None:
        """Which went one of these ways to these sinks before: one that a person holds, else the oldest."""
        same = [
            former
            for former in self.formers.values()
            if any(former.ways.get(sink) == ways[sink] for sink in sinks)
        ]
        return min(
            same, key=lambda former: (not former.held, former.job.created, former.job.id), default=None
        )

    def changed(self) -> Iterator[tuple[Former, Sequence[str]]]:
        """What gave sinks, with those that it keeps."""
        for former in self.formers.values():
            ways = self._ways.get(former.job.id)
            if ways is not None and len(ways) < len(former.ways):
                kept = {sink for _, sink, _ in ways}
                yield former, [sink for sink in former.job.sinks if sink in kept]


def taken_over(
    holders: Iterable[Iterable[str]],
    anyway: Mapping[str, Collection[str]],
    others: Mapping[str, Collection[str]],
) -> dict[str, set[str]]:
    """By route the sinks of `holders`, the sinks of jobs whose routes are gone, that it takes over.

    Routes that newly go to a sink `anyway` come first. Where they are fewer than the jobs that went there, `others`
    follow, in order; so as many go there as did, where there are so many.
    """
    open_ = Counter(sink for sinks in holders for sink in set(sinks))
    taken: dict[str, set[str]] = {}
    for routes in (anyway, others):
        for route, sinks in routes.items():
            for sink in sinks:
                if open_[sink] > 0 or (routes is anyway and sink in open_):
                    taken.setdefault(route, set()).add(sink)
                    open_[sink] -= 1
    return taken
