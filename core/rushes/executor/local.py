"""Commands as niced subprocesses, functions in long-lived worker processes, both killed when cancelled."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path, PurePath
from subprocess import DEVNULL, PIPE
from typing import ParamSpec, TypeVar

import trio
import trio_parallel

from rushes.contract import Completed
from rushes.errors import CommandFailed, Unavailable, WorkerDied
from rushes.executor.orphans import Orphans

LOG = logging.getLogger("rushes.executor")
P = ParamSpec("P")
T = TypeVar("T")

#: How much of a command's stderr is kept for the error message.
KEPT_OUTPUT_BYTES = 8192
#: Variables of ours carry secrets; a child process gets none of them.
PRIVATE_PREFIX = "RUSHES_"


def child_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of child processes: ours without anything named RUSHES_*."""
    return {name: value for name, value in environment.items() if not name.startswith(PRIVATE_PREFIX)}


def hide_private() -> None:
    """Take our variables out of what child processes inherit; `os.environ` of this process keeps them.

    A child that deletes them first thing is too late: /proc/PID/environ shows what it was started with.
    """
    for name in [name for name in os.environ if name.startswith(PRIVATE_PREFIX)]:
        os.unsetenv(name)


class LocalExecutor:
    """Runs commands and functions on this machine.

    At most `heavy` commands run at once, at lower priority than the engine (`nice`).
    """

    def __init__(
        self, workers: trio_parallel.WorkerContext, orphans: Orphans, *, heavy: int, nice: int
    ) -> None:
        self._workers = workers
        self._orphans = orphans
        self._heavy = trio.CapacityLimiter(heavy)
        self._nice = nice

    async def run(
        self, command: Sequence[str], *, lines: Callable[[str], None] | None = None, at_once: bool = False
    ) -> Completed:
        """See `Context.run`; `at_once` waits for no other command, and none waits for it."""
        async with nullcontext() if at_once else self._heavy:
            return await self._run(command, lines)

    async def _run(self, command: Sequence[str], lines: Callable[[str], None] | None) -> Completed:
        program = PurePath(command[0]).name
        try:
            process = await trio.lowlevel.open_process(
                list(command),
                stdin=DEVNULL,
                stdout=PIPE if lines else DEVNULL,
                stderr=PIPE,
                env=child_environment(),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise Unavailable(f"{command[0]}: no such program; install it or correct its setting") from error
        except PermissionError as error:
            raise Unavailable(
                f"{command[0]}: may not be executed; correct its permissions or setting"
            ) from error
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, self._nice)
        tail = bytearray()
        try:
            with self._orphans.remembered(process.pid):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_keep_tail, process.stderr, tail)
                    if lines:
                        nursery.start_soon(_each_line, process.stdout, lines)
                    await process.wait()
                    # A wrapper script's children must not outlive it, nor keep its pipes open.
                    _end_session(process.pid)
        finally:
            _end_session(process.pid)
            with trio.CancelScope(shield=True):
                await process.wait()
        output = tail.decode(errors="replace")
        if process.returncode:
            raise CommandFailed(program, process.returncode, output)
        return Completed(output)

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Context.call`."""
        hide_private()  # a call may start a worker
        try:
            answer: T = await self._workers.run_sync(_Call(function, kwargs), *args, kill_on_cancel=True)
        except trio_parallel.BrokenWorkerError as error:
            await self._workers_can_start()
            raise WorkerDied(f"the worker process died in {function.__name__}") from error
        return answer

    async def _workers_can_start(self) -> None:
        """Raise Unavailable where no worker lives at all: then no input is to blame."""
        try:
            await self._workers.run_sync(bool, kill_on_cancel=True)
        except trio_parallel.BrokenWorkerError as error:
            raise Unavailable(
                "no worker process can be started; see what the system's log says of it"
            ) from error


def _end_session(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class _Call:
    """A picklable partial with keyword arguments."""

    def __init__(self, function: Callable[..., T], kwargs: Mapping[str, object]) -> None:
        self.function = function
        self.kwargs = dict(kwargs)

    def __call__(self, *args: object) -> object:
        return self.function(*args, **self.kwargs)


async def _keep_tail(stream: trio.abc.ReceiveStream | None, tail: bytearray) -> None:
    if stream is not None:
        async for chunk in stream:
            tail += chunk
            del tail[:-KEPT_OUTPUT_BYTES]


async def _each_line(stream: trio.abc.ReceiveStream | None, lines: Callable[[str], None]) -> None:
    if stream is None:
        return
    rest = b""
    async for chunk in stream:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            lines(line.decode(errors="replace"))
    if rest:
        lines(rest.decode(errors="replace"))


@asynccontextmanager
async def open_executor(folder: Path, *, heavy: int = 1, nice: int = 10) -> AsyncIterator[LocalExecutor]:
    """An executor whose children are remembered in `folder`; what a killed run left running is ended first."""
    orphans = Orphans(folder)
    orphans.end()
    try:
        async with trio_parallel.open_worker_context(idle_timeout=600) as workers:
            yield LocalExecutor(workers, orphans, heavy=heavy, nice=nice)
    except trio_parallel.BrokenWorkerError:
        # A closing terminal ends the workers before us; there was nothing left for them to do.
        LOG.info("a worker process had ended before the executor was closed")
