"""Recorders on the set: what they write into the watched folder while a pipeline runs, and when that was."""

from __future__ import annotations

import os
import random
import struct
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

from journeys.harness import wait_until
from rushes_sandbox.bwf import Sound, Take, header

MIB = 1 << 20
_BOX, _LARGE = struct.Struct(">I4s"), struct.Struct(">I4sQ")


class Shot:
    """A recorder: `with Shot(path) as shot: shot.write(n)`, which a watched folder sees coming into being."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._noise = random.Random(path.name)
        self._file = path.open("wb")
        self.began = time.time()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, data: int | bytes) -> None:
        """Bytes, or so many of noise."""
        self._file.write(self._noise.randbytes(data) if isinstance(data, int) else data)
        self._file.flush()

    def rewrite(self, offset: int, data: bytes) -> None:
        end = self._file.tell()
        self._file.seek(offset)
        self._file.write(data)
        self._file.seek(end)
        self._file.flush()


class Recording(Shot):
    """A camera that writes a MOV: what stands at the start says how long it is, once it is closed."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.write(_BOX.pack(16, b"ftyp") + b"qt  \0\0\0\0")
        self.head = 16
        self.write(_LARGE.pack(1, b"mdat", 0))
        self.size = 32

    def shoot(self, size: int) -> None:
        """Half a MiB at a time, as fast as a quick camera."""
        for done in range(0, size, MIB // 2):
            piece = min(MIB // 2, size - done)
            self.write(piece)
            self.size += piece

    def close(self) -> float:
        """Make it a MOV: its length goes into the head, its index to the end. Returns when that was."""
        self.rewrite(self.head, _LARGE.pack(1, b"mdat", self.size - self.head))
        self.write(_BOX.pack(8, b"moov"))
        self._file.close()
        return time.time()


def shoot(path: Path, size: int = 64 * 1024) -> Path:
    """A short recording in two pieces: its file is seen being born, and written to after that."""
    with Shot(path) as shot:
        shot.write(size // 2)
        os.fsync(shot._file.fileno())
        after(shot.began + 0.3)
        shot.write(size - size // 2)
    return path


def record(path: Path, seconds: int = 1, middle: Callable[[], None] = lambda: None) -> Path:
    """A sound that is recorded as long as it lasts, with the recorder's date and time; `middle()` is done in it."""
    sound = Sound(channels=1, sample_rate=8000, bits=16)
    began = time.time()
    clock = datetime.fromtimestamp(began)  # noqa: DTZ006 - recorders show local time
    # A timecode that nobody takes for the time of day; 0 would be it, about midnight.
    noon_away = (clock.hour * 3600 + clock.minute * 60 + clock.second + 43_200) % 86_400
    take = Take(
        project="Set", scene="1", take=path.stem, tape="SND", circled=False, tracks=("L",), rate="25/1",
        date=f"{clock:%Y-%m-%d}", time=f"{clock:%H:%M:%S}",
        start_sample=noon_away * sound.sample_rate,
    )  # fmt: skip
    half = seconds * sound.sample_rate * sound.frame_bytes // 2
    with Shot(path) as shot:
        shot.write(header(sound, take, 2 * half))
        shot.write(half)
        after(began + seconds / 2)
        middle()
        after(began + seconds)
        shot.write(half)
    return path


def insert(card: Path, name: str, size: int, written: float) -> Path:
    """A finished file on a card, there at once and with the time of its last write."""
    made = card.parent.parent / name
    made.write_bytes(random.Random(name).randbytes(size))
    os.utime(made, (written, written))
    card.mkdir(exist_ok=True)
    return made.rename(card / name)


def after(moment: float) -> None:
    """Return when the wall clock shows that: what is recorded, or paused, is judged by it."""
    wait_until(lambda: time.time() >= moment, timeout_s=30, what="the clock")


def moment(told: str) -> float:
    """What the service tells, in seconds since the epoch."""
    return datetime.fromisoformat(told).timestamp()
