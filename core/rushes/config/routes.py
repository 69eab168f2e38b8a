"""Entries under `routes:` to routes."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from rushes.config.components import LISTS, Components, is_null
from rushes.config.conditions import Conditions
from rushes.config.document import Entries, Node, Scalar, kind_of
from rushes.config.nearest import did_you_mean
from rushes.config.pipeline import Component, Route
from rushes.config.places import Mark
from rushes.config.shapes import by_name
from rushes.contract import Options
from rushes.errors import ConfigError, in_words

_READ_APART = frozenset({"id", "when", "steps", "to", "priority", "wait"})
_EXAMPLE = "{id: NAME, when: RULE, to: [SINK]}"


class _RouteKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")
    final: bool = False
    otherwise: bool = Field(default=False, alias="else")
    auto: bool = True
    live: bool = False


_KEYS = _READ_APART | {field.alias or name for name, field in _RouteKeys.model_fields.items()}


class Routes:
    """The routes of one reading, in order; the components of their steps join the others."""

    def __init__(self, components: Components, sinks: tuple[Component, ...]) -> None:
        self._components = components
        self._reader = components.reader
        self._conditions = Conditions(components.reader)
        self._sinks = {sink.id: sink for sink in sinks}
        self._ids: dict[str, Mark] = {}
        self._begun = "routes" in components.unsure

    def listed(self, roots: tuple[Entries, ...]) -> tuple[Route, ...]:
        """The routes of each file; what cannot be used is noted and missing."""
        routes = []
        for root in roots:
            for node in self._components.items(root, "routes", _EXAMPLE):
                if not isinstance(node, Entries):
                    fact = f"route: {kind_of(node)} cannot stand here; write {_EXAMPLE}"
                    self._reader.problem(node.mark, fact)
                elif not node.entries.keys() & _KEYS and (meant := by_name(node, "routes")):
                    name = next(iter(node.entries))
                    fact = f"route: '{name}' is no key of a route; write {meant}"
                    self._reader.problem(node.mark, fact)
                elif route := self._route(node):
                    routes.append(route)
                self._begun = True
        return tuple(routes)

    def _route(self, node: Entries) -> Route | None:
        # A key that is misspelt is told as that, not as missing too.
        misspelt = not node.entries.keys() <= _KEYS
        identity = None if misspelt and "id" not in node.entries else self._identity(node)
        thing = f"route '{identity or '?'}'"
        keys = self._reader.options(node, _RouteKeys, thing, without=_READ_APART)
        otherwise = keys.otherwise if keys else "else" in node.entries
        if keys and keys.otherwise and not self._begun:
            fact = f"{thing}: else: no route is before it; move it behind the others, or write when: true"
            self._reader.problem(node.entries["else"][0].mark, fact)
        when = self._conditions.when(node, thing, optional=otherwise or misspelt)
        priority = self._conditions.priority(node, thing)
        wait = self._conditions.wait(node, thing, live=keys.live if keys else _is_true(node.get("live")))
        steps = [
            self._components.one(item, "transform", f"{identity or '?'}.")
            for item in self._components.items(node, "steps", "NAME")
        ]
        to = self._to(node, thing, optional=misspelt)
        if identity is None or when is None or priority is None or keys is None or None in steps:
            return None
        return Route(
            id=identity,
            when=when,
            steps=tuple(step for step in steps if step),
            to=tuple(to),
            wishes={sink: wishes for sink, wishes in to.items() if wishes is not None},
            final=keys.final,
            otherwise=keys.otherwise,
            priority=priority,
            auto=keys.auto,
            live=keys.live,
            wait=wait,
            where=node.mark.where,
        )

    def _identity(self, node: Entries) -> str | None:
        identity = self._components.text(node, "id", "route")
        if identity is not None:
            mark = node.entries["id"][1].mark
            if identity in self._ids:
                first = self._ids[identity].seen_from(mark)
                self._reader.problem(mark, f"route id '{identity}' is taken ({first}); rename one")
            self._ids.setdefault(identity, mark)
            self._components.check_id(identity, node)
        return identity

    def _to(self, node: Entries, thing: str, *, optional: bool) -> dict[str, Options | None]:
        """The sinks with the route's wishes to each."""
        wanted: dict[str, Options | None] = {}
        items = self._components.items(node, "to", "SINK")
        for item in items:
            if (name := self._sink(item, thing)) is not None:
                if name in wanted:
                    self._reader.problem(item.mark, f"{thing}: sink '{name}' is named twice; remove one")
                elif self._is_no_sink(name):
                    parts = re.split(r"\s*[;\s]\s*", name)
                    known = len(parts) > 1 and self._components.sink_ids.issuperset(parts[:1])
                    remedy = (
                        f"write [{', '.join(parts)}]"
                        if known
                        else did_you_mean(name, self._components.sink_ids)
                    )
                    kind = self._components.kinds.get(name)
                    fact = f"no sink has the id '{name}'"
                    if kind:
                        fact = f"'{name}' is no sink: it is under '{LISTS[kind]}:'"
                    self._reader.problem(item.mark, f"{thing}: {fact}; {remedy}")
                wanted[name] = self._wishes(item, name, thing) if isinstance(item, Entries) else None
        told = isinstance(node.get("to"), Scalar | Entries) or (optional and "to" not in node.entries)
        if not items and not told:
            mark = node.entries["to"][0].mark if "to" in node.entries else node.mark
            self._reader.problem(mark, f"{thing}: goes nowhere; add to: [SINK]")
        return wanted

    def _is_no_sink(self, name: str) -> bool:
        """Where something is wrong with the sinks, that may be why it is not known."""
        return name not in self._components.sink_ids and "sinks" not in self._components.unsure

    def _sink(self, item: Node, thing: str) -> str | None:
        named = item.get("sink") if isinstance(item, Entries) else item
        if named is not None and is_null(named):
            fact = "nothing where a sink is needed; write its id, or remove the entry"
            self._reader.problem(named.mark, f"{thing}: to: {fact}")
            return None
        if isinstance(named, Scalar):
            return self._reader.text(named, f"{thing}: to")
        meant = by_name(item, "to") or "SINK or {sink: SINK, OPTION: VALUE}"
        fact = f"{kind_of(item)} that names no sink; write {meant}"
        self._reader.problem(item.mark, f"{thing}: to: {fact}")
        return None

    def _wishes(self, item: Entries, sink: str, thing: str) -> Options | None:
        component = self._sinks.get(sink)
        if component is None:
            return None
        model = component.spec.wishes
        if model is None:
            if len(item.entries) > 1:
                fact = f"sink '{sink}' takes no options from routes; write '{sink}' alone"
                self._reader.problem(item.mark, f"{thing}: to: {fact}")
            return None
        wishes: Options | None = self._reader.options(item, model, f"{thing}: to '{sink}'", without={"sink"})
        if wishes is not None:
            try:
                component.spec.agree(component.options, wishes)
                if model.model_validate(wishes.model_dump(mode="json")) != wishes:  # as the ledger keeps them
                    raise ValueError("they come back changed, as a secret does")
            except ConfigError as error:
                self._reader.problem(item.mark, f"{thing}: to '{sink}': {error.message}")
            except ValueError as error:
                fact = f"its options for routes are not JSON ({error}); tell the author of {component.use}"
                self._reader.problem(item.mark, f"{thing}: to '{sink}': {fact}")
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a plugin's code may raise anything; the file is still checked
                fact = f"it cannot be checked ({in_words(error)}); tell the author of {component.use}"
                self._reader.problem(item.mark, f"{thing}: to '{sink}': {fact}")
        return wishes


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True
