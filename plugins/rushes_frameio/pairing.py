"""The action `pair`: a six-digit code is shown, a person enters it in Frame.io, tokens are sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import trio

from rushes import Context, NotAuthorised, Permanent, Tell, Unavailable
from rushes_frameio.api import Api, Code, Device, Grant, open_api
from rushes_frameio.failures import Refused, Unreachable
from rushes_frameio.tokens import Tokens, this_device

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

    Returns `paired`, `project` and `user`. Cancelling it drops the code, which lapses by itself, and changes
    nothing. Raises NotAuthorised when no code was entered in time or the client secret is wrong.
    """
    async with _connection(options, context, part) as (api, tokens):
        device = this_device(context)
        grant = await _granted(api, device, tell)
        await tokens.adopt(device, grant)
        try:
            identity = await tokens.call(api.identity)
        except (Refused, Unavailable) as failure:
            context.log.warning("paired, but its project could not be read: %s", failure)
            return {"paired": True, "project": "", "user": ""}
        context.show(connected=True, **identity.facts)
        return {"paired": True, **identity.facts}


@asynccontextmanager
async def _connection(
    options: FrameioOptions, context: Context, part: FrameioSink | None
) -> AsyncIterator[tuple[Api, Tokens]]:
    """The open component's own API and tokens, so that there is one refresher; else its own pair."""
    if part is not None:
        yield part.api, part.tokens
        return
    async with open_api(options) as (api, _):
        yield api, Tokens(api, context)


async def _granted(api: Api, device: Device, tell: Tell) -> Grant:
    for _ in range(CODES):
        try:
            code = await api.request_code(device)
        except Refused as refused:
            raise _hopeless(refused) from refused
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
            match refused.name:
                case "authorization_pending":
                    continue
                case "slow_down":
                    interval += SLOWER_S
                case "expired_token" | "invalid_grant":
                    return None
                case _ if refused.status == 429 or refused.status >= 500:
                    interval = max(interval, refused.retry_after or 0.0)
                case _:
                    raise _hopeless(refused) from refused
    return None


def _hopeless(refused: Refused) -> NotAuthorised | Permanent | Unavailable:
    if refused.name == "invalid_client":
        return NotAuthorised("Frame.io does not accept the client secret; check RUSHES_FRAMEIO_CLIENT_SECRET")
    if refused.status == 429 or refused.status >= 500:
        return Unavailable(f"Frame.io answered {refused}", retry_after=refused.retry_after)
    return Permanent(f"Frame.io refused the pairing: {refused}")
