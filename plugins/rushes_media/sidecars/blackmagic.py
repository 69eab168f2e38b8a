"""What Blackmagic's tools write beside a BRAW: lines of `key: value`, or JSON in a `.sidecar`."""

from __future__ import annotations

import json
import re

from rushes_media.sidecars import columns
from rushes_media.sidecars.row import Sidecar
from rushes_media.words import text

#: A frame's part follows the clip's; what the clip says stands.
_LINE = re.compile(r"\s*([a-z][a-z0-9_]{1,60}):\s*(.*)")
MARKS = frozenset({"clip_number", "camera_id", "good_take", "braw_compression_ratio", "camera_type"})
#: Frames a second in the upper half of 32 bits.
_RATE = "format_frame_rate"


def lines(content: bytes, own: str) -> Sidecar:
    """The metadata of a clip as text."""
    cells: dict[str, str] = {}
    for line in text.lines(content)[:10_000]:
        if match := _LINE.fullmatch(line):
            cells.setdefault(match[1], match[2])
    return _told("bmd-txt", cells, own) if len(MARKS & cells.keys()) >= 2 else Sidecar()


def values(content: bytes, own: str) -> Sidecar:
    """The settings of a clip as JSON."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return Sidecar(format="bmd-json", problem="broken JSON")
    if not isinstance(told, dict):
        return Sidecar()
    cells = {str(name): str(value) for name, value in told.items() if isinstance(value, str | int | float)}
    return _told("bmd-json", cells, own)


def _told(kind: str, cells: dict[str, str], own: str) -> Sidecar:
    speed = cells.pop(_RATE, "")
    if speed.isdecimal() and len(speed) < 12 and int(speed) and not int(speed) % (1 << 16):
        cells["frame_rate"] = str(int(speed) >> 16)
    if cells.get("aperture", "").startswith("T"):
        cells["t_stop"] = cells.pop("aperture")
    row = columns.row({columns.key(name): cell for name, cell in cells.items()}, own)
    return Sidecar(format=kind, rows=() if row is None else (row,))
