"""An event as the body of a post."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from rushes import Catalog, Event

#: Stays at home: where the code lies on this machine is nobody else's.
_KEPT = frozenset({"traceback"})


async def body_of(event: Event, message: str, pipeline: str, catalog: Catalog) -> bytes:
    """JSON; an event that is posted again has the same body as long as its clip keeps its name."""
    document = {
        "type": event.kind,
        "timestamp": _moment(event.at),
        "id": message,
        "pipeline": pipeline,
        "data": await _data(event, catalog),
    }
    # Names of files may hold what is no Unicode: escaped, all of them pass.
    return json.dumps(document, separators=(",", ":")).encode()


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _data(event: Event, catalog: Catalog) -> dict[str, Any]:
    detail = {name: value for name, value in event.detail.items() if value is not None and name not in _KEPT}
    data: dict[str, Any] = {"seq": event.seq}
    if event.clip:
        clip = {name: detail.pop(name) for name in ("name", "path", "card") if name in detail}
        data["clip"] = {"id": event.clip} | clip | await _clip(event.clip, catalog)
        # A step may work on a file that was made of the clip.
        if clip.get("name", data["clip"].get("name")) != data["clip"].get("name"):
            data["file"] = clip["name"]
    if event.job:
        data["job"] = event.job
        if "route" not in detail:
            rows = await catalog.query("SELECT route FROM jobs WHERE id = ?", [event.job])
            data |= {"route": rows[0][0]} if rows else {}
    data |= {"step": event.step} if event.step else {}
    data |= {"component": event.component} if event.component else {}
    return data | detail


async def _clip(clip: str, catalog: Catalog) -> dict[str, Any]:
    rows = await catalog.query("SELECT path, card FROM clips WHERE id = ?", [clip])
    return {
        name: value
        for path, card in rows
        for name, value in (("name", path.rpartition("/")[2]), ("path", path), ("card", card))
    }
