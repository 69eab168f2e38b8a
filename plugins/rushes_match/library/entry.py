"""One clip of the catalog with its place on the wall clock."""

from __future__ import annotations

from dataclasses import dataclass

from rushes.timecode import lasts
from rushes_match.items import Side
from rushes_match.kin import File
from rushes_match.library.moments import began
from rushes_match.library.tellers import is_teller

_SIDES: dict[tuple[str, str], Side] = {
    ("video", "original"): "picture",
    ("audio", "original"): "sound",
    ("audio", "sound"): "sound",
}

_TAKE = ("scene", "slate", "take")


@dataclass(frozen=True, slots=True)
class Entry:
    """`wall` and `wall_from` are as in `Item`; `serial` is another number each time the clip says something else.

    `side` is what it may be matched as; None for proxies, stills, sidecars and the like. A `teller` is about other
    clips.
    """

    file: File
    revision: int
    wall: float
    wall_from: str
    serial: int
    side: Side | None
    teller: bool

    @classmethod
    def of(cls, file: File, revision: int, serial: int) -> Entry:
        """The file, placed."""
        wall, wall_from = began(file)
        return cls(file, revision, wall, wall_from, serial, _side(file), is_teller(file))


def _side(file: File) -> Side | None:
    """A broken file is no candidate that tells neither when, how long nor of what it is: the time of its last write
    would make it fit anything.
    """
    if file.starts is None and lasts(file.meta) is None and not any(map(file.text, _TAKE)):
        return None
    return _SIDES.get((file.kind, file.role))
