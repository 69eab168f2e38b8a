"""What a look into one file tells; it crosses the process border, so it is a plain frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rushes import Scalar


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """`values` are findings (columns of `rushes.columns`, any other key as text); `problem` is one line.

    `picture` is the index of the picture stream, None without one; `sound` maps the index of each sound
    stream to its number of channels. `timecode_track` is the index of a timecode track that counts at another
    rate than the picture. `packets` counts the pictures by reading the whole file, which only a check of a proxy does.
    """

    values: Mapping[str, Scalar] = field(default_factory=dict)
    problem: str = ""
    picture: int | None = None
    sound: Mapping[int, int] = field(default_factory=dict)
    timecode_track: int | None = None
    packets: int | None = None
