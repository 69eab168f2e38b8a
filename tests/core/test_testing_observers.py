"""`check_observer` passes an observer that keeps its promises, and tells each that a broken one breaks."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager

import pytest
import trio

from rushes import Options, Spec, Unavailable
from rushes.testing import check_observer


class Tells:
    def __init__(self, world):
        self.world = world

    async def watch(self, events, /):
        async for event in events:
            await trio.lowlevel.checkpoint()
            await self.tell(event)

    async def tell(self, event):
        self.world.append(event.seq)
        await trio.lowlevel.checkpoint()


async def check(tmp_path, observer, **more):
    world = []

    @asynccontextmanager
    async def opened(_options, _context):
        yield observer(world)

    spec = Spec(name="teller", summary="Tells.", config=Options, open=opened)
    await check_observer(spec, {}, folder=tmp_path, told=lambda: list(world), **more)
    return world


async def test_an_observer_that_keeps_its_promises_passes(tmp_path):
    world = await check(tmp_path, Tells)
    assert len(world) > len(set(world)) > 20


class Ends(Tells):
    async def watch(self, events, /):
        async for event in events:
            await self.tell(event)
            if event.seq == 3:
                return


class Drops(Tells):
    async def tell(self, event):
        if event.kind != "step.note":
            await super().tell(event)


class Ahead(Tells):
    """Asks for the next while the last is still in its hands."""

    async def watch(self, events, /):
        last = None
        async for event in events:
            if last is not None:
                await self.tell(last)
            last = event


class Shuffles(Tells):
    async def tell(self, event):
        self.world += [event.seq + 1, event.seq] if event.seq == 1 else [event.seq]


class Idle(Tells):
    async def watch(self, events, /):
        await trio.sleep_forever()


class Chokes(Tells):
    async def tell(self, event):
        await super().tell(event)
        event.detail["name"].upper()


class Stubborn(Tells):
    async def watch(self, events, /):
        try:
            await super().watch(events)
        except trio.Cancelled:
            raise RuntimeError("not yet") from None


@pytest.mark.parametrize(
    ("observer", "sentence"),
    [
        (Ends, "watch returned by itself"),
        (Drops, "asked for the next event before event 3 had reached the world"),
        (Ahead, "asked for the next event before event 1 had reached the world"),
        (Shuffles, "told events out of order"),
        (Idle, "watch had not taken 6 events after 1 s"),
        (Chokes, "watch raised KeyError: 'name'"),
        (Stubborn, "watch raised RuntimeError: not yet"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_broken_promise_is_told(tmp_path, observer, sentence, monkeypatch):
    monkeypatch.setattr("rushes.testing.observers.TAKES_S", 1.0)
    with pytest.raises(AssertionError, match=sentence) as told:
        await check(tmp_path, observer)
    assert "\n" not in str(told.value)


async def test_a_world_that_fails_loses_no_event_and_one_that_forgets_is_told(tmp_path):
    """An observer may give up while nobody listens; it may not pretend."""
    down = False

    @contextmanager
    def fail(_dice):
        nonlocal down
        down = True
        yield
        down = False

    class GivesUp(Tells):
        async def tell(self, event):
            if down:
                raise Unavailable("nobody listens; start the listener")
            await super().tell(event)

    class Shrugs(Tells):
        async def tell(self, event):
            if not down:
                await super().tell(event)

    class Breaks(Tells):
        async def tell(self, event):
            if down:
                raise OSError("refused")
            await super().tell(event)

    await check(tmp_path / "1", GivesUp, fail=fail)
    with pytest.raises(
        AssertionError, match=r"asked for the next event before event .* had reached the world"
    ):
        await check(tmp_path / "2", Shrugs, fail=fail)
    with pytest.raises(AssertionError, match="under the faults of seed 0 raised OSError: refused"):
        await check(tmp_path / "3", Breaks, fail=fail)
