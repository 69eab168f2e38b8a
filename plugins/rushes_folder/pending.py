"""The files that are not admitted yet, by when they are due."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import count

import trio

from rushes_folder.candidate import Candidate, Place, Rule


class Pending:
    """At most one candidate per path; what happens to a file while it is examined makes a new one."""

    def __init__(self) -> None:
        self._candidates: dict[str, Candidate] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = count()
        self._changed = trio.Event()

    def __len__(self) -> int:
        return len(self._candidates)

    def __contains__(self, path: str) -> bool:
        return path in self._candidates

    def found(self, place: Place, *, aged: bool) -> None:
        """A scan met a file that is not known; what events told of it counts more."""
        if place.path not in self._candidates:
            self._put(Candidate(place, "quiet", trio.current_time(), aged=aged))

    def told(self, place: Place, rule: Rule, delay: float, *, born: bool = False, aged: bool = True) -> None:
        """An event happened to a file: it is due after `delay` seconds, and looked at afresh.

        `born`: it was coming into being.
        """
        earlier = self._candidates.get(place.path)
        known = earlier is not None and earlier.born
        due = trio.current_time() + delay
        self._put(Candidate(place, rule, due, born=born or known, open=born, aged=aged))

    def touched(self, place: Place, *, aged: bool) -> None:
        """A file's times or permissions changed: look now, by the rule that counted before."""
        earlier = self._candidates.get(place.path) or Candidate(place, "quiet", 0.0, aged=aged)
        self._put(replace(earlier, stat=None, problem="", due=trio.current_time()))

    def again(self, candidate: Candidate) -> None:
        """Put an examined candidate back; what happened meanwhile counts more."""
        newer = self._candidates.get(candidate.place.path)
        if newer is not None:
            still_open = newer.open or (candidate.open and newer.rule == "quiet")
            candidate = replace(newer, born=newer.born or candidate.born, open=still_open)
        self._put(candidate)

    def take(self, most: int) -> list[Candidate]:
        """Remove and return candidates that are due, the earliest first."""
        now = trio.current_time()
        taken: list[Candidate] = []
        while self._heap and self._heap[0][0] <= now and len(taken) < most:
            due, _, path = heapq.heappop(self._heap)
            candidate = self._candidates.get(path)
            if candidate is not None and candidate.due == due:
                taken.append(self._candidates.pop(path))
        return taken

    async def wait(self) -> None:
        """Return when something may be due."""
        changed = self._changed = trio.Event()
        delay = self._heap[0][0] - trio.current_time() if self._heap else float("inf")
        with trio.move_on_after(max(0.0, delay)):
            await changed.wait()

    def _put(self, candidate: Candidate) -> None:
        self._candidates[candidate.place.path] = candidate
        heapq.heappush(self._heap, (candidate.due, next(self._order), candidate.place.path))
        self._changed.set()
