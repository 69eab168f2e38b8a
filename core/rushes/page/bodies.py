"""The body of a request: read whole, within a size and a time, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping

import trio
from starlette.types import Message, Receive

from rushes.page.guard import RefusedError

PATIENCE_S = 10.0


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    """All of it. Refuses one that is longer than `limit` bytes, takes longer than PATIENCE_S, or breaks off."""
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        raise RefusedError(413, f"the body is longer than {limit} bytes")
    body = bytearray()
    with trio.move_on_after(PATIENCE_S):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RefusedError(400, "the request broke off")
            body += message.get("body", b"")
            if len(body) > limit:
                raise RefusedError(413, f"the body is longer than {limit} bytes")
            if not message.get("more_body", False):
                return bytes(body)
    raise RefusedError(408, f"the body did not come within {PATIENCE_S:.0f} s", {"Connection": "close"})


def replay(body: bytes, receive: Receive) -> Receive:
    """What tells that body, then goes on as `receive`."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        await trio.lowlevel.checkpoint()
        return {"type": "http.request", "body": body, "more_body": False}

    return again
