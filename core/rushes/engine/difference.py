"""What differs between a pipeline that runs and its file as it is now: by rules, and by what only a restart changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rushes.config.pipeline import Component, Pipeline
from rushes.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of routes; of those that `changed` the keys that did. `reordered`: those in both stand otherwise."""

    added: Sequence[str]
    removed: Sequence[str]
    changed: Mapping[str, Sequence[str]]
    reordered: bool
    match: str

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reordered or self.match)

    @property
    def document(self) -> dict[str, Any]:
        """As JSON values; `match` is the new one, "" where it is as it was."""
        return asdict(self)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Between the rules of two pipeline documents."""
    then, now = ({route["id"]: route for route in document["routes"]} for document in (before, after))
    changed = {
        name: [key for key in route if key not in then[name] or route[key] != then[name][key]]
        for name, route in now.items()
        if name in then
    }
    return Difference(
        added=[name for name in now if name not in then],
        removed=[name for name in then if name not in now],
        changed={name: keys for name, keys in changed.items() if keys},
        reordered=[name for name in now if name in then] != [name for name in then if name in now],
        match=after["match"] if after["match"] != before["match"] else "",
    )


def refuse_unless_rules(before: Pipeline, after: Pipeline, open_steps: Mapping[str, Component]) -> None:
    """Raise ConfigError where something else than rules differs, naming all of it.

    `open_steps` are those that this run has opened, also for routes that are gone by now.
    """
    found = list(_of_pipelines(before, after, open_steps))
    if found:
        where = next((place for _, place in found if place), str(after.file))
        raise ConfigError(f"needs a restart: {', '.join(what for what, _ in found)}", where=where)


def _of_pipelines(
    before: Pipeline, after: Pipeline, open_steps: Mapping[str, Component]
) -> Iterator[tuple[str, str]]:
    """What differs, and its place in the file if it has one there."""
    if before.name != after.name:
        yield f"the pipeline's name changed from {before.name} to {after.name}", ""
    if before.state != after.state:
        yield f"state changed to {after.state}", ""
    for kind in ("sources", "prepare", "sinks", "observers"):
        then, now = (
            {each.id: each for each in getattr(pipeline, kind)}
            for pipeline in (before, after)
        )  # fmt: skip
        yield from _of_components(then, now)
        if kind == "prepare" and then.keys() == now.keys() and list(then) != list(now):
            yield "the order of 'prepare:' changed", ""
    for route in after.routes:
        for step in route.steps:
            if step.id in open_steps and not _alike(open_steps[step.id], step):
                remedy = "changed (a step with another id can be opened while it runs)"
                yield f"step {step.id} {remedy}", step.where


def _of_components(then: Mapping[str, Component], now: Mapping[str, Component]) -> Iterator[tuple[str, str]]:
    for name, component in now.items():
        if name not in then:
            yield f"{component.kind} {name} is new", component.where
        elif not _alike(then[name], component):
            yield f"{component.kind} {name} changed", component.where
    for name, component in then.items():
        if name not in now:
            yield f"{component.kind} {name} is gone", ""


def _alike(one: Component, other: Component) -> bool:
    return (one.use, one.kind, one.slots, one.options) == (other.use, other.kind, other.slots, other.options)
