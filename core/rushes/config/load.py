"""The pipeline file to a Pipeline: every error of the file is found in one reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from rushes import rules
from rushes.columns import FILE
from rushes.config.document import Document, Entries, Items, Node, Scalar, kind_of, read_document
from rushes.config.find import head_of
from rushes.config.nearest import did_you_mean
from rushes.config.options import Reader
from rushes.config.pipeline import Component, Kind, Pipeline, Route
from rushes.config.places import FileError, Mark
from rushes.contract import AnySpec, Options
from rushes.errors import ConfigError, NotFound
from rushes.registry import CORE_KEYS, Registry

#: Columns of the file itself that are known at its end only.
_LATE = frozenset({"completed_by", "problem"})
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_TOP_KEYS = ("pipeline", "state", "sources", "prepare", "sinks", "routes")
_ROUTE_KEYS = frozenset({"id", "when", "steps", "to", "priority", "auto", "live"})


class _EntryKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")
    slots: int | None = Field(default=None, ge=1)


#: Far beyond what anyone counts to, well within what the ledger holds.
MOST_PRIORITY = 1_000_000


class _RouteKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")
    priority: int = Field(default=0, ge=-MOST_PRIORITY, le=MOST_PRIORITY)
    auto: bool = True
    live: bool = False


def load(file: Path, registry: Registry, environment: Mapping[str, str]) -> Pipeline:
    """Read and check a pipeline file. Nothing is opened.

    Raises ConfigError for the first problem in the file; a FileError has the further ones in `others`.
    """
    document = read_document(file)
    loading = _Loading(document, registry, environment)
    pipeline = loading.pipeline()
    problems = sorted(loading.reader.problems, key=_position)
    if problems:
        problems[0].others = tuple(problems[1:])
        raise problems[0]
    return pipeline


class _Loading:
    def __init__(self, document: Document, registry: Registry, environment: Mapping[str, str]) -> None:
        self.document = document
        self.reader = Reader(document, environment)
        self._registry = registry
        self._environment = environment
        self._ids: dict[str, Mark] = {}
        self._sink_ids: set[str] = set()
        self._sinks: dict[str, Component] = {}

    def pipeline(self) -> Pipeline:
        """The pipeline; what is wrong is in `reader.problems`, and its parts are missing here."""
        root = self.document.root
        for key, (written, _) in root.entries.items():
            if key not in _TOP_KEYS:
                self.reader.problem(written.mark, f"unknown key '{key}'; {did_you_mean(key, _TOP_KEYS)}")
        name, state = self._head()
        sources = self._components("source", "sources", root)
        prepare = self._components("annotator", "prepare", root)
        sinks = self._components("sink", "sinks", root)
        self._sinks = {sink.id: sink for sink in sinks}
        routes = self._routes(root)
        listed = root.get("sources")
        if listed is None or (isinstance(listed, Items) and not listed.items) or _is_null(listed):
            entry = root.entries.get("sources")
            mark = entry[0].mark if entry else root.mark
            self.reader.problem(mark, "no source; add one under 'sources:'")
        self._keep_apart(sources, sinks, state, root)
        return Pipeline(
            name=name,
            file=self.document.file,
            state=state,
            sources=sources,
            prepare=prepare,
            sinks=sinks,
            routes=routes,
            notes=_notes(sinks, routes),
        )

    def _keep_apart(
        self, sources: tuple[Component, ...], sinks: tuple[Component, ...], state: Path, root: Entries
    ) -> None:
        """Nothing that is written may lie in a watched folder: it would be admitted again, without end."""
        for source in sources:
            for watched in _folders(source):
                why = f"lies in {watched}, which source '{source.id}' watches; move one"
                if _within(state, watched):
                    mark = root.entries["state"][1].mark if "state" in root.entries else root.mark
                    self.reader.problem(mark, f"state: {state} {why}")
                for sink in sinks:
                    for target in _folders(sink):
                        if _within(target, watched):
                            self.reader.problem(self._ids[sink.id], f"sink '{sink.id}': {target} {why}")

    def _head(self) -> tuple[str, Path]:
        try:
            return head_of(self.document, self._environment)
        except FileError as error:
            self.reader.problems.append(error)
            return "", Path()

    def _items(self, node: Entries, key: str, example: str = "one, two") -> tuple[Node, ...]:
        """The items of a list; none when the key is not there or has nothing under it."""
        value = node.get(key)
        if value is None or _is_null(value):
            return ()
        if isinstance(value, Items):
            return value.items
        self.reader.problem(value.mark, f"{key}: {kind_of(value)} where a list is needed; write [{example}]")
        return ()

    def _components(self, kind: Kind, key: str, root: Entries) -> tuple[Component, ...]:
        example = "NAME" if kind == "annotator" else "{id: NAME, use: NAME}"
        found = [self._component(item, kind, prefix="") for item in self._items(root, key, example)]
        return tuple(component for component in found if component)

    def _component(self, node: Node, kind: Kind, prefix: str) -> Component | None:
        """One entry; None, with its problems noted, when it cannot be used."""
        named = kind in {"source", "sink"}
        if isinstance(node, Items) or (isinstance(node, Scalar) and (named or _is_null(node))):
            example = "{id: NAME, use: NAME}" if named else "NAME or {use: NAME, OPTION: VALUE}"
            self.reader.problem(node.mark, f"{kind}: {kind_of(node)} cannot stand here; write {example}")
            return None
        entry = node if isinstance(node, Entries) else Entries(node.mark, {"use": (node, node)})
        use_node = entry.get("use")
        use = self._text(entry, "use", kind)
        identity = (
            self._text(entry, "id", kind) if named or "id" in entry.entries else self._free(f"{prefix}{use}")
        )
        if identity is not None:
            self._take(identity, entry, kind)
        if use is None or identity is None or use_node is None:
            return None
        thing = f"{kind} '{identity}'"
        try:
            spec = self._registry.spec(kind, use)
        except NotFound as error:
            self.reader.problem(use_node.mark, f"{thing}: {error}" if named else str(error))
            return None
        return self._configured(entry, kind, use, identity, spec, thing)

    def _configured(
        self, entry: Entries, kind: Kind, use: str, identity: str, spec: AnySpec, thing: str
    ) -> Component | None:
        keys = self.reader.options(entry, _EntryKeys, thing, only={"slots"})
        options: Options | None = self.reader.options(entry, spec.config, thing, without=CORE_KEYS)
        if keys is None or options is None:
            return None
        return Component(
            id=identity,
            use=use,
            kind=kind,
            spec=spec,
            options=options,
            slots=keys.slots or spec.slots,
            where=self.document.where(entry.mark),
        )

    def _routes(self, root: Entries) -> tuple[Route, ...]:
        seen: set[str] = set()
        routes = []
        for node in self._items(root, "routes", "{id: NAME, when: RULE, to: [SINK]}"):
            if not isinstance(node, Entries):
                message = (
                    f"route: {kind_of(node)} cannot stand here; write {{id: NAME, when: RULE, to: [SINK]}}"
                )
                self.reader.problem(node.mark, message)
            elif route := self._route(node, seen):
                routes.append(route)
        return tuple(routes)

    def _route(self, node: Entries, seen: set[str]) -> Route | None:
        identity = self._text(node, "id", "route")
        if identity is not None:
            if identity in seen:
                self.reader.problem(node.entries["id"][1].mark, f"route id '{identity}' is taken; rename one")
            seen.add(identity)
            self._check_id(identity, node)
        thing = f"route '{identity or '?'}'"
        keys = self.reader.options(
            node, _RouteKeys, thing, without=_ROUTE_KEYS - _RouteKeys.model_fields.keys()
        )
        when = self._when(node, thing)
        prefix = f"{identity or '?'}."
        steps = [self._component(item, "transform", prefix) for item in self._items(node, "steps", "NAME")]
        to = self._to(node, thing)
        if identity is None or when is None or keys is None or None in steps:
            return None
        return Route(
            id=identity,
            when=when,
            steps=tuple(step for step in steps if step),
            to=tuple(to),
            wishes={sink: wishes for sink, wishes in to.items() if wishes is not None},
            priority=keys.priority,
            auto=keys.auto,
            live=keys.live,
            where=self.document.where(node.mark),
        )

    def _when(self, node: Entries, thing: str) -> str | None:
        value = node.get("when")
        if value is None:
            self.reader.problem(node.mark, f"{thing}: 'when' is missing; add when: true to take every clip")
            return None
        if not isinstance(value, Scalar):
            self.reader.problem(
                value.mark, f"{thing}: when: {kind_of(value)} where a rule is needed; put it in quotes"
            )
            return None
        when = self.reader.text(value, f"{thing}: when")
        if when is None:
            return None
        try:
            rules.check(when)
        except rules.RuleError as error:
            same = value.text.startswith(when[: error.offset])
            mark = self.document.inside(value, error.offset, error.length) if same else value.mark
            self.reader.problem(mark, f"{thing}: when: {error.message}")
            return None
        return when

    def _to(self, node: Entries, thing: str) -> dict[str, Options | None]:
        """The sinks with the route's wishes to each."""
        wanted: dict[str, Options | None] = {}
        items = self._items(node, "to", "SINK")
        for item in items:
            named = item.get("sink") if isinstance(item, Entries) else item
            if not isinstance(named, Scalar):
                fact = f"{kind_of(item)} where the id of a sink, or {{sink: ID, ...}}, is needed"
                self.reader.problem(item.mark, f"{thing}: to: {fact}")
            elif (name := self.reader.text(named, f"{thing}: to")) is not None:
                if name in wanted:
                    self.reader.problem(item.mark, f"{thing}: sink '{name}' is named twice; remove one")
                elif name not in self._sink_ids:
                    remedy = did_you_mean(name, self._sink_ids)
                    self.reader.problem(item.mark, f"{thing}: no sink has the id '{name}'; {remedy}")
                wanted[name] = self._wishes(item, name, thing) if isinstance(item, Entries) else None
        if not items and not isinstance(node.get("to"), Scalar | Entries):
            mark = node.entries["to"][0].mark if "to" in node.entries else node.mark
            self.reader.problem(mark, f"{thing}: goes nowhere; add to: [SINK]")
        return wanted

    def _wishes(self, item: Entries, sink: str, thing: str) -> Options | None:
        component = self._sinks.get(sink)
        if component is None:
            return None
        model = component.spec.wishes
        if model is None:
            if len(item.entries) > 1:
                remedy = f"write '{sink}' alone"
                self.reader.problem(
                    item.mark, f"{thing}: to: sink '{sink}' takes no options from routes; {remedy}"
                )
            return None
        wishes: Options | None = self.reader.options(item, model, f"{thing}: to '{sink}'", without={"sink"})
        if wishes is not None:
            try:
                component.spec.agree(component.options, wishes)
                model.model_validate(wishes.model_dump(mode="json"))  # as the ledger keeps them
            except ConfigError as error:
                self.reader.problem(item.mark, f"{thing}: to '{sink}': {error.message}")
            except ValueError as error:
                fact = f"bug in {component.use}: its options for routes are not JSON: {error}"
                self.reader.problem(item.mark, f"{thing}: to '{sink}': {fact}")
        return wishes

    def _text(self, node: Entries, key: str, thing: str) -> str | None:
        """A text that must be there."""
        value = node.get(key)
        if value is None:
            self.reader.problem(node.mark, f"{thing}: '{key}' is missing; add {key}: NAME")
            return None
        if not isinstance(value, Scalar) or _is_null(value):
            self.reader.problem(value.mark, f"{thing}: {key}: {kind_of(value)} where a name is needed")
            return None
        return self.reader.text(value, f"{thing}: {key}")

    def _take(self, identity: str, entry: Entries, kind: Kind) -> None:
        """Note the id of a component; ids are unique in a file, since people call components by them."""
        mark = entry.entries["id"][1].mark if "id" in entry.entries else entry.mark
        if kind == "sink":
            self._sink_ids.add(identity)
        if identity in self._ids:
            first = self._ids[identity].line + 1
            self.reader.problem(mark, f"{kind} id '{identity}' is taken (line {first}); rename one")
        self._ids.setdefault(identity, mark)
        if "id" in entry.entries:
            self._check_id(identity, entry)

    def _check_id(self, identity: str, entry: Entries) -> None:
        if not _ID.fullmatch(identity):
            message = f"id '{identity}' is not one; use lower-case letters, digits, '_', '.' and '-'"
            self.reader.problem(entry.entries["id"][1].mark, message)

    def _free(self, identity: str) -> str:
        """The id of an entry that was given none: numbered from the second use on."""
        number, free = 1, identity
        while free in self._ids:
            number += 1
            free = f"{identity}.{number}"
        return free


