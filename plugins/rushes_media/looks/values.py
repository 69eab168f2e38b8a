"""What a look is: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Triple = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """An ASC CDL: `out = (in * slope + offset) ** power`, then saturation. `id` is "" where it has none.

    `media` is the clip that a decision list applies it to, "" where it names none.
    """

    id: str = ""
    media: str = ""
    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    def written(self) -> dict[str, str]:
        """`asc_sop` and `asc_sat` as ALE files write them."""
        triples = (" ".join(f"{one:g}" for one in each) for each in (self.slope, self.offset, self.power))
        return {"asc_sop": "".join(f"({each})" for each in triples), "asc_sat": f"{self.saturation:g}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`type` "1D+3D" has a shaper of `shaper` entries before its cube; `low` and `high` are the input domain.

    `shaper_low` and `shaper_high` are the shaper's.
    """

    type: Literal["1D", "3D", "1D+3D"]
    shaper: int = 0
    low: Triple = (0.0, 0.0, 0.0)
    high: Triple = (1.0, 1.0, 1.0)
    shaper_low: float = 0.0
    shaper_high: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """`size` is the edge of a cube or the entries of a 1D table, 0 for corrections, which stand in `corrections`.

    `table` is None for corrections. A look with a `problem`, one line, must not be applied.
    """

    kind: Literal["cube", "cdl"]
    title: str = ""
    size: int = 0
    table: Table | None = None
    corrections: tuple[Correction, ...] = ()
    problem: str = ""
