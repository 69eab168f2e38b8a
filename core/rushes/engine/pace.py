"""How many clips make a batch: few while they are slow to annotate, many where many wait that are quick."""

from __future__ import annotations

#: Large enough to spread a commit, small enough to show results early.
LEAST = 256
#: More would keep a clip that has just come, and the event loop, waiting; and gain nothing.
MOST = 2_048
#: What is annotated again waits anyway, until all that is new is planned: fewer reads and commits count for more.
MOST_AGAIN = 4_096
#: Annotators may take so long, in seconds: a larger batch of as quick clips would show results late.
_QUICK, _SLOW = 0.25, 1.0
#: At once not more than so many times as much, up or down: one batch tells little of others.
_UP, _DOWN = 16, 4


class Pace:
    """Learns from batch to batch, of what is new or of what is annotated `again`."""

    def __init__(self, *, again: bool = False) -> None:
        self.most = LEAST
        self._limit = MOST_AGAIN if again else MOST

    def took(self, clips: int, seconds: float) -> None:
        """So many clips were annotated in that time. One that was no full batch tells nothing of larger ones."""
        if seconds > _SLOW:
            self.most = max(LEAST, self.most // _DOWN)
        elif clips == self.most and seconds < _QUICK:
            self.most = min(self._limit, int(self.most * min(_UP, _SLOW / 2 / max(seconds, 1e-3))))
