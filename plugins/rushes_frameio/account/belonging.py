"""A delivery goes to the project that its job was planned for; to no other, whatever is connected meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import trio

from rushes import NotYet, Order, RushesError, Transient
from rushes_frameio.account.projects import Span

if TYPE_CHECKING:
    from rushes_frameio.account.connection import Connection

#: What a delivery is told while somebody chooses another project, and seconds until it looks again.
CHANGING = "another project is being chosen"
SOON_S = 1.0


def waits_for(project_id: str) -> str:
    """What deliveries that belong to another project wait for."""
    return f"project:{project_id}"


class Belonging:
    """The running deliveries of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._running: dict[trio.CancelScope, Order] = {}
        self._ended = trio.Event()
        self._changing = False
        self._one_change = trio.Lock()

    @contextmanager
    def kept(self, order: Order) -> Iterator[None]:
        """Around a delivery: it stops at once when another project than its own is connected.

        Raises NotYet where that is so, now or later, Unavailable where no project is connected, and Transient while
        one is being chosen.
        """
        if refusal := self._refusal(order):
            raise refusal
        scope = trio.CancelScope()
        self._running[scope] = order
        try:
            with scope:
                yield
        finally:
            del self._running[scope]
            self._ended.set()
        if scope.cancelled_caught:
            raise self._refusal(order) or Transient(CHANGING, retry_after=SOON_S)

    def moved(self) -> None:
        """Another project is connected, or none."""
        for scope, order in self._running.items():
            if self._refusal(order):
                scope.cancel()

    @asynccontextmanager
    async def emptied(self) -> AsyncIterator[None]:
        """No delivery runs in this block, nor another such block: the project of this very token is being changed."""
        async with self._one_change:
            self._changing = True
            try:
                for scope in self._running:
                    scope.cancel()
                while self._running:
                    self._ended = trio.Event()
                    await self._ended.wait()
                yield
            finally:
                self._changing = False

    def _refusal(self, order: Order) -> RushesError | None:
        if self._changing:
            return Transient(CHANGING, retry_after=SOON_S)
        identity = self._connection.identity
        if identity is None:
            return self._connection.absence()
        owner: Span | None = self._connection.projects.owner(order.planned_at)
        if owner is None or owner.id == identity.project_id:
            return None
        text = f"belongs to the project {owner.name}, connected is {identity.project}; connect {owner.name} again"
        return NotYet(text, until=waits_for(owner.id))
