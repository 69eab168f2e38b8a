"""The rules that a ledger was last used with: kept in it, so that it can be read without the pipeline's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rushes.config.pipeline import Pipeline, Route, Wait
from rushes.engine.option_values import option_values

#: Where the ledger keeps what it was last used with, and what rules besides (see `Replanning.follow`).
ENGINE, PIPELINE_KEY = "engine", "pipeline"
#: What steps are, by id: see `Ways`.
STEPS_KEY = "steps"
#: Which routes have which names: `Turns.stored`.
TURNS_KEY = "turns"
#: The documents of routes, with the `key` of each, by which some jobs may have been planned already: there while other
#: rules are followed.
HALF_KEY = "half_followed"


def pipeline_document(pipeline: Pipeline) -> dict[str, Any]:
    """Name, file, rules and sinks, as JSON values."""
    return {
        "name": pipeline.name,
        "file": str(pipeline.file),
        "match": pipeline.match,
        "routes": [route_document(route) for route in pipeline.routes],
        "sinks": [sink.id for sink in pipeline.sinks],
    }


def route_document(route: Route) -> dict[str, Any]:
    """A route with all its keys."""
    return {
        "id": route.id,
        "when": route.when,
        "final": route.final,
        "else": route.otherwise,
        "live": route.live,
        "priority": route.priority,
        "wait": asdict(route.wait) if route.wait else None,
        "auto": route.auto,
        "steps": [step.id for step in route.steps],
        "to": [_sink(route, sink) for sink in route.to],
    }


def _sink(route: Route, sink: str) -> dict[str, Any]:
    wishes = route.wishes.get(sink)
    return {"sink": sink} | (option_values(wishes) if wishes else {})


def last_routes(document: Mapping[str, Any]) -> tuple[Route, ...]:
    """The routes of `pipeline_document`; what they make and where they go is not kept."""
    return tuple(
        Route(
            id=route["id"],
            when=route["when"],
            steps=(),
            to=(),
            final=route["final"],
            otherwise=route["else"],
            live=route["live"],
            priority=route["priority"],
            wait=Wait(**route["wait"]) if route["wait"] else None,
        )
        for route in document["routes"]
    )


def choose_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents send every clip the same ways; priorities and waits aside."""
    return _choice(one) == _choice(other)


def _choice(document: Mapping[str, Any]) -> tuple[Any, ...]:
    keys = ("id", "when", "final", "else")
    return document["match"], [tuple(route[key] for key in keys) for route in document["routes"]]
