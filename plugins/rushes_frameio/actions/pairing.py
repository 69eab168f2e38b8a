"""The action `pair`: a six-digit code is shown, a person enters it in Frame.io, tokens are sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import trio

from rushes import Context, NotAuthorised, Permanent, Tell, Unavailable
from rushes_frameio.account.connection import Connection, open_connection
from rushes_frameio.account.sealed import this_device, wrong_client
from rushes_frameio.calls.api import Api, Code, Device, Grant
from rushes_frameio.refusal.failures import Refused, Unreachable
from rushes_frameio.refusal.refusals import Action, Where

if TYPE_CHECKING:
    from rushes_frameio.options import FrameioOptions
    from rushes_frameio.sink import FrameioSink

#: How many codes may lapse, two minutes each, before nobody is thought to be there.
CODES = 5
#: What RFC 8628 adds to the interval when the service says `slow_down`.
SLOWER_S = 5.0


async def pair(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """Pair this device; tells `user_code`, `verification_uri`, `expires_in` and `interval` of every code.

    Returns the connection's facts. Cancelling it drops the code, which lapses by itself, and changes nothing.
    Raises NotAuthorised when no code was entered in time or the client secret is wrong.
    """
    # Its own connection: a person takes minutes, and the component may close and open meanwhile.
    async with open_connection(options, context) as own:
        own.tokens.only("device")
        device = this_device(context)
        grant = await _granted(own.api, device, tell, context.secrets.remember)
        # What the tokens are refreshed with, also where the environment does not tell it any more.
        context.secrets.set("client_secret", device.client_secret)
        connection = living(part) or own
        await connection.tokens.adopt("device", grant)
        return connection.facts


def living(part: FrameioSink | None) -> Connection | None:
    """The connection of the open component, None where it is not open (any more)."""
    return part.connection if part is not None and not part.connection.closed else None


@asynccontextmanager
async def borrowed(
    options: FrameioOptions, context: Context, part: FrameioSink | None
) -> AsyncIterator[Connection]:
    """The open component's own connection, so that there is one refresher; else one for this action alone."""
    if (connection := living(part)) is not None:
        yield connection
        return
    async with open_connection(options, context) as connection:
        yield connection


async def _granted(api: Api, device: Device, tell: Tell, remember: Callable[[str], None]) -> Grant:
    for _ in range(CODES):
        try:
            code = await api.request_code(device)
        except Refused as refused:
            raise _hopeless(refused) from refused
        remember(code.device_code)
        facts = {
            "user_code": code.user_code,
            "verification_uri": code.verification_uri,
            "expires_in": code.expires_in,
            "interval": code.interval,
        }
        if code.verification_uri_complete:
            facts["verification_uri_complete"] = code.verification_uri_complete
        await tell(facts)
        grant = await _redeemed(api, device, code)
        if grant is not None:
            return grant
    raise NotAuthorised("nobody entered the code in time; run: pipeline frameio pair FILE")


async def _redeemed(api: Api, device: Device, code: Code) -> Grant | None:
    """The tokens, or None when the code lapsed; a lost network is waited out until then."""
    interval = code.interval
    end = trio.current_time() + code.expires_in
    while trio.current_time() + interval <= end:
        await trio.sleep(interval)
        try:
            return await api.redeem(device, code)
        except Unreachable:
            continue
        except Refused as refused:
            match refused.row(Where.POLL).action:
                case Action.ASK_AGAIN:
                    continue
                case Action.ASK_SLOWER:
                    interval += SLOWER_S
                case Action.NEW_CODE:
                    return None
                case Action.LATER:
                    interval = max(interval, refused.retry_after or 0.0)
                case _:
                    raise _hopeless(refused) from refused
    return None


def _hopeless(refused: Refused) -> NotAuthorised | Permanent | Unavailable:
    action = refused.row(Where.AUTH).action
    if action is Action.MISCONFIGURED:
        return NotAuthorised(wrong_client("device"))
    if action is Action.LATER:
        return Unavailable(f"Frame.io answered {refused}", retry_after=refused.retry_after)
    return Permanent(f"Frame.io refused the pairing: {refused}")
