"""Cancellation at the n-th checkpoint: an instrument counts the steps of a call and cuts it there."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import trio

from rushes.testing.promises import broken, kind_of

T = TypeVar("T")

#: Real seconds in which a cancelled call must have ended.
PROMPT_S = 5.0
#: Real seconds that one step may hold the event loop; less than that may be a busy machine.
BLOCKED_S = 2.0
#: Steps that a cancelled call may still make: clean-up has some, one that swallows the cancellation has no end.
MOST_STEPS_AFTER = 10_000


class Stuck(BaseException):
    """Thrown into a call that swallows its cancellation, so that the test ends; nobody sees it."""


class Steps(trio.abc.Instrument):
    """Counts the steps of a task and its children, and cancels its scope at the `at`-th (0: before the first)."""

    def __init__(self, scope: trio.CancelScope, at: int | None) -> None:
        self.count = 0
        self.after = 0
        self.longest = 0.0
        self._root: trio.lowlevel.Task | None = None
        self.breaking = False
        self._scope = scope
        self._at = at
        self._begun = 0.0

    def count_me(self) -> None:
        """Count the running task from its next step on."""
        self._root = trio.lowlevel.current_task()
        self._begun = time.monotonic()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        if not self._ours(task):
            return
        self.count += 1
        if self._scope.cancel_called:
            self.after += 1
        if self.count == self._at:
            self._scope.cancel()
        if self.breaking or self.after > MOST_STEPS_AFTER:
            # Only so a call that catches every Cancelled can be ended: trio itself never would.
            task._next_send_fn, task._next_send = task.coro.throw, Stuck()  # noqa: SLF001
        self._begun = time.monotonic()

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if self._ours(task):
            self.longest = max(self.longest, time.monotonic() - self._begun)

    def tasks(self) -> Sequence[trio.lowlevel.Task]:
        """The living tasks of the call."""
        found = [self._root] if self._root else []
        for task in found:
            found += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
        return found

    def _ours(self, task: trio.lowlevel.Task) -> bool:
        seen: trio.lowlevel.Task | None = task
        while seen is not None and self._root is not None:
            if seen is self._root:
                return True
            seen = seen.parent_nursery.parent_task if seen.parent_nursery else None
        return False


@dataclass(slots=True)
class Call(Generic[T]):
    """How a call ended: with `values`, a `failure`, or neither, cancelled; after so many `steps`."""

    values: list[T] = field(default_factory=list)
    failure: BaseException | None = None
    cut: bool = False
    steps: int = 0

    @property
    def value(self) -> T:
        return self.values[0]


async def call_cut(doing: str, operation: Callable[[], Awaitable[T]], at: int | None = None) -> Call[T]:
    """Run the operation and cancel it at its `at`-th step; it must then end, as cancelled, and promptly.

    It may end before that step. Nothing else is cancelled, so a component's own tasks in its life go on.
    """
    call: Call[T] = Call()
    scope = trio.CancelScope()
    steps = Steps(scope, at)
    ended = trio.Event()

    async def run() -> None:
        steps.count_me()
        try:
            with scope:
                if at == 0:
                    scope.cancel()
                call.values.append(await operation())
        except Stuck:
            pass
        except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - judged below
            call.failure = failure
        finally:
            ended.set()

    trio.lowlevel.add_instrument(steps)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)
            late = await _late(scope, ended, steps)
    finally:
        trio.lowlevel.remove_instrument(steps)
    call.cut, call.steps = scope.cancel_called, steps.count
    if late:
        broken(f"{doing}, cancelled at checkpoint {at}, {late}; a cancellation is never swallowed or held up")
    if steps.longest > BLOCKED_S:
        broken(
            f"{doing} blocked the event loop for {steps.longest:.1f} s; use trio.to_thread or context.call"
        )
    if call.cut and call.failure is not None:
        broken(
            f"{doing}, cancelled at checkpoint {at}, raised {kind_of(call.failure)} instead of being cancelled",
            call.failure,
        )
    return call


async def _late(scope: trio.CancelScope, ended: trio.Event, steps: Steps) -> str:
    """What was wrong with the end of a cancelled call; "" when nothing was. Frees what would never end."""
    while not scope.cancel_called and not ended.is_set():
        with trio.move_on_after(0.02):
            await ended.wait()
    with trio.move_on_after(PROMPT_S):
        await ended.wait()
    if ended.is_set():
        return f"made {steps.after} more steps" if steps.after > MOST_STEPS_AFTER else ""
    for task in steps.tasks():
        _unshield(task)
    with trio.move_on_after(PROMPT_S):
        await ended.wait()
    steps.breaking = not ended.is_set()
    return f"had not ended after {PROMPT_S:.0f} s"


def _unshield(task: trio.lowlevel.Task) -> None:
    """Open the shields of a task that waits inside one for ever; without it the test could not end."""
    status: Any = getattr(task, "_cancel_status", None)
    while status is not None:
        status._scope.shield = False  # noqa: SLF001 - trio has no other way in
        status = status._parent  # noqa: SLF001


def spread(total: int, most: int) -> Sequence[int]:
    """Which of `total` checkpoints to cut at: all of them, or `most` of them, evenly, with the first and last."""
    if total < most:
        return range(total + 1)
    return sorted({round(number * total / (most - 1)) for number in range(most)})
