"""What a person changes of a clip while nothing runs here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes import Context, NotAuthorised, Unavailable
from rushes_masterlockit.client.client import connected
from rushes_masterlockit.client.editing import LATER, OFF, edit_later
from rushes_masterlockit.client.giving import SPEAKERS, Giving
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.door import Edited
from rushes_masterlockit.formats import device_text
from rushes_masterlockit.link import LinkError
from rushes_masterlockit.options import MasterlockitOptions


async def edit_at_rest(
    options: MasterlockitOptions,
    credentials: Credentials,
    own: int,
    context: Context,
    clip: str,
    changes: Mapping[str, Any],
) -> Edited:
    """As `Running.edit`; with `send_back` there is one connection, to give it to the hub."""
    body = await edit_later(context, device_text(own), clip, changes)
    if not options.send_back:
        return Edited(body, OFF)
    why = ""
    try:
        async with connected(options, credentials, own, context) as door:
            assert door.giving is not None  # it is connected
            why = await _given(door.giving, clip, body)
    except (Unavailable, NotAuthorised) as error:
        why = f"{LATER}: {error}"
    return Edited(body, why)


async def _given(giving: Giving, clip: str, body: bytes) -> str:
    """Why the hub does not have it; "" where it does."""
    try:
        refused = await giving.clips([body])
        await giving.leave(*SPEAKERS.values())
    except LinkError as error:
        return f"{LATER}: {error}"
    return refused.get(clip, "")
