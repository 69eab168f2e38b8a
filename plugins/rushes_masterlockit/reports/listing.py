"""One clip as a line on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes_masterlockit.reports.remarks import remarks
from rushes_masterlockit.reports.rows import row_of
from rushes_masterlockit.reports.times import clock


def clip_line(clip: Mapping[str, Any], project_rate: str) -> dict[str, Any]:
    """Texts, empty where nobody told: id, type, clip, file, day, episode, scene, slate, take, roll, start, stop, length
    (HH:MM:SS), rate, device, remarks; and whether it is `circled`, and `waste`.
    """
    row = row_of(clip, project_rate)
    span = row.span
    return {
        "id": row.id,
        "type": "video" if row.video else "sound",
        "clip": row.clip,
        "file": row.file,
        "day": row.day or row.date,
        "episode": row.episode,
        "scene": row.scene,
        "slate": row.slate,
        "take": row.take,
        "roll": row.roll,
        "circled": row.circled,
        "waste": row.waste,
        "start": span.start,
        "stop": span.stop,
        "length": "" if span.seconds is None else clock(span.seconds),
        "rate": span.rate,
        "device": row.device,
        "remarks": remarks(row, mixed=False),
    }
