"""What the ledger knows of its last run: the pipeline, what a person switched, what ready work was waiting for."""

from __future__ import annotations

import json
from typing import TypedDict

from rushes.engine.last_rules import ENGINE, PIPELINE_KEY
from rushes.engine.recovery import WAITING_KEY
from rushes.engine.switches import SWITCHES_KEY, Switches, paused_by_person, read_switches
from rushes.engine.views.document import Document
from rushes.ledger import Query

_NEVER_USED: Document = {"name": "", "file": "", "match": "all", "routes": [], "sinks": []}


class Waits(TypedDict):
    """Why ready work does not start: reasons by component id, and by volume. Where nothing is `running`, what a run
    that was cut off left in work is ready again.
    """

    components: dict[str, str]
    volumes: dict[str, str]
    running: bool


#: For who asks what the ledger alone says.
NO_WAITS = Waits(components={}, volumes={}, running=True)


def last_pipeline(query: Query) -> Document:
    """Name, file and rules that the ledger was last used with."""
    stored = _stored(query, PIPELINE_KEY)
    document: Document = json.loads(stored) if stored else _NEVER_USED
    return document


def last_waits(query: Query) -> Waits:
    """What ready work was waiting for when the last run ended; what a person paused, as it is now."""
    stored = _stored(query, WAITING_KEY)
    waits = json.loads(stored) if stored else NO_WAITS
    left = {name: why for name, why in waits["components"].items() if why != paused_by_person(name)}
    paused = {sink: paused_by_person(sink) for sink in sorted(switches(query).paused)}
    return {"components": left | paused, "volumes": waits["volumes"], "running": False}


def last_end(query: Query) -> float | None:
    """When the last run ended, epoch seconds; None where it was cut off, or there was none."""
    rows = query("SELECT ended FROM runs ORDER BY started DESC LIMIT 1")
    return rows[0][0] if rows else None


def switches(query: Query) -> Switches:
    """What a person switched."""
    stored = _stored(query, SWITCHES_KEY)
    return read_switches(json.loads(stored) if stored else None)


def _stored(query: Query, key: str) -> str | None:
    rows = query("SELECT value FROM store WHERE component = ? AND key = ?", [ENGINE, key])
    return rows[0][0] if rows else None
