"""What a component may not leave behind: tasks, threads, open files and sockets, child processes."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from rushes.testing.promises import broken

#: Real seconds in which what was closed must be gone; a peer in this process may need a moment.
GONE_S = 3.0
#: Threads that trio keeps for the next call; they end by themselves.
IDLE_THREAD = "Trio thread"
#: What trio's and Python's own machinery opens when it is first needed, and keeps.
OWN_FILES = ("socket:", "anon_inode:", "/dev/", "/proc/", "/memfd:")


@dataclass(frozen=True, slots=True)
class Held:
    """What this process holds: counts by name."""

    tasks: int
    threads: Counter[str]
    files: Counter[str]
    children: frozenset[int]

    @classmethod
    def now(cls) -> Held:
        names = (thread.name for thread in threading.enumerate() if not thread.name.startswith(IDLE_THREAD))
        return cls(_tasks(), Counter(names), Counter(_files()), _children())

    def more_than(self, before: Held) -> str:
        """What is held now and was not before, in words; "" when nothing is."""
        found = []
        if self.tasks > before.tasks:
            found.append(_many(self.tasks - before.tasks, "system task", "system tasks"))
        # A worker thread is named after its task: how many there are is what counts.
        if (more := self.threads.total() - before.threads.total()) > 0:
            found.append(
                f"{_many(more, 'thread', 'threads')} ({', '.join(sorted(self.threads - before.threads))})"
            )
        if (more := self.files.total() - before.files.total()) > 0:
            found.append(
                f"{_many(more, 'open file', 'open files')} ({', '.join(sorted(self.files - before.files))})"
            )
        if gained := self.children - before.children:
            found.append(_many(len(gained), "child process", "child processes"))
        return ", ".join(found)


@asynccontextmanager
async def nothing_left(doing: str) -> AsyncIterator[None]:
    """What is done inside must leave nothing behind; let it happen once before, so that caches are filled."""
    before = Held.now()
    yield
    with trio.move_on_after(GONE_S):
        while Held.now().more_than(before):  # noqa: ASYNC110 - the system tells nobody that a process is gone
            await trio.sleep(0.02)
    if left := Held.now().more_than(before):
        broken(f"{doing} left {left} behind; what a life opens it closes, cancelled or not")


def _many(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"


def _tasks() -> int:
    """System tasks: any other task of a component ends with a nursery in its life, or the life does not end."""
    root = trio.lowlevel.current_root_task()
    return sum(len(nursery.child_tasks) for nursery in root.child_nurseries) if root else 0


def _files() -> list[str]:
    """What descriptors are open on; connections that a server of the test's own has accepted are not ours."""
    found: list[str] = []
    sockets: list[tuple[bool, object]] = []
    for entry in Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").is_dir() else ():
        try:
            target = str(entry.readlink())
            if target.startswith("socket:"):
                sockets.append(_socket(int(entry.name)))
        except OSError:
            continue
        if target.startswith("pipe:"):
            found.append("pipe")
        elif not target.startswith(OWN_FILES):
            found.append(target)
    served = {address for listens, address in sockets if listens}
    return found + ["socket" for listens, address in sockets if listens or address not in served]


def _socket(descriptor: int) -> tuple[bool, object]:
    """Whether it listens, and its own address: a port, or a path."""
    with socket.socket(fileno=os.dup(descriptor)) as ours:
        name = ours.getsockname()
        listens = bool(ours.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    if isinstance(name, tuple):
        return listens, name[1]
    # Pairs have no name: each counts.
    return listens, name or descriptor


def _children() -> frozenset[int]:
    found: set[int] = set()
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in listing.read_text(encoding="ascii").split())
        except OSError:
            continue
    return frozenset(found)
