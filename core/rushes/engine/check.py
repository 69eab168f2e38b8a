"""What `pipeline check` tells: what each component's options mean here, and whether it can be opened."""

from __future__ import annotations

import trio

from rushes.config.pipeline import Component, Pipeline
from rushes.engine.single import probe
from rushes.engine.views import Document
from rushes.errors import ConfigError, RushesError, in_words
from rushes.ledger import MEMORY
from rushes.settings import Settings


async def check(pipeline: Pipeline, settings: Settings, *, connect: bool) -> Document:
    """One entry a component; with `connect` each is opened and closed (on a ledger in memory)."""
    checked = [
        await _check(pipeline, settings, component, connect=connect) for component in pipeline.components
    ]
    return {"components": checked, "notes": list(pipeline.notes)}


async def _check(pipeline: Pipeline, settings: Settings, component: Component, *, connect: bool) -> Document:
    entry: Document = {
        "id": component.id,
        "use": component.use,
        "kind": component.kind,
        "notes": [],
        "error": "",
    }
    try:
        entry["notes"] = await trio.to_thread.run_sync(_notes, component)
        if connect:
            entry["error"] = await probe(pipeline, settings, component, MEMORY)
    except ConfigError as error:
        place = error.where or component.places.get(error.option, component.where)
        entry["error"] = f"{place}: {error.message}"
    except RushesError as error:
        entry["error"] = str(error)
    return entry | {"ok": not entry["error"]}


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
