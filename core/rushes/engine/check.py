"""What `pipeline check` tells: what each component's options mean here, and whether it can be opened."""

from __future__ import annotations

from rushes.config.pipeline import Component, Pipeline
from rushes.engine.single import probe
from rushes.engine.views import Document
from rushes.errors import RushesError
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
        entry["notes"] = list(component.spec.notes(component.options))
        if connect:
            entry["error"] = await probe(pipeline, settings, component, MEMORY)
    except RushesError as error:
        entry["error"] = str(error)
    return entry | {"ok": not entry["error"]}
