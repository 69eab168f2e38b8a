"""`pipeline plan`: what would happen to every clip present now; the same engine on a ledger in memory."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from rushes.config.pipeline import Pipeline
from rushes.engine.engine import open_engine
from rushes.engine.folders import folders
from rushes.engine.queue import load_jobs
from rushes.engine.values import modified
from rushes.engine.views import Document
from rushes.engine.views.jobs import job_document
from rushes.ledger import MEMORY, Query
from rushes.ledger.rows import read_clip
from rushes.model import Clip
from rushes.settings import Settings


async def plan(pipeline: Pipeline, settings: Settings) -> Document:
    """Every clip with its routes, steps and sinks, and the totals; nothing is written, made or sent."""
    with tempfile.TemporaryDirectory(prefix="rushes-plan-") as folder:
        sources = tuple(source for source in pipeline.sources if source.spec.plans)
        elsewhere = replace(pipeline, state=Path(folder), sources=sources)
        async with open_engine(elsewhere, settings, ledger=MEMORY) as engine:
            await engine.run(once=True, deliver=False)
            jobs, clips, known = await engine.read(lambda query: (_jobs(query), _clips(query), _known(query)))
    steps = {route.id: route for route in pipeline.routes}
    routes: dict[str, list[Document]] = {}
    for job in jobs:
        route = steps[job["route"]]
        routes.setdefault(job["clip"], []).append(
            {
                "route": route.id,
                "steps": [step.id for step in route.steps],
                "to": list(route.to),
                "folders": folders(route, pipeline.sinks, known[job["clip"]]),
                "auto": route.auto,
                "waits": job["reason"] if route.auto and job["until"] else "",
            }
        )
    entries = [
        {
            **clip,
            "volume": known[clip["clip"]].volume,
            "modified": modified(known[clip["clip"]]),
            "routes": routes.get(clip["clip"], []),
        }
        for clip in clips
    ]
    return {
        "clips": entries,
        "totals": {
            "clips": len(entries),
            "bytes": sum(entry["size"] for entry in entries),
            "routed": sum(bool(entry["routes"]) for entry in entries),
            "problems": sum(bool(entry["problem"]) for entry in entries),
            "jobs": len(jobs),
        },
    }


def _jobs(query: Query) -> list[Document]:
    """All jobs, the oldest first."""
    return [job_document(loaded) for loaded in load_jobs(query, "true")]


def _known(query: Query) -> dict[str, Clip]:
    """Every original that was ever admitted, by id."""
    return {clip.id: clip for clip in map(read_clip, query("SELECT * FROM clips WHERE parent = ''"))}


def _clips(query: Query) -> list[Document]:
    """Every original that is known, by path."""
    rows = query(
        "SELECT id, path, card, kind, size, complete, problem, matched FROM clips "
        "WHERE parent = '' AND NOT superseded ORDER BY path"
    )
    return [
        {
            "clip": name,
            "name": path,
            "card": card,
            "kind": kind,
            "size": size,
            "complete": complete,
            "problem": problem or "",
            "matched": matched or "",
        }
        for name, path, card, kind, size, complete, problem, matched in rows
    ]
