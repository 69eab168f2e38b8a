"""Looks: tables (.cube) and corrections (.cdl, .cc, .ccc), read and checked as far as a grade depends on it."""

from __future__ import annotations

from pathlib import Path

from rushes import Scalar
from rushes_media.looks import cdl, cube
from rushes_media.looks.values import Correction, Look, Table

__all__ = ["MOST_BYTES", "Correction", "Look", "Table", "describe", "is_look", "read"]

#: A cube of 129 points an edge has 2.1 million lines; nothing that a set uses is larger.
MOST_BYTES = 128 << 20
_CORRECTIONS = frozenset({"cdl", "cc", "ccc"})


def is_look(path: Path) -> bool:
    """Whether its name says that it is one of these."""
    return _extension(path) in _CORRECTIONS | {"cube"}


def read(path: Path) -> Look:
    """The look in a file; one that cannot be used has a `problem`. OSError when it cannot be read."""
    kind = _extension(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        return Look(
            kind="cube" if kind == "cube" else "cdl", problem=f"larger than {MOST_BYTES >> 20} MiB: no look"
        )
    if kind in _CORRECTIONS:
        return cdl.read(path.read_bytes())
    with path.open("rb") as stream:
        return cube.read(stream)


def describe(look: Look, extension: str) -> dict[str, Scalar]:
    """A look as findings: `look_format`, `look_title`, and what it is."""
    values: dict[str, Scalar] = {"container": extension, "look_format": extension}
    if look.title:
        values["look_title"] = look.title
    if look.table is not None:
        values |= {"look_type": look.table.type, "look_size": str(look.size)}
        if look.table.shaper:
            values["look_shaper"] = str(look.table.shaper)
        values["look_domain"] = f"{_triple(look.table.low)} to {_triple(look.table.high)}"
    if look.kind == "cdl":
        values["look_corrections"] = str(len(look.corrections))
        if ids := [one.id for one in look.corrections if one.id]:
            values["look_ids"] = ", ".join(ids[:100])
    if len(look.corrections) == 1:
        values |= look.corrections[0].written()
    return values


def _extension(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _triple(numbers: tuple[float, float, float]) -> str:
    return " ".join(f"{one:g}" for one in numbers)
