"""A camera that records onto a mounted card: its files appear in the watched folder as it records."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rushes import RushesError
from rushes_sandbox.card import CardFile

PIECE_BYTES = 1 << 20


class Camera:
    """Writes the files one after the other in a thread, from `entered` to `left` of its `with`.

    Pictures and stills are written in place, piece by piece, and pictures pause in their middle for longer
    than any sensible `settle`: only their writer's close says that they are whole. Sound comes under a
    temporary name and is renamed, as recorders do.
    """

    def __init__(
        self, made: Path, card: Path, files: Sequence[CardFile], *, piece_s: float, pause_s: float
    ) -> None:
        self._made, self._card, self._files = made, card, files
        self._piece_s, self._pause_s = piece_s, pause_s
        self._stop = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._record, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def recording(self) -> bool:
        return self._thread.is_alive()

    def wait(self, timeout_s: float) -> None:
        """Return when the last file is closed. Raises RushesError when that fails or takes longer."""
        self._thread.join(timeout_s)
        if self._error:
            raise RushesError(f"camera: {self._error}") from self._error
        if self._thread.is_alive():
            raise RushesError(f"camera: still recording after {timeout_s:.0f} s")

    def _record(self) -> None:
        try:
            for file in self._files:
                self._write(file)
        except OSError as error:
            self._error = error

    def _write(self, file: CardFile) -> None:
        source, target = self._made / file.path, self._card / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        writing = target.with_name(f".{target.name}.tmp") if file.kind == "audio" else target
        size = source.stat().st_size
        with source.open("rb") as read, writing.open("wb") as written:
            while (piece := read.read(PIECE_BYTES)) and not self._stop.is_set():
                written.write(piece)
                written.flush()
                halfway = file.kind == "video" and 0 <= written.tell() - size // 2 < PIECE_BYTES
                self._stop.wait(self._pause_s if halfway else self._piece_s)
        if writing != target and not self._stop.is_set():
            writing.rename(target)
