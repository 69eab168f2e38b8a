"""Cards that come and go: who waits for one is woken, and that one is missing is told before its turn comes."""

from __future__ import annotations

import trio

from rushes.engine.board import Board
from rushes.engine.prepare import Preparation
from rushes.engine.pulse import Pulse
from rushes.volumes import Volumes

#: How often it is looked whether an absent card is back.
BACK_POLL_S = 1.0
#: How often it is looked whether cards are still there with which something is to be done. Whoever pulled one is still
#: near, and tens of thousands of steps are looked at.
GONE_POLL_S = 5.0


class Presence:
    """Watches volumes; the board and the preparation know what waits for which."""

    def __init__(self, board: Board, preparation: Preparation, volumes: Volumes, pulse: Pulse) -> None:
        self._board = board
        self._preparation = preparation
        self._volumes = volumes
        self._pulse = pulse

    async def watch_returns(self) -> None:
        """Wake what waits for a card as soon as the card is back."""
        while True:
            await trio.sleep(BACK_POLL_S)
            for volume in self._board.absent | self._preparation.absent_cards.keys():
                if self._volumes.root(volume) is not None:
                    self._board.volume_back(volume)
                    self._preparation.volume_back(volume)
                    self._pulse.beat()

    async def watch_needed(self) -> None:
        """Tell of a card that was pulled too early while it is still at hand, not when its first clip has its turn."""
        while True:
            await trio.sleep(GONE_POLL_S)
            for volume in self._board.needed_volumes() - self._board.absent:
                if self._volumes.root(volume) is None:
                    self._board.volume_gone(volume)
                    self._pulse.beat()
