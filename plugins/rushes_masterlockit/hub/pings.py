"""Whether a device still lives: asked when it is silent, and seen by whether it acknowledges what it is told."""

from __future__ import annotations

import trio

from rushes_masterlockit.link import NoAnswerError, Peer, PeerLost, RefusedError
from rushes_masterlockit.protocol import Ping


async def alive(peer: Peer, timeout: float) -> bool:
    """Whether it answers a ping; a refusal is an answer too."""
    try:
        await peer.request(Ping(), timeout=timeout)
    except RefusedError:
        return True
    except (NoAnswerError, PeerLost):
        return False
    return True


class Pings:
    """Closes a peer that is lost: after `misses` pings in a row that were not answered within `timeout` seconds, or
    when for as long it acknowledged nothing of what it was told. It is asked after `interval` seconds of silence.
    """

    def __init__(self, peer: Peer, *, interval: float, timeout: float, misses: int) -> None:
        self._peer = peer
        self._interval = interval
        self._timeout = timeout
        self._most = misses
        self._missed = 0

    async def run(self) -> None:
        """Ask and watch until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._watch)
            while True:
                silent = trio.current_time() - self._peer.heard_at
                if silent >= self._interval:
                    nursery.start_soon(self._ask)
                    silent = 0.0
                await trio.sleep(self._interval - silent)

    async def _ask(self) -> None:
        if await alive(self._peer, self._timeout):
            self._missed = 0
            return
        self._missed += 1
        if self._missed >= self._most:
            self._peer.close(f"lost: no answer to {self._missed} pings")

    async def _watch(self) -> None:
        """A peer that acknowledges one request of many, however late, is slow but not lost."""
        missed, before = 0, 0
        while True:
            await trio.sleep(self._timeout)
            waits, acknowledged = self._peer.unacknowledged, self._peer.acknowledged
            missed = missed + 1 if waits and acknowledged == before else 0
            before = acknowledged
            if missed >= self._most:
                self._peer.close(f"lost: it acknowledges nothing of {waits} messages")
