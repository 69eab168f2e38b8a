"""Who we are on the set: our key and secret, our device id."""

from __future__ import annotations

import os
import secrets

from rushes import Context
from rushes_masterlockit.credentials import KEY, SECRET, Credentials, read_credentials
from rushes_masterlockit.formats import device_text
from rushes_masterlockit.options import MasterlockitOptions

#: Where our own device id is kept: edit counters belong to it, so it lives as long as they do.
OWN = "device_id"


def credentials_of(options: MasterlockitOptions, context: Context) -> Credentials | None:
    """None for a hub that accepts anyone. Raises ConfigError. No log tells them from now on."""
    if options.listen is not None and options.auth == "accept_any":
        return None
    credentials = read_credentials(options.secret_encoding)
    for variable in (KEY, SECRET):
        context.secrets.remember(os.environ[variable])
    return credentials


async def own_id(context: Context) -> int:
    """Our device id: random, kept in the component's store."""
    text: str | None = await context.store.get(OWN)
    if text is None:
        text = device_text(secrets.randbits(63) | 1)
        await context.store.set(OWN, text)
    return int(text, 16)
