"""`check_sink` passes a sink that keeps its promises, and tells each promise that a broken one breaks."""

from __future__ import annotations

import os
import threading
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import pytest
import trio

from rushes import Options, Permanent, Receipt, Spec, Template, Transient, Unavailable
from rushes.testing import check_sink

PART = 20_000


class BoxOptions(Options):
    path: Path


class Box:
    """A folder; a clip's parts are pasted into one file, which gets its name once it is whole."""

    broken = False

    def __init__(self, options, context):
        self.root, self.context = options.path, context

    async def deliver(self, clip, resume, report, /):
        head = {"size": clip.size, "mark": clip.bytes_mark}
        parts = dict(resume.parts) if resume and dict(resume.head) == head else {}
        with self.context.open(clip) as source:
            if not parts:
                await self.begin(report, head)
            for number in range(-(-clip.size // PART)):
                if number not in parts:
                    await self.proceed(report)
                    await self.send(clip, source, number)
                    await report.part(number)
            self.context.verify(clip, source)
        sent = clip.size - PART * len(parts)
        return await self.finish(clip, max(0, sent))

    async def begin(self, report, head):
        await report.begin(head)

    async def proceed(self, report):
        await report.proceed()

    async def send(self, clip, source, number):
        if Box.broken:
            raise Transient("the box is shut; open it")
        piece = os.pread(source.fileno(), PART, number * PART)
        with (self.root / f"{clip.id}.{number}").open("wb") as file:
            file.write(piece)
        await trio.lowlevel.checkpoint()

    async def finish(self, clip, sent):
        pieces = [self.root / f"{clip.id}.{number}" for number in range(-(-clip.size // PART))]
        if all(piece.exists() for piece in pieces):
            (self.root / clip.filename).write_bytes(b"".join(piece.read_bytes() for piece in pieces))
        return Receipt(where=str(self.root / clip.filename), size=clip.size, sent=sent)


@asynccontextmanager
async def open_box(options, context, sink=Box):
    yield sink(options, context)


def spec_of(sink=Box, *, opening=None, **more):
    def opened(options, context):
        return (opening or open_box)(options, context, sink)

    return Spec(**{"name": "box", "summary": "A box.", "config": BoxOptions, "open": opened, **more})


async def check(tmp_path, spec, **more):
    box = tmp_path / "box"
    box.mkdir(parents=True)

    def landed(clip):
        file = box / clip.filename
        return file.read_bytes() if file.exists() else None

    @contextmanager
    def fail(_dice):
        Box.broken = True
        try:
            yield
        finally:
            Box.broken = False

    given = {"landed": landed, "fail": fail, "size": 5 * PART - 7, **more}
    await check_sink(spec, {"path": box}, folder=tmp_path, **given)


async def test_a_sink_that_keeps_its_promises_passes(tmp_path):
    await check(tmp_path, spec_of())


async def test_it_needs_no_more_than_options_and_a_folder(tmp_path):
    await check_sink(spec_of(), {"path": tmp_path}, folder=tmp_path)


class Shelves(Box):
    """Its files lie in folders made of what is known of a clip."""

    async def deliver(self, clip, resume, report, /):
        Template("{project}/{scene}").fill(clip)
        return await super().deliver(clip, resume, report)


async def test_a_sink_that_needs_metadata_is_given_it(tmp_path):
    with pytest.raises(AssertionError, match="no project yet for folder"):
        await check(tmp_path / "bare", spec_of(Shelves))
    await check(
        tmp_path / "told", spec_of(Shelves), meta={"project": "Nocturne", "scene": "1"}, cuts=6, seeds=2
    )


class NoReceipt(Box):
    async def finish(self, clip, sent):
        return None


class Forgets(Box):
    """Says it is there before it is."""

    async def finish(self, clip, sent):
        return Receipt(where="the box", size=clip.size, sent=sent)


class Mangles(Box):
    async def finish(self, clip, sent):
        receipt = await super().finish(clip, sent)
        (self.root / clip.filename).write_bytes(b"something else")
        return receipt


class Nowhere(Box):
    async def finish(self, clip, sent):
        return Receipt(where="") if await super().finish(clip, sent) else None


class Repeats(Box):
    """Knows nothing of what was reported."""

    async def deliver(self, clip, resume, report, /):
        return await super().deliver(clip, None, report)


class Resends(Box):
    """Begins only once, but sends every part each time."""

    async def deliver(self, clip, resume, report, /):
        with self.context.open(clip) as source:
            if resume is None:
                await report.begin({"size": clip.size})
            for number in range(-(-clip.size // PART)):
                await report.proceed()
                await self.send(clip, source, number)
                await report.part(number)
        return await self.finish(clip, clip.size)


class Unasked(Box):
    async def proceed(self, report):
        await trio.lowlevel.checkpoint()


class Headless(Box):
    async def begin(self, report, head):
        await trio.lowlevel.checkpoint()


class NoJson(Box):
    async def begin(self, report, head):
        await report.begin({"path": self.root})


class OverOtherBytes(Box):
    """Goes on from parts of whatever bytes."""

    async def deliver(self, clip, resume, report, /):
        if resume and resume.parts:
            for number in range(-(-clip.size // PART)):
                if number not in resume.parts:
                    with self.context.open(clip) as source:
                        await report.proceed()
                        await self.send(clip, source, number)
                        await report.part(number)
            return await self.finish(clip, max(0, clip.size - PART * len(resume.parts)))
        return await super().deliver(clip, resume, report)


class Swallows(Box):
    async def send(self, clip, source, number):
        await super().send(clip, source, number)
        with suppress(BaseException):
            await trio.lowlevel.checkpoint()
            return
        while True:
            with suppress(trio.Cancelled):
                await trio.lowlevel.checkpoint()


class Shields(Box):
    async def send(self, clip, source, number):
        with trio.CancelScope(shield=True):
            if trio.current_effective_deadline() == -1:
                await trio.sleep_forever()
            await super().send(clip, source, number)
        try:
            await trio.lowlevel.checkpoint()
        except trio.Cancelled:
            with trio.CancelScope(shield=True):
                await trio.sleep_forever()


class Converts(Box):
    async def send(self, clip, source, number):
        try:
            await super().send(clip, source, number)
        except trio.Cancelled:
            raise Permanent("cancelled") from None


class Blocks(Box):
    async def finish(self, clip, sent):
        time.sleep(0.3)  # noqa: ASYNC251 - what is to be told
        return await super().finish(clip, sent)


class Bug(Box):
    async def send(self, clip, source, number):
        if Box.broken:
            raise KeyError("no such box")
        await super().send(clip, source, number)


class GivesUp(Box):
    gone: ClassVar = set()

    async def send(self, clip, source, number):
        if Box.broken:
            self.gone.add(clip.id)
        if clip.id in self.gone:
            raise Transient("broken for ever")
        await super().send(clip, source, number)


class Believes(Box):
    """Reads by its own path and never looks whether the file is what was admitted."""

    async def deliver(self, clip, resume, report, /):
        path = self.context.path(clip)
        data = path.read_bytes()
        await report.proceed()
        (self.root / clip.filename).write_bytes(data)
        return Receipt(where="the box", size=clip.size, sent=len(data))


class BlamesItself(Box):
    async def deliver(self, clip, resume, report, /):
        try:
            return await super().deliver(clip, resume, report)
        except Exception as error:
            raise Unavailable(f"the box does not like it: {error}") from error


class OpensByItself(Box):
    async def deliver(self, clip, resume, report, /):
        os.close(os.open(self.context.volumes.get(clip.volume, Path("/gone")) / clip.path, os.O_RDONLY))
        return await super().deliver(clip, resume, report)


class Multiline(Box):
    async def send(self, clip, source, number):
        if Box.broken:
            raise Transient("two\nlines")
        await super().send(clip, source, number)


class Touches(Box):
    async def finish(self, clip, sent):
        os.utime(self.context.path(clip))
        return await super().finish(clip, sent)


class Litters(Box):
    async def finish(self, clip, sent):
        (self.context.volumes[clip.volume] / "index.db").touch()
        return await super().finish(clip, sent)


@pytest.mark.parametrize(
    ("sink", "sentence"),
    [
        (NoReceipt, "deliver returned None, not a rushes.Receipt"),
        (Forgets, r"gave a receipt, but landed\(\) finds nothing"),
        (Mangles, "gave a receipt, but 14 other bytes are there"),
        (Nowhere, "gave a receipt without where"),
        (Repeats, "began anew although 5 parts of the same bytes were reported"),
        (Resends, "sent part 0 twice"),
        (Unasked, r"sent a part without report.proceed\(\)"),
        (Headless, "reported a part before it had begun"),
        (NoJson, "deliver raised TypeError"),
        (OverOtherBytes, "never resumes over those"),
        (Swallows, "cancelled at checkpoint .*, (made .* more steps|had not ended)"),
        (Shields, "cancelled at checkpoint .*, had not ended after 1 s"),
        (Converts, "raised Permanent: cancelled instead of being cancelled"),
        (Blocks, "deliver blocked the event loop for 0.3 s"),
        (Bug, "seed 0 raised KeyError: 'no such box'; only the errors of rushes.errors"),
        (GivesUp, "still fails in a whole world after 6 tries: Transient: broken for ever"),
        (Believes, "gave a receipt, but .* other bytes are there"),
        (BlamesItself, "raised Unavailable, which holds up every other clip"),
        (OpensByItself, "lost its card before the call raised FileNotFoundError"),
        (Multiline, "an error is one line"),
        (Touches, "the original was changed, moved or deleted"),
        (Litters, "index.db was written to the card"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_broken_promise_is_told(tmp_path, sink, sentence, monkeypatch):
    monkeypatch.setattr("rushes.testing.cuts.PROMPT_S", 1.0)
    if sink is Blocks:
        monkeypatch.setattr("rushes.testing.cuts.BLOCKED_S", 0.2)
    with pytest.raises(AssertionError, match=sentence) as told:
        await check(tmp_path, spec_of(sink))
    assert "\n" not in str(told.value)


class Logs(Box):
    """Writes a line beside each clip, once more with every call."""

    async def finish(self, clip, sent):
        with (self.root / f"{clip.filename}.log").open("a") as log:
            log.write("delivered\n")
        return await super().finish(clip, sent)


async def test_what_a_call_that_is_made_again_writes_twice_is_told_with_the_remedy(tmp_path):
    def landed(clip):
        log = tmp_path / "box" / f"{clip.filename}.log"
        return log.read_text() == "delivered\n" if log.exists() else None

    with pytest.raises(AssertionError) as told:
        await check(tmp_path, spec_of(Logs), landed=landed)
    assert "called again" in str(told.value)
    assert "landed() gave False" in str(told.value)
    assert "finds what the one before left, so write that anew, and add nothing to it" in str(told.value)


CHILDREN = []


@pytest.fixture
async def children():
    yield
    while CHILDREN:
        process = CHILDREN.pop()
        process.kill()
        await process.wait()


@asynccontextmanager
async def opens_once(options, context, sink):
    if (options.path / "lock").exists():
        raise FileExistsError("lock")
    (options.path / "lock").touch()
    yield sink(options, context)
    (options.path / "lock").unlink()


@asynccontextmanager
async def swallows(options, context, sink):
    with suppress(Exception):
        yield sink(options, context)


@asynccontextmanager
async def replaces(options, context, sink):
    try:
        yield sink(options, context)
    except Exception as error:
        raise RuntimeError("while closing") from error


@asynccontextmanager
async def leaks_files(options, context, sink):
    part = sink(options, context)
    part.handle = os.open(options.path, os.O_RDONLY)
    yield part


@asynccontextmanager
async def leaks_threads(options, context, sink):
    threading.Thread(target=threading.Event().wait, daemon=True, name="mine").start()
    yield sink(options, context)


@asynccontextmanager
async def leaks_tasks(options, context, sink):
    trio.lowlevel.spawn_system_task(trio.sleep_forever)
    yield sink(options, context)


@asynccontextmanager
async def leaks_children(options, context, sink):
    CHILDREN.append(await trio.lowlevel.open_process(["sleep", "60"]))
    yield sink(options, context)


@asynccontextmanager
async def cancelled_it_leaks(options, context, sink):
    handle = os.open(options.path, os.O_RDONLY)
    yield sink(options, context)
    await trio.lowlevel.checkpoint()
    os.close(handle)


@asynccontextmanager
async def wrong_part(options, context, sink):
    yield object()


@asynccontextmanager
async def dies_behind(options, context, sink):
    async def die():
        await trio.sleep(0.01)
        raise KeyError("in the background")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(die)
        yield sink(options, context)
        await trio.sleep(0.1)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("opening", "sentence"),
    [
        (opens_once, "opening box .*raised FileExistsError"),
        (swallows, "the life of box swallowed the failure it was closed by"),
        (replaces, "closing box replaced the failure it was closed by with RuntimeError: while closing"),
        (leaks_files, r"left \d+ open files \(.*box\) behind"),
        (leaks_threads, r"left \d+ threads \(mine\) behind"),
        (leaks_tasks, r"left \d+ system tasks behind"),
        (leaks_children, r"left \d+ child processes behind"),
        (cancelled_it_leaks, r"left \d+ open files? \(.*box\) behind"),
        (wrong_part, r"open of box yields object, which has no deliver\(\)"),
        (dies_behind, "KeyError: 'in the background'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_life_that_breaks_a_promise_is_told(tmp_path, opening, sentence, monkeypatch, children):
    monkeypatch.setattr("rushes.testing.leaks.GONE_S", 0.3)
    with pytest.raises(AssertionError, match=sentence) as told:
        await check(tmp_path, spec_of(opening=opening), cuts=5)
    assert "\n" not in str(told.value)


class Talks(Box):
    async def finish(self, clip, sent):
        self.context.log.info("logging in with %s", "hunter2")
        return await super().finish(clip, sent)


async def test_a_secret_in_the_log_is_told(tmp_path):
    with pytest.raises(AssertionError, match="a secret of box is in its log"):
        await check(tmp_path, spec_of(Talks), secrets=["hunter2"], cuts=3)


async def test_a_hook_of_the_test_that_fails_is_not_blamed_on_the_sink(tmp_path):
    def absent(_clip):
        raise FileNotFoundError("wrong folder")

    async def unready(_context):
        raise KeyError("pair")

    with pytest.raises(AssertionError, match=r"the check's own landed\(\) raised FileNotFoundError: wrong"):
        await check(tmp_path, spec_of(), landed=absent)
    with pytest.raises(AssertionError, match=r"the check's own ready\(\) raised KeyError"):
        await check_sink(spec_of(), {"path": tmp_path}, folder=tmp_path, ready=unready)


async def test_a_live_sink_that_does_not_wait_for_the_end_of_a_recording_is_told(tmp_path):
    class Follows(Box):
        async def deliver(self, clip, resume, report, /):
            async for state in self.context.follow(clip):
                clip = state
            return await super().deliver(clip, resume, report)

    await check(tmp_path / "good", spec_of(Follows, live=True), cuts=3)
    with pytest.raises(
        AssertionError, match="deliver gave a receipt for a clip that was still being recorded"
    ):
        await check(tmp_path / "bad", spec_of(live=True), cuts=3)
