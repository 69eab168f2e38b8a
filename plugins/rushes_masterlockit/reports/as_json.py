"""Clips as JSON: an array of them, every member as it was sent, one clip a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


def as_json(clips: Sequence[Mapping[str, Any]]) -> bytes:
    """UTF-8 without a byte order mark, in the order of the clips."""
    encoder = msgspec.json.Encoder()
    lines = b",\n".join(encoder.encode(clip) for clip in clips)
    return b"[\n" + lines + b"\n]\n" if clips else b"[]\n"
