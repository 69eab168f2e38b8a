"""What the soak shoots: cards that are inserted, stills, sound, and sound that is uploaded while it is recorded."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journeys.frameio.recorders import Shot, insert, record
from rushes_sandbox.bwf import Sound, Take, header

#: Kinds by how many of a hundred clips are of them.
SHARES = {"inserted": 55, "still": 20, "sound": 20, "growing": 5}
#: A multitrack recorder: 4.6 MB a second, so that a growing clip has several parts within seconds.
TRACKS = Sound(channels=8, sample_rate=192_000, bits=24)
GROWING_S = 3
PIECES = 20


@dataclass(frozen=True)
class Made:
    """A clip, and when it was recorded, in seconds since the epoch."""

    path: Path
    began: float
    ended: float


class Crew:
    """Shoots, one clip after the other, in a thread: as many as are asked for in so many seconds."""

    def __init__(self, cards: Path, clips: int, seconds: float, seed: int) -> None:
        self._cards, self._seconds = cards, seconds
        self._chance = random.Random(seed)
        kinds = [kind for kind, share in SHARES.items() for _ in range(round(clips * share / 100))]
        kinds += ["inserted"] * (clips - len(kinds))
        self._chance.shuffle(kinds)
        self._kinds = kinds
        self.made: list[Made] = []
        for name in ("CARD", "STILLS", "SOUND", "GROW"):
            (cards / name).mkdir()
        self._thread = threading.Thread(target=self._shoot, daemon=True)
        self._thread.start()

    def wait(self) -> Sequence[Made]:
        """Every clip, once the last is shot."""
        self._thread.join()
        return self.made

    def _shoot(self) -> None:
        began = time.monotonic()
        for number, kind in enumerate(self._kinds):
            due = began + self._seconds * number / len(self._kinds)
            time.sleep(max(0.0, due - time.monotonic()))
            start = time.time()
            path = getattr(self, f"_{kind}")(number)
            # A card has been shot before, whatever happens now.
            times = (path.stat().st_mtime,) * 2 if kind == "inserted" else (start, time.time())
            self.made.append(Made(path, *times))

    def _inserted(self, number: int) -> Path:
        written = time.time() - self._chance.uniform(3600, 36_000)
        return insert(self._cards / "CARD", f"C{number:03}.bin", self._chance.randrange(1, 600_000), written)

    def _still(self, number: int) -> Path:
        path = self._cards / "STILLS" / f"S{number:03}.jpg"
        path.write_bytes(self._chance.randbytes(self._chance.randrange(20_000, 300_000)))
        return path

    def _sound(self, number: int) -> Path:
        return record(self._cards / "SOUND" / f"T{number:03}.wav")

    def _growing(self, number: int) -> Path:
        """Its sizes are right only when it is closed."""
        path, began = self._cards / "GROW" / f"G{number:03}.wav", time.time()
        clock = datetime.fromtimestamp(began)  # noqa: DTZ006 - recorders show local time
        take = Take(
            project="Set", scene="1", take=str(number), tape="SND", circled=False, tracks=tuple("ABCDEFGH"),
            rate="25/1", date=f"{clock:%Y-%m-%d}", time=f"{clock:%H:%M:%S}", start_sample=0,
        )  # fmt: skip
        piece = GROWING_S * TRACKS.sample_rate // PIECES * TRACKS.frame_bytes
        with Shot(path) as shot:
            shot.write(header(TRACKS, take, 0))
            for each in range(PIECES):
                shot.write(piece)
                time.sleep(max(0.0, began + (each + 1) * GROWING_S / PIECES - time.time()))
            shot.rewrite(0, header(TRACKS, take, PIECES * piece))
        return path
