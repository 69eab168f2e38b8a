"""`pipeline run`: open the engine, serve the API, show what happens, stop in order."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import click
import trio

from rushes.api.control import Control
from rushes.api.serve import open_api
from rushes.cli.failures import INTERRUPTED, UNSETTLED
from rushes.cli.lines import Lines
from rushes.cli.load import loader
from rushes.cli.notify import Notify
from rushes.cli.output import draws, echo_json, file_argument, json_option
from rushes.cli.page import Served, open_page, page_options, page_settings
from rushes.cli.summary import Summary, summarise
from rushes.cli.text import for_file, printable
from rushes.cli.view import running
from rushes.config.pipeline import Pipeline
from rushes.engine import Engine, open_engine
from rushes.engine.reload import Load
from rushes.errors import RushesError
from rushes.logs.log import open_log
from rushes.settings import Settings

LOG = logging.getLogger("rushes.run")
DRAINING = "draining: parts in flight are finished first; press Ctrl-C again to stop at once"
#: How long the last lines may take to be read.
FINISH_S = 2.0
STOPPING = "stopping at once; nothing is lost, the next run goes on from here"


class Face(Protocol):
    """What a run shows of itself."""

    async def follow(self, control: Control, /) -> None: ...
    async def say(self, text: str, /) -> None: ...
    async def finish(self) -> None: ...
    def close(self) -> None: ...


@click.command()
@file_argument
@click.option("--once", is_flag=True, help="End when everything present has been worked through.")
@page_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, file: str, once: bool, as_json: bool, **page: Any) -> None:
    """Run a pipeline until it is stopped.

    The first Ctrl-C (or SIGTERM) drains, a second one stops at once; both lose nothing. Changed rules are followed as
    soon as the file is saved, or at SIGHUP.
    """
    load = loader(file)
    pipeline = load()
    if running(file) is not None:
        raise RushesError(
            for_file(f"{file}: the pipeline runs already; see it: pipeline status FILE --watch", file)
        )
    settings = page_settings(**page)
    with open_log(pipeline.state, printable), open_page(settings, pipeline.state, file) as served:
        run = partial(_run, pipeline, load, settings, _face(file, as_json), served, once=once)
        summary = trio.run(run)
    if summary is None:
        ctx.exit(INTERRUPTED)
    with suppress(OSError):  # a reader that has left does not change how the run ended
        if as_json:
            echo_json(summary.document())
        else:
            click.echo(for_file(summary.text(), file))
    if once and summary.unsettled:
        ctx.exit(UNSETTLED)


def _face(file: str, as_json: bool) -> Face:
    if as_json:
        return Lines(sys.stderr, file)
    if draws():
        from rushes.cli.live import LiveScreen  # noqa: PLC0415 - rich is for terminals

        return LiveScreen(file)
    return Lines(file=file)


async def _run(
    pipeline: Pipeline, load: Load, settings: Settings, face: Face, page: Served | None, *, once: bool
) -> Summary | None:
    """What the run came to; None where a signal ended it before it had begun."""
    notify = Notify()
    stop = _Stop(face, notify, terminal=on_terminal())
    summary: Summary | None = None
    with trio.open_signal_receiver(*_signals()) as signals:
        async with trio.open_nursery() as nursery:
            stop.opening = nursery.cancel_scope
            nursery.start_soon(stop.obey, signals)
            try:
                async with open_engine(pipeline, settings, load=load) as engine:
                    summary = await _serve(engine, pipeline, settings, face, page, stop, once=once)
            finally:
                notify.stopping()
                face.close()
            nursery.cancel_scope.cancel()
    return summary


async def _serve(
    engine: Engine,
    pipeline: Pipeline,
    settings: Settings,
    face: Face,
    page: Served | None,
    stop: _Stop,
    *,
    once: bool,
) -> Summary:
    path = settings.socket_path(pipeline.state)
    before = await engine.status()
    desk = page.desk if page else ()
    shown = page.serve(engine) if page else nullcontext()
    async with open_api(engine, path, pipeline.state, desk), shown, trio.open_nursery() as views:
        stop.engine = engine
        LOG.info("%s runs; its API is at %s", pipeline.name, path)
        views.start_soon(_watch, face, engine)
        stop.notify.ready()
        views.start_soon(stop.notify.beat, partial(_alive, engine))
        views.start_soon(stop.notify.tell, engine.mark, partial(_status_line, engine))
        if page:
            views.start_soon(page.tell, face.say)
        outcome = await engine.run(once=once)
        with trio.move_on_after(FINISH_S):
            await face.finish()
        views.cancel_scope.cancel()
    LOG.info("%s has stopped", pipeline.name)
    return await summarise(engine, before, outcome, interrupted=stop.signals > 0)


async def _alive(engine: Engine) -> None:
    """Return once the engine's thread gets round to it, and tells how it is."""
    await trio.lowlevel.checkpoint()
    engine.health()


async def _status_line(engine: Engine) -> str:
    """What `systemctl status` shows."""
    counts = (await engine.status())["counts"]
    remaining = counts.get("files_remaining", 0)
    jobs = counts["jobs"]
    return f"{jobs.get('done', 0)} done, {remaining} files remaining, {jobs.get('parked', 0)} parked"


async def _watch(face: Face, engine: Engine) -> None:
    try:
        await face.follow(engine)
    except Exception:  # a display must not end the pipeline
        LOG.exception("the display broke; the pipeline goes on without it")


def _signals() -> list[signal.Signals]:
    """Ctrl-C, a service manager's stop and its wish to reload, which is also what a terminal says that closes, unless
    `nohup` has it ignored.
    """
    hangup = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
    return [signal.SIGINT, signal.SIGTERM, *hangup]


def on_terminal() -> bool:
    """Whether this process has a terminal that could close."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@dataclass
class _Stop:
    """What signals do: the first drains, the second cancels; SIGHUP reloads, unless the terminal is gone."""

    face: Face
    notify: Notify
    engine: Engine | None = None
    opening: trio.CancelScope = field(default_factory=trio.CancelScope)
    signals: int = 0
    terminal: bool = False

    async def obey(self, received: AsyncIterator[int]) -> None:
        async for number in received:
            LOG.info("%s received", signal.Signals(number).name)
            if number == signal.SIGHUP and not (self.terminal and not on_terminal()):
                await self._reload()
                continue
            self.signals += 1
            if self.engine is None:
                self.opening.cancel()
            elif self.signals == 1:
                self.notify.stopping()
                self.engine.drain()
                await self.face.say(DRAINING)
            elif number != signal.SIGHUP:  # a terminal that closes sends more than one
                self.engine.cancel()
                await self.face.say(STOPPING)

    async def _reload(self) -> None:
        """What came of it is told as an event."""
        if self.engine is not None:
            self.notify.reloading()
            with suppress(RushesError):
                await self.engine.reload()
            self.notify.ready()
