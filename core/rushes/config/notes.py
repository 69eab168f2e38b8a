"""Remarks about a pipeline that is not wrong, but may not be what was meant: what `check` notes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rushes import rules
from rushes.columns import FILE
from rushes.config.apart import watched_twice
from rushes.config.nearest import nearest
from rushes.config.pipeline import Component, Match, Route
from rushes.registry import Registry

#: Keys of `meta` are anybody's: what is less alike than this is another key.
_ALIKE = 0.75
#: Columns of the file itself that are known at its end only.
_LATE = frozenset({"completed_by", "problem"})


def notes(
    sources: tuple[Component, ...],
    prepare: tuple[Component, ...],
    sinks: tuple[Component, ...],
    routes: tuple[Route, ...],
    match: Match,
    registry: Registry,
) -> Iterator[str]:
    """Each in one line."""
    yield from watched_twice(sources)
    yield from _unheard(prepare)
    if not routes:
        yield "no routes: clips are found and annotated, nothing is delivered"
        return
    used = {sink for route in routes for sink in route.to}
    for sink in sinks:
        if sink.id not in used:
            yield f"sink '{sink.id}': no route goes to it"
    yield from _never(routes, match)
    known = {key for plugin in registry.plugins for _, spec in plugin.specs for key in spec.keys}
    for route in routes:
        yield from _misread(route, known)
        if route.live:
            yield from _waiting(route, sinks)
            yield from _unknown(route)


def _never(routes: tuple[Route, ...], match: Match) -> Iterator[str]:
    """Routes that take no clip, whatever clips come."""
    takes_all = ends_all = ""
    for route in routes:
        every = rules.constant(route.when)
        name = f"route '{route.id}' ({route.where})"
        if every is False:
            yield f"{name} takes no clip: its rule is never true"
        elif ends_all:
            why = (
                "takes every clip, and match is first"
                if match == "first"
                else "is final and takes every clip"
            )
            yield f"{name} takes no clip: route '{ends_all}' before it {why}"
        elif route.otherwise and takes_all:
            yield f"{name} takes no clip: it is an else, and every clip is taken by then (route '{takes_all}')"
        if every:
            takes_all = takes_all or route.id
            if match == "first" or (route.final and not route.otherwise):
                ends_all = ends_all or route.id


def _unheard(prepare: tuple[Component, ...]) -> Iterator[str]:
    """What an annotator works with that nobody has said by its turn."""
    for place, one in enumerate(prepare):
        before = {earlier.use for earlier in prepare[:place]}
        for use in one.spec.after:
            if use not in before:
                yield (
                    f"annotator '{one.id}' works with what '{use}' says: "
                    f"name {use} before it in 'prepare:', or it finds little"
                )


def _misread(route: Route, known: Collection[str]) -> Iterator[str]:
    """What of a route's expressions means something else than it seems to, or a key that nobody writes."""
    rule = [route.when, *([route.wait.rule] if route.wait else [])]
    name = f"route '{route.id}' ({route.where})"
    for column in dict.fromkeys(each for text in rule for each in rules.loose_nots(text)):
        fact = f"'not {column}' does not hold while nobody has told {column}, for NULL is not false"
        yield f"{name}: {fact}; not coalesce({column}, false) is likely meant"
    priority = [route.priority] if isinstance(route.priority, str) else []
    for key in dict.fromkeys(each for text in (*rule, *priority) for each in rules.meta_keys(text)):
        if key not in known and (near := nearest(key, known, alike=_ALIKE)):
            yield f"{name}: no component writes meta['{key}']; nearest: meta['{near}']"


def _unknown(route: Route) -> Iterator[str]:
    """What a live rule names although it is not known of a clip that is being recorded."""
    early = {column.name for column in FILE} - _LATE
    if later := sorted(rules.referenced(route.when) - early):
        known = "it matches when the clip is complete"
        yield f"route '{route.id}': {', '.join(later)} is not known while a clip is recorded: {known}"


def _waiting(route: Route, sinks: tuple[Component, ...]) -> Iterator[str]:
    """What of a live route cannot follow a clip that is being recorded; nothing after a transform that cannot."""
    late = [step for step in route.steps if not step.spec.live][:1]
    for each in late or [sink for sink in sinks if sink.id in route.to and not sink.spec.live]:
        yield (
            f"route '{route.id}': {each.kind} '{each.id}' does not follow growing clips: "
            f"it waits until the clip is complete"
        )
