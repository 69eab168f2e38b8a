"""One device of the set: what it says of itself, fit for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rushes_masterlockit.formats import about

LONGEST_NAME = 80


@dataclass(eq=False)
class Known:
    """A device that was told of; `kind` is what it is taken for, `meta` is by device type, `there` the types that
    are present.
    """

    id: int
    types: set[int] = field(default_factory=set)
    kind: int = 0
    there: set[int] = field(default_factory=set)
    meta: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    #: The connection in which each type was last told of.
    told_in: dict[int, int] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """What it calls itself, fit for one line; "" where nobody said."""
        lines = (about.one_line(said, LONGEST_NAME) for said in about.aliases(self.meta))
        return next(filter(None, lines), "")

    @property
    def energy(self) -> int | None:
        """Per cent; None where it is not known or not said."""
        return about.energy(self.meta)

    @property
    def parent(self) -> str | None:
        """The id of the device it belongs to."""
        return about.parent(self.meta)

    @property
    def master(self) -> bool:
        """Whether it is the hub's own generator."""
        return about.is_master(self.meta)

    @property
    def rate(self) -> str:
        """The project's timecode rate as this generator says it; "" where it does not."""
        return about.generator_rate(self.meta)

    @property
    def facts(self) -> dict[str, Any]:
        """What is true of it now (see `about.live`)."""
        return about.live(self.meta)
