"""A call to the service on behalf of one clip, which may be what is wrong with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from rushes_frameio.account.connection import Connection
from rushes_frameio.refusal.failures import Refused, Unreachable
from rushes_frameio.refusal.refusals import STRANGER, Action, Where

T = TypeVar("T")


async def call_for_clip(connection: Connection, request: Callable[[str], Awaitable[T]]) -> T:
    """As `connection.call`, once more where the table says so.

    A stranger's answer is the network's fault only as long as the service itself does not answer either: else it
    is raised as Refused, and counts against the clip, so that a call which a filter on the way dislikes does not
    hold up all others. A refusal that may come of a pause or a lost right has the identity read again.
    """

    async def asked(access: str) -> T:
        # Around this call alone: what a token's refresh before it is answered with is none of the clip.
        try:
            return await request(access)
        except Unreachable as failure:
            if failure.lost or not failure.status or not await _answers(connection):
                raise
            raise Refused(failure.status, STRANGER, "an answer of something on the way") from failure

    again = True
    while True:
        try:
            return await connection.call(asked)
        except Refused as refused:
            action = refused.row(Where.ASSET).action
            if action is Action.ONCE_MORE and again:
                again = False
                continue
            if action in {Action.PAUSED, Action.HOLD}:
                connection.wish()
            raise


async def _answers(connection: Connection) -> bool:
    """Whether the service itself answers."""
    try:
        await connection.api.health()
    except (Unreachable, Refused):
        return False
    return True
