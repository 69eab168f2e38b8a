"""How many clips make a batch: few while they are slow to annotate, many where many wait that are quick."""

from __future__ import annotations

#: Large enough to spread a commit, small enough to show results early.
LEAST = 256
#: More would keep a clip that has just come, and the event loop, waiting; and gain nothing.
MOST = 2_048
#: Annotators may take so long, in seconds: a larger batch of as quick clips would show results late.
_QUICK, _SLOW = 0.25, 1.0
_STEP = 4


class Pace:
    """Learns from batch to batch."""

    def __init__(self) -> None:
        self.most = LEAST

    def took(self, clips: int, seconds: float) -> None:
        """So many clips were annotated in that time. One that was no full batch tells nothing of larger ones."""
        if seconds > _SLOW:
            self.most = max(LEAST, self.most // _STEP)
        elif clips == self.most and seconds < _QUICK:
            self.most = min(MOST, self.most * _STEP)
