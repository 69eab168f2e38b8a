"""Whether the hub would have us: for `check --connect`."""

from __future__ import annotations

from collections.abc import Awaitable

from rushes import Context, Unavailable
from rushes_masterlockit.client.greeting import greeted
from rushes_masterlockit.identity import credentials_of, own_id
from rushes_masterlockit.link import PeerLost
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import Message


class _Deaf:
    """Has no ear for what a hub says after its welcome."""

    def hear(self, _message: Message, /) -> Awaitable[None] | None:
        return None


async def reach(options: MasterlockitOptions, context: Context) -> None:
    """Be welcomed by the hub that is to be followed, and leave; nothing to do where we are the hub.

    Raises Unavailable where it is not reached, NotAuthorised where it refuses us.
    """
    credentials = credentials_of(options, context)
    if options.listen is not None or credentials is None:
        return
    try:
        async with greeted(options, credentials, await own_id(context), lambda _peer: _Deaf()):
            pass
    except PeerLost as lost:
        raise Unavailable(str(lost)) from lost
