"""Whether somebody owes an answer: a service that hangs breaks nothing, it only says no more.

The API and the upload host are two: either may hang while the other answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import trio

#: Seconds without a byte after which an answer that is due is missed by people. A full link answers slowly, but
#: its bytes move.
QUIET_S = 4.0
#: How often it is looked whether bytes of parts move.
LOOK_S = 0.5
#: A silence that begins again within so many seconds, without an answer in between, is the same one: an upload is
#: given up and tried again, and the bytes of that go into a void too.
SAME_S = 90.0
#: `heard_at` is shown anew after so many seconds: nobody reads more of it, and each time costs a document.
HEARD_EVERY_S = 15.0

#: Told the facts `silent_since` and `heard_at`, epoch seconds or None.
Show = Callable[..., None]


class Moving(Protocol):
    """The connections to the upload host."""

    def stirred(self) -> bool:
        """Whether a byte came or went since this was asked last."""

    def kept_waiting(self) -> float:
        """Seconds that the host has had all of some part without a word; 0 where it has not."""


@dataclass(slots=True)
class Owed:
    """What one host was asked and has not answered, by trio's clock."""

    asked: dict[object, float] = field(default_factory=dict)
    heard_at: float = float("-inf")
    #: Since when people are told that it says nothing; None while it does, or need not.
    since: float | None = None
    #: When the last answer came, when the last silence began, and until when it has lasted.
    answered_at: float = float("-inf")
    began: float = float("-inf")
    lasted_to: float = float("-inf")

    def expect(self, key: object) -> None:
        """Something has been asked; its answer, or its end without one, is told by `settle` with the same key."""
        self.asked[key] = trio.current_time()

    def settle(self, key: object) -> None:
        """Nobody waits for that any more."""
        self.asked.pop(key, None)

    @contextmanager
    def owing(self) -> Iterator[Callable[[], None]]:
        """An answer is owed while the block runs, which calls what it is given when it has one."""
        key = object()
        self.expect(key)
        try:
            yield self._answered
        finally:
            self.settle(key)

    def _answered(self) -> None:
        self.answered_at = trio.current_time()

    def silent(self, begins: float) -> None:
        """Nothing is heard, from that moment on, or from when a silence began that this is a part of."""
        now = trio.current_time()
        if self.answered_at > self.began or now - self.lasted_to > SAME_S:
            self.began = begins
        self.since, self.lasted_to = self.began, now

    @property
    def quiet_from(self) -> float:
        return max(self.heard_at, min(self.asked.values(), default=float("inf")))

    @property
    def missed(self) -> bool:
        return trio.current_time() - self.quiet_from >= QUIET_S


class Silence:
    """On trio's thread."""

    def __init__(self) -> None:
        self.calls = Owed()
        self.parts = Owed()
        self._show: Show | None = None
        self._told: tuple[float | None, float] = (None, float("-inf"))

    @property
    def since(self) -> float | None:
        """Since when people are told that nothing is heard, by trio's clock; None while something is."""
        return min((owed.since for owed in (self.calls, self.parts) if owed.since is not None), default=None)

    def heard(self) -> None:
        """The API has said something: people see it at once."""
        self.calls.heard_at, self.calls.since = trio.current_time(), None
        self._tell()

    async def watch(self, show: Show, moving: Moving, doubt: Callable[[], None]) -> None:
        """Tell people, until cancelled; `doubt()` is called when a silence begins."""
        self._show = show
        show(silent_since=None)
        try:
            while True:
                was = self.since
                self._look(moving)
                self._tell()
                if was is None and self.since is not None:
                    doubt()
                await trio.sleep(LOOK_S)
        finally:
            self._show = None

    def _look(self, moving: Moving) -> None:
        calls, parts, now = self.calls, self.parts, trio.current_time()
        stirred, waiting = moving.stirred(), moving.kept_waiting()
        if stirred:
            # Of calls it only says that the way is no dead one: their answers are in the queue.
            parts.heard_at = calls.heard_at = now
        if waiting >= QUIET_S:  # the bytes of others may be in the hands of its kernel alone
            parts.silent(now - waiting)
        elif stirred or not parts.asked:
            parts.since = None
        elif parts.missed:
            parts.silent(parts.since or parts.quiet_from)
        if calls.since is None and calls.missed:
            calls.since = calls.quiet_from

    def _tell(self) -> None:
        since, heard = self.since, max(self.calls.heard_at, self.parts.heard_at)
        if self._show is None or (since == self._told[0] and heard - self._told[1] < HEARD_EVERY_S):
            return
        self._told = since, heard
        facts = {"silent_since": None if since is None else _epoch(since)}
        if heard != float("-inf"):
            facts["heard_at"] = _epoch(heard)
        self._show(**facts)


def _epoch(moment: float) -> float:
    return float(round(time.time() - (trio.current_time() - moment)))
