"""What `pipeline check` tells, by layers: what options mean here, what can be opened, what rules leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

from rushes.config.apart import not_there
from rushes.config.pipeline import Component, Pipeline
from rushes.engine.folders import WAITS
from rushes.engine.plan import plan
from rushes.engine.single import probe
from rushes.engine.views import Document
from rushes.errors import ConfigError, RushesError, in_words
from rushes.ledger import MEMORY
from rushes.settings import Settings


async def check(pipeline: Pipeline, settings: Settings, *, connect: bool) -> Document:
    """One entry a component; with `connect` each is opened and closed (on a ledger in memory).

    `layer` says which of the layers `static` and `connect` found the `error`, "" where there is none.
    """
    checked = [
        await _check(pipeline, settings, component, connect=connect) for component in pipeline.components
    ]
    away = await trio.to_thread.run_sync(lambda: list(not_there(pipeline.sources)))
    return {"components": checked, "notes": [*away, *pipeline.notes]}


def with_live(document: Document, status: Mapping[str, Any]) -> Document:
    """What `check` found, and how a running pipeline has the components: a second life beside the first would fight
    over tokens and sockets.
    """
    live = {component["id"]: component for component in status["components"]}
    components = []
    for static in document["components"]:
        component = static
        found = live.get(component["id"])
        if found and component["ok"]:
            lost = found["state"] == "unavailable"
            notes = [*component["notes"], f"the running pipeline has it {found['state']}"]
            component = {
                **component,
                "ok": not lost,
                "notes": notes,
                "error": found["reason"] if lost else component["error"],
                "layer": "connect" if lost else component["layer"],
            }
        components.append(component)
    return {**document, "components": components}


async def check_plan(pipeline: Pipeline, settings: Settings) -> Document:
    """What `plan` finds that somebody may not have meant: none of it is an error."""
    planned = await plan(pipeline, settings)
    clips = planned["clips"]
    taken = {route["route"] for clip in clips for route in clip["routes"]}
    sound = [clip for clip in clips if not clip["problem"]]
    return {
        "clips": planned["totals"]["clips"],
        "bytes": planned["totals"]["bytes"],
        "nowhere": [clip["name"] for clip in sound if clip["complete"] and not clip["routes"]],
        "idle": [route.id for route in pipeline.routes if route.id not in taken],
        "missing": [
            {"name": clip["name"], "route": route["route"], "sink": sink, "folder": folder}
            for clip in sound
            for route in clip["routes"]
            for sink, folder in route["folders"].items()
            if folder.startswith(WAITS)
        ],
        "broken": [{"name": clip["name"], "problem": clip["problem"]} for clip in clips if clip["problem"]],
    }


async def _check(pipeline: Pipeline, settings: Settings, component: Component, *, connect: bool) -> Document:
    entry: Document = {
        "id": component.id,
        "use": component.use,
        "kind": component.kind,
        "notes": [],
        "error": "",
    }
    layer = "static"
    try:
        entry["notes"] = await trio.to_thread.run_sync(_notes, component)
        if connect:
            layer = "connect"
            entry["error"] = await probe(pipeline, settings, component, MEMORY)
    except ConfigError as error:
        place = error.where or component.places.get(error.option, component.where)
        entry["error"] = f"{place}: {error.message}"
    except RushesError as error:
        entry["error"] = str(error)
    return entry | {"ok": not entry["error"], "layer": layer if entry["error"] else ""}


def _notes(component: Component) -> list[str]:
    """What the plugin says of the options, line by line. Raises the RushesError that it raises, also for its bugs."""
    try:
        told = component.spec.notes(component.options)
        if isinstance(told, str):
            raise TypeError(f"notes returns a list of lines, not {told!r:.100}")
        return [line for note in told for line in str(note).splitlines()]
    except (RushesError, KeyboardInterrupt):
        raise
    except BaseException as failure:
        raise RushesError(f"bug in {component.use}: {in_words(failure)}") from failure
