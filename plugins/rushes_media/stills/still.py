"""What a reader of one kind of still tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rushes import Scalar


@dataclass(frozen=True, slots=True)
class Still:
    """`values` are findings, `container` among them; `problem` is one line about what could not be read."""

    values: Mapping[str, Scalar] = field(default_factory=dict)
    problem: str = ""
