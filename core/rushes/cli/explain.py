"""`pipeline explain`: why a clip went where it did, what it matched, its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from rushes.cli.links import link_lines
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import clock, for_file, printable, size
from rushes.cli.view import open_view

#: Parts of an event that its job shows, and tracebacks, which `--json` has.
_TOLD_ELSEWHERE = frozenset({"receipt", "traceback"})
#: Characters of one value; `--json` has it whole.
LONGEST = 300


@click.command()
@file_argument
@click.argument("clip")
@json_option
def command(file: str, clip: str, as_json: bool) -> None:
    """Tell why a clip went where it did.

    CLIP is an id, a file name or a path within its card.
    """
    with open_view(file) as view:
        document = view.clip(clip)
    if as_json:
        echo_json(document)
    else:
        echo_lines(printable(for_file(line, file)) for line in _story(document))


def _story(document: Mapping[str, Any]) -> Iterator[str]:
    clip = document["clip"]
    yield f"{clip.get('path') or clip['name']} on {clip.get('card') or clip.get('volume')}"
    if clip.get("complete") is False:
        yield "  still being recorded"
    yield from _values(clip)
    for finding in document["findings"]:
        said = finding["problem"] or _pairs(finding["values"])
        basis = "" if finding["basis"] == "file" else f" (from a {finding['basis']})"
        yield f"{finding['annotator']}{basis}: {said}"
    for route in document["routes"]:
        verdict = "matched" if route["matched"] else "did not match"
        yield f"route {route['route']} {verdict}: {route['when'] or 'every clip'}"
        if route["why"]:
            yield f"  {route['why']}"
    yield from link_lines(document["links"])
    for job in document["jobs"]:
        yield f"job {job['id']} on {job['route']}: {_state(job)}"
        for step in job["steps"]:
            yield f"  {step['verb']} {step['name']} by {step['component']}: {_state(step)}{_receipt(step)}"
    for event in document["events"]:
        who = f" by {event['component']}" if event.get("component") else ""
        detail = {name: value for name, value in event["detail"].items() if name not in _TOLD_ELSEWHERE}
        if "until" in detail:  # a moment; zero where it waits for something else
            detail["until"] = clock(detail["until"]) if detail["until"] else ""
        yield f"{clock(event['at'])} {event['kind']}{who} {_pairs(detail)}".rstrip()


def _values(clip: Mapping[str, Any]) -> Iterator[str]:
    for name, value in clip.items():
        if value in (None, "", {}):
            continue
        shown = _pairs(value) if isinstance(value, Mapping) else _shown(value)
        if name == "size":
            shown = f"{value} bytes ({size(value)})" if value > 999 else size(value)
        elif isinstance(value, bool):
            shown = "yes" if value else "no"
        yield f"  {name} {shown}"


def _pairs(values: Mapping[str, Any]) -> str:
    shown = {name: _shown(value) for name, value in values.items()}
    return ", ".join(f"{name} {value}" for name, value in shown.items() if value)


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return f"({inside})" if (inside := _pairs(value)) else ""
        case list():
            return " + ".join(_shown(item) for item in value)
        case _:
            told = str(value)  # a sidecar's rows are thousands of characters
            return told if len(told) <= LONGEST else f"{told[:LONGEST]} ... ({len(told)} characters)"


def _state(thing: Mapping[str, Any]) -> str:
    words = str(thing["state"])
    if thing["reason"]:
        words += f", {thing['reason']}"
    return f"{words}, until {clock(thing['until'])}" if thing["until"] else words


def _receipt(step: Mapping[str, Any]) -> str:
    receipt = step["receipt"]
    if not receipt:
        return ""
    checked = f", {receipt['checked']}" if receipt.get("checked") else ""
    return f", {size(receipt.get('size'))} at {receipt.get('where')}{checked}"
