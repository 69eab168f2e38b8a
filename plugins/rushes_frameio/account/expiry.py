"""An authorisation that ends is told of before it does."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from rushes_frameio.account.connection import Connection

#: Seconds before the end at which it is told of in the log.
WARNINGS = (24 * 3600.0, 3600.0)
#: The clock is looked at this often: it may be set, and trio's own stands still while a laptop sleeps.
LOOK_EVERY_S = 60.0


async def warn_of_expiry(connection: Connection) -> None:
    """Log each of WARNINGS once per end, and show `attention` from the first on; until cancelled."""
    told: set[tuple[float, float]] = set()
    while True:
        identity = connection.identity
        end = identity.expires_at if identity else None
        left = float("inf") if end is None else end - time.time()
        passed = [early for early in WARNINGS if left <= early]
        connection.context.show(attention=_words(end) if end is not None and passed else None)
        if end is not None and passed and (end, passed[-1]) not in told:
            told.update((end, early) for early in passed)
            connection.context.log.warning("%s", _words(end))
        with trio.move_on_after(LOOK_EVERY_S):
            await connection.changed()


def _words(end: float) -> str:
    moment = datetime.fromtimestamp(end).astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return f"the connection to the project ends {moment}; run in time: pipeline frameio pair FILE"