def _folders(component: Component) -> list[Path]:
    """The paths among a component's options, files apart."""
    values = (getattr(component.options, name) for name in type(component.options).model_fields)
    return [value for value in values if isinstance(value, Path) and not value.is_file()]


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _notes(sinks: tuple[Component, ...], routes: tuple[Route, ...]) -> tuple[str, ...]:
    if not routes:
        return ("no routes: clips are found and annotated, nothing is delivered",)
    used = {sink for route in routes for sink in route.to}
    return (
        *(f"sink '{sink.id}': no route goes to it" for sink in sinks if sink.id not in used),
        *(note for route in routes if route.live for note in (*_waiting(route, sinks), *_unknown(route))),
    )


def _unknown(route: Route) -> list[str]:
    """What a live rule names although it is not known of a clip that is being recorded."""
    early = {column.name for column in FILE} - _LATE
    later = sorted(rules.referenced(route.when) - early)
    known = "it matches when the clip is complete"
    return (
        [f"route '{route.id}': {', '.join(later)} is not known while a clip is recorded: {known}"]
        if later
        else []
    )


def _waiting(route: Route, sinks: tuple[Component, ...]) -> list[str]:
    """What of a live route cannot follow a clip that is being recorded; nothing after a transform that cannot."""
    late = [step for step in route.steps if not step.spec.live][:1]
    late = late or [sink for sink in sinks if sink.id in route.to and not sink.spec.live]
    return [
        f"route '{route.id}': {each.kind} '{each.id}' does not follow growing clips: "
        f"it waits until the clip is complete"
        for each in late
    ]


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _position(problem: FileError) -> tuple[int, int]:
    _, line, column = problem.where.rsplit(":", 2)
    return int(line), int(column)
