"""The asset of a clip, asked for: a standard one and one that grows begin alike."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from rushes import Clip, NotYet, Permanent, Report, Transient, Unavailable
from rushes_frameio.account.connection import Connection
from rushes_frameio.account.forclip import call_for_clip
from rushes_frameio.clip.capture import capture
from rushes_frameio.refusal.failures import Refused, Unreachable, of_asset

T = TypeVar("T")


async def create(
    connection: Connection,
    report: Report,
    clip: Clip,
    abandoned: int,
    *,
    channel: Callable[[Clip], AbstractContextManager[int]],
    post: Callable[[str, int, int], Awaitable[T]],
    note: str,
) -> T:
    """What `post(access token, offset, channel)` answers. The intent is stored before; the caller stores what it got.

    `note` is kept with the step, with `{captured}` and `{offset}` filled in. Raises a RushesError; where certainly
    no asset was made the intent has been answered with the number of `abandoned` ones.
    """

    async def ask(access: str) -> T:
        await connection.api.may_create_asset()
        made = capture(clip)
        connection.pauses.judge(clip, made, connection.context.order)
        offset = made.offset(time.time())
        connection.context.note(note.format(captured=made.told, offset=offset))
        try:
            with channel(clip) as index:
                return await post(access, offset, index)
        except Unreachable as failure:
            if not failure.lost:
                raise
            # The link may be fine; what is in doubt is this one asset. An answer that came and says nothing is
            # none of the network: it must not make one placeholder after the other for ever.
            text = f"{clip.filename}: the answer to its creation was lost: {failure}"
            raise Transient(text, blame="clip" if failure.status else "world") from failure

    await report.intend()
    try:
        return await call_for_clip(connection, ask)
    except (NotYet, Permanent, Unavailable):  # nothing was asked, or nothing but a stranger answered
        await report.begin({"abandoned": abandoned})
        raise
    except Refused as refused:
        if refused.status < 500:  # certainly no asset: the intent is answered
            await report.begin({"abandoned": abandoned})
        raise of_asset(refused, clip.filename) from refused
