"""One row of a sidecar: which clip it is about and what it says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rushes import Scalar

Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """`match` has any of clip_name, file, reel and timecode; `values` are columns and meta keys.

    A moment among the values is ISO text: a row is JSON.
    """

    match: Mapping[str, str]
    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sidecar:
    """`format` is "" for a file that is no sidecar we know; `values` are about the sidecar itself."""

    format: str = ""
    rows: Sequence[Row] = ()
    values: Mapping[str, Scalar] = field(default_factory=dict)
    problem: str = ""

    def findings(self) -> dict[str, Scalar]:
        """As findings of the sidecar's clip: `sidecar_format`, and the rows as JSON under `sidecar`."""
        if not self.format:
            return {}
        told: dict[str, Scalar] = {"sidecar_format": self.format, **self.values}
        if self.rows:
            rows = [{"match": dict(one.match), "values": dict(one.values)} for one in self.rows]
            told["sidecar"] = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
            told["sidecar_clips"] = str(len(rows))
        return told
