"""A pipeline as it was written: frozen values, checked, nothing opened yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rushes.contract import AnySpec, Options

Kind = Literal["source", "annotator", "transform", "sink"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One use of a spec. `slots` is how many steps it works on at once, `where` its place in the file."""

    id: str
    use: str
    kind: Kind
    spec: AnySpec
    options: Options
    slots: int
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A rule, the steps of a clip that matches, and the sinks (by id) that it goes to."""

    id: str
    when: str
    steps: tuple[Component, ...]
    to: tuple[str, ...]
    priority: int = 0
    auto: bool = True
    where: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """A whole file. `state` is absolute; `notes` are remarks for `check`, none of them an error."""

    name: str
    file: Path
    state: Path
    sources: tuple[Component, ...]
    prepare: tuple[Component, ...]
    sinks: tuple[Component, ...]
    routes: tuple[Route, ...]
    notes: tuple[str, ...] = ()

    @property
    def components(self) -> tuple[Component, ...]:
        """Every component, sources first; ids are unique among them."""
        steps = (step for route in self.routes for step in route.steps)
        return (*self.sources, *self.prepare, *steps, *self.sinks)
