"""What a part of a recording is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: `track`: other channels of the same time. `double`: the same channels with another gain. `whole`: the same channels
#: in another arrangement (mono files beside their poly file). `chapter`: the time after. `frame`: a single picture.
PartKind = Literal["track", "double", "whole", "chapter", "frame"]


@dataclass(frozen=True, slots=True)
class Part:
    """A file that belongs to a lead, and how."""

    id: str
    kind: PartKind
