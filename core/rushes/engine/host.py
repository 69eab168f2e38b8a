"""A component's life: opened, held, closed and opened again when its world went away."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import trio

from rushes.config.pipeline import Component
from rushes.engine.context import ComponentContext
from rushes.engine.journal import Journal
from rushes.engine.pulse import Pulse
from rushes.errors import RushesError, Unavailable, in_words
from rushes.ledger import Ledger
from rushes.retry import Backoff

HostState = Literal["closed", "opening", "open", "unavailable"]

#: A bug in `open` is tried again, slowly: the rest of the pipeline goes on meanwhile.
BUG_RETRY_S = 60.0
#: A network that is back is to be noticed soon: opening asks little.
LONGEST_WAIT_S = 10.0
#: A component that stayed open this long has worked, whether or not there was work.
STEADY_S = 30.0


#: What is not a component's failure but the end of its task: it goes on its way. All else is one: a SystemExit,
#: asyncio's CancelledError, the panic of an extension written in Rust.
NOT_OURS = (trio.Cancelled, KeyboardInterrupt, GeneratorExit)


class Host:
    """Opens one component, lends it to `life`, and closes it; again and again."""

    def __init__(
        self, component: Component, context: ComponentContext, journal: Journal, ledger: Ledger, pulse: Pulse
    ) -> None:
        self.component = component
        self.context = context
        self.state: HostState = "closed"
        self.reason = ""
        #: Whether it will be back without a person, while it is away.
        self.by_itself = False
        #: When it is tried again, in epoch seconds, while it is away.
        self.again_at: float | None = None
        self.failures = 0
        self.part: Any = None
        self._journal = journal
        self._ledger = ledger
        self._pulse = pulse
        self._nudge = trio.Event()

    def nudge(self) -> None:
        """Try to open now: a person has done something about it."""
        self._nudge.set()

    def worked(self) -> None:
        """It has done something for real: it is back, and the next failure begins a new backoff.

        That it opened is not enough: a sink may open, because its service answers, and fail at the first byte.
        """
        if self.failures:
            self._tell("component.back")
            self.failures = 0

    @property
    def usable(self) -> bool:
        """Whether its work may run soon: a component that failed twice in a row and is not open counts as away."""
        return self.failures < 2 or self.state == "open"

    async def live(self, life: Callable[[Any], Awaitable[None]]) -> None:
        """Run `life(part)` in the open component until it returns or this is cancelled."""
        backoff = Backoff(first=1.0, cap=LONGEST_WAIT_S)
        while True:
            opened_at: float | None = None
            wait: float | None = None
            # Before it opens: who did something about it while it was trying is to be heard.
            self._nudge = trio.Event()
            try:
                # What is away stays so until it is back: each attempt would have all that waits for it look ready.
                if self.state != "unavailable":
                    self._enter("opening")
                async with self.component.spec.open(self.component.options, self.context) as part:
                    self.part = part
                    opened_at = trio.current_time()
                    self._enter("open")
                    await life(part)
                    self._enter("closed")
                return
            except BaseException as failure:
                if isinstance(only_cause(failure), NOT_OURS):
                    raise
                if opened_at is not None and trio.current_time() - opened_at > STEADY_S:
                    self.worked()
                wait = self._failed(failure)
            finally:
                self.part = None
            rest = max(wait or 0.0, backoff.wait(max(1, self.failures)))
            self.again_at = self._journal.now() + rest
            with trio.move_on_after(rest):
                await self._nudge.wait()

    def _failed(self, failure: BaseException) -> float | None:
        """Note the failure and answer how long it asks to be left alone."""
        cause = only_cause(failure)
        self.failures += 1
        first = self.failures == 1
        self.by_itself = isinstance(cause, Unavailable) and cause.by_itself
        if isinstance(cause, RushesError):
            self._enter("unavailable", str(cause))
            if first:
                self._tell("component.lost", reason=str(cause))
                self.context.log.warning("%s: %s", self.component.id, cause)
            return cause.retry_after if isinstance(cause, Unavailable) else None
        # Nothing but another version of it will help: it counts as away at once.
        self.failures = max(self.failures, 2)
        self._enter("unavailable", f"bug in {self.component.use}: {in_words(cause)}")
        self._tell(
            "component.failed", reason=self.reason, traceback="".join(traceback.format_exception(cause))
        )
        self.context.log.error("%s: %s", self.component.id, self.reason)
        return BUG_RETRY_S

    def _enter(self, state: HostState, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self._pulse.beat()

    def _tell(self, kind: str, **detail: Any) -> None:
        self._ledger.post([self._journal.event(kind, component=self.component.id, **detail)])


def only_cause(failure: BaseException) -> BaseException:
    """What really happened inside nested exception groups: a bug before an expected failure, both before a cancel."""
    leaves = _leaves(failure)
    bugs = [leaf for leaf in leaves if not isinstance(leaf, (RushesError, trio.Cancelled))]
    expected = [leaf for leaf in leaves if isinstance(leaf, RushesError)]
    return (bugs or expected or leaves)[0]


def _leaves(failure: BaseException) -> list[BaseException]:
    if isinstance(failure, BaseExceptionGroup):
        return [leaf for inner in failure.exceptions for leaf in _leaves(inner)]
    return [failure]
