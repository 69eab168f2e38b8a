"""A pause that begins while a clip is recorded: what is made from then on must not be sent."""

from __future__ import annotations

import time

import trio

from rushes import Clip, NotYet, RushesError
from rushes_frameio.account.connection import Connection
from rushes_frameio.live.recording import Recording
from rushes_frameio.refusal.failures import Refused, of_asset
from rushes_frameio.refusal.refusals import Action, Where

#: A last write is known no better than this: a FAT card counts in steps of 2 s.
FINEST_S = 2.0


class Overlap:
    """Of one recording that began at `made_at`, seconds since the epoch, and that Frame.io has taken.

    A pause that began before that is Frame.io's to judge. Once a person has released the clip none counts.
    """

    def __init__(self, connection: Connection, made_at: float, *, resumed: bool) -> None:
        self._connection = connection
        self._made_at = made_at
        self._resumed = resumed
        self._consent = connection.context.order.consent

    async def halt(self, recording: Recording) -> str:
        """Return, with the reason, when the recording must not be sent any further."""
        if self._consent:
            await trio.sleep_forever()
        if not self._resumed and self._paused:
            # Frame.io has just taken this recording: what is known of the pause is old.
            self._connection.wish()
            await self._connection.changed()
        while not self.found(recording):
            await self._connection.changed()
        return self.told(recording.clip)

    def found(self, recording: Recording) -> bool:
        """Whether a pause began, or may have begun, while it was recorded."""
        if self._consent:
            return False
        if not recording.ended and self._paused:
            return True
        end = recording.clip.mtime_ns / 1e9 + FINEST_S if recording.ended else time.time()
        known = self._connection.pauses.known
        return any(pause.begin > self._made_at and pause.since < end for pause in known)

    def judge(self, refused: Refused, clip: Clip) -> RushesError:
        """What a refusal of parts means for the clip."""
        if refused.row(Where.ASSET).action is Action.PAUSED and not self._consent:
            return NotYet(self.told(clip))
        return of_asset(refused, clip.filename)

    @staticmethod
    def told(clip: Clip) -> str:
        """For people."""
        return f"{clip.filename}: overlaps a pause that began while it was recorded; release it to send it"

    @property
    def _paused(self) -> bool:
        identity = self._connection.identity
        return identity is not None and identity.paused
