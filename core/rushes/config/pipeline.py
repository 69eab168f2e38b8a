"""A pipeline as it was written: frozen values, checked, nothing opened yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from rushes.contract import Action, AnySpec, Options
from rushes.errors import NotFound, Permanent

Kind = Literal["source", "annotator", "transform", "sink", "observer"]
#: Whether a clip takes every route that matches it, or the first of them alone.
Match = Literal["all", "first"]
#: Far beyond what anyone counts to, well within what the ledger holds.
MOST_PRIORITY = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One use of a spec. `slots` is how many steps it works on at once, `where` its place in the file.

    `places` are those of the options that were written, by name; of what is within one by `burn_in.font`.
    """

    id: str
    use: str
    kind: Kind
    spec: AnySpec
    options: Options
    slots: int
    where: str
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """What a job waits for before it starts: until `rule` holds for its clip, for `at_most` seconds.

    `what` is what people call it: `sound`, or the rule as it was written.
    """

    what: str
    rule: str
    at_most: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A rule, the steps of a clip that matches, and the sinks (by id) that it goes to.

    An `otherwise` route (`else: true` in the file) takes what no route before it took, as far as its rule holds; a
    clip that a `final` route took goes to none behind it. `priority` is a number, or an expression over the clip's
    columns that gives one. A `live` route takes clips that are still being recorded, too.
    """

    id: str
    when: str
    steps: tuple[Component, ...]
    to: tuple[str, ...]
    final: bool = False
    otherwise: bool = False
    priority: int | str = 0
    auto: bool = True
    live: bool = False
    wait: Wait | None = None
    where: str = ""
    wishes: Mapping[str, Options] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """A whole file. `state` is absolute; `notes` are remarks for `check`, none of them an error.

    `files` are all that were read for it, itself first, then what it includes.
    """

    name: str
    file: Path
    state: Path
    sources: tuple[Component, ...]
    prepare: tuple[Component, ...]
    sinks: tuple[Component, ...]
    routes: tuple[Route, ...]
    observers: tuple[Component, ...] = ()
    match: Match = "all"
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def components(self) -> tuple[Component, ...]:
        """Every component, sources first; ids are unique among them."""
        steps = (step for route in self.routes for step in route.steps)
        return (*self.sources, *self.prepare, *steps, *self.sinks, *self.observers)

    def action(self, component: str, action: str) -> tuple[Component, Action[Any, Any]]:
        """What a component can be asked, by their names. Raises NotFound."""
        found = next((each for each in self.components if each.id == component), None)
        if found is None:
            known = ", ".join(each.id for each in self.components)
            raise NotFound(f"no component {component}; there are {known}")
        actions = found.spec.actions
        if action not in actions:
            raise NotFound(
                f"{component} has no action {action}; it has {', '.join(sorted(actions)) or 'none'}"
            )
        return found, actions[action]

    def wishes(self, sink: str, said: Mapping[str, Any] | None) -> Options | None:
        """A route's wishes to a sink as the sink's own type; None without any, or where the sink takes none.

        Raises Permanent where that type has changed since they were written.
        """
        kind = next((component.spec.wishes for component in self.sinks if component.id == sink), None)
        if kind is None or said is None:
            return None
        try:
            return kind.model_validate(said)
        except ValidationError as error:
            what = f"the route's wishes {dict(said)} are not what '{sink}' takes by now"
            raise Permanent(f"{what}; cancel the job and add the clip by hand") from error
