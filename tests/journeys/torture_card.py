"""What the torture shoots: forty small clips, and a camera that puts them on the card."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from journeys.many import make_picture, make_sound, vary_picture

PROXIES, ORIGINALS, SOUNDS = 14, 14, 12
PIECE_BYTES = 256 * 1024


class Camera:
    """Puts clips on the card, one after the other in a thread, each piece by piece and in place."""

    def __init__(self, card: Path) -> None:
        self._card = card
        self._threads: list[threading.Thread] = []

    def record(self, made: Path) -> None:
        """Begin to write a clip."""
        thread = threading.Thread(target=self._write, args=(made, list(self._threads)), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Return when all clips are on the card."""
        for thread in self._threads:
            thread.join()

    def _write(self, made: Path, earlier: Sequence[threading.Thread]) -> None:
        for thread in earlier:
            thread.join()
        target = self._card / made.parent.name / made.name
        target.parent.mkdir(exist_ok=True)
        with made.open("rb") as source, target.open("wb") as file:
            while piece := source.read(PIECE_BYTES):
                file.write(piece)
                file.flush()
                time.sleep(0.02)


def make_clips(folder: Path) -> list[Path]:
    """The clips, each with other bytes, in the order in which they are shot."""
    master = make_picture(folder / "master.mov")
    for name in ("PROXY", "ORIGINAL", "SOUND"):
        (folder / name).mkdir()
    proxies = [
        vary_picture(master, folder / f"PROXY/A001C{n:03}.mov", n, extra_bytes=1024) for n in range(PROXIES)
    ]
    originals = [
        vary_picture(
            master, folder / f"ORIGINAL/B001C{n:03}.mov", 100 + n, extra_bytes=(1 + n % 5) * 1_200_000
        )
        for n in range(ORIGINALS)
    ]
    sounds = [make_sound(folder / f"SOUND/T{n:03}.wav", n, seconds=2 + n % 6) for n in range(SOUNDS)]
    master.unlink()
    return [*proxies, *originals, *sounds]
