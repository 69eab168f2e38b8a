"""What of a plan is done already: the jobs that the ledger has for the clips that are present."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rushes.cli.view import View, find, open_view, running
from rushes.errors import RushesError
from rushes.ledger import FILE_NAME


def mark_sent(file: str, document: dict[str, Any]) -> None:
    """Note in the document of a plan what was sent, route by route.

    Of each route `state` is that of the clip's job, "" without one, and `sent` says by sink where the clip is. `sent`
    of the totals counts the clips of which every route has delivered; `ledger` is why that is not known, "" where it
    is.
    """
    ledger = ""
    try:
        _, state = find(file)
        if running(file) is not None or (state / FILE_NAME).exists():
            with open_view(file) as view:
                _mark(view, document["clips"])
    except RushesError as error:
        ledger = str(error)
    for clip in document["clips"]:
        for route in clip["routes"]:
            route.setdefault("state", "")
            route.setdefault("sent", {})
    document["ledger"] = ledger
    document["totals"]["sent"] = sum(map(_all_sent, document["clips"]))


def _mark(view: View, clips: list[dict[str, Any]]) -> None:
    jobs: dict[Any, dict[str, dict[str, Any]]] = {}
    for job in sorted(view.jobs()["jobs"], key=lambda job: job["revision"]):
        jobs.setdefault(_file(job, job["path"]), {})[job["route"]] = job
    for clip in clips:
        there = jobs.get(_file(clip, clip["name"]), {})
        for route in clip["routes"]:
            if (job := there.get(route["route"])) is not None:
                route["state"] = job["state"]
                route["sent"] = dict(_delivered(job))


def _file(document: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    """What tells the file of a job or a clip from others that had its name."""
    return (document["volume"], path, document["size"], document["modified"])


def _delivered(job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The sinks that have everything of it, and where the last of that is."""
    steps = [step for step in job["steps"] if step["verb"] == "deliver"]
    for sink in dict.fromkeys(step["component"] for step in steps):
        there = [step for step in steps if step["component"] == sink]
        if all(step["state"] == "done" for step in there):
            yield sink, (there[-1]["receipt"] or {}).get("where", "")


def _all_sent(clip: Mapping[str, Any]) -> bool:
    return bool(clip["routes"]) and all(route["sent"].keys() >= set(route["to"]) for route in clip["routes"])
