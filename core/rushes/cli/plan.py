"""`pipeline plan`: what would happen to every clip present now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import trio

from rushes.cli.broken import broken_as_json
from rushes.cli.history import history_lines, history_of
from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.sent import mark_sent
from rushes.cli.text import columns, count, size
from rushes.engine.plan import plan
from rushes.settings import Settings


@click.command()
@file_argument
@click.option(
    "--history", is_flag=True, help="Compare with the rules last used, over all clips that were ever seen."
)
@json_option
def command(file: str, history: bool, as_json: bool) -> None:
    """Show what would happen to every clip present now.

    The same engine on a ledger in memory: nothing is made or sent. What was sent before is marked.
    """
    with broken_as_json(as_json):
        pipeline = load_pipeline(file)
    if history:
        document = history_of(file, pipeline)
    else:
        document = trio.run(plan, pipeline, Settings())
        mark_sent(file, document)
    if as_json:
        echo_json(document)
    else:
        echo_lines(history_lines(document) if history else _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    clips = document["clips"]
    rows = [(clip["card"], clip["name"], clip["kind"], size(clip["size"]), _fate(clip)) for clip in clips]
    if rows:
        yield from columns(("CARD", "CLIP", "KIND", "SIZE", "GOES"), rows, right=(3,))
    sent = document["totals"]["sent"]
    already = f"; {sent} sent already" if sent else ""
    yield f"{count(len(clips), 'clip')}, {size(sum(clip['size'] for clip in clips))}{already}"
    if document["ledger"]:
        yield f"what was sent already is not known: {document['ledger']}"


def _fate(clip: Mapping[str, Any]) -> str:
    if clip["problem"]:
        return f"broken: {clip['problem']}"
    ways = [
        f"{route['route']}: {' → '.join([*_names(route), ' + '.join(_sinks(route))])}"
        f"{', ' + route['waits'] if route['waits'] and not route['state'] else ''}"
        f"{'' if route['auto'] or route['state'] else ', when a person releases it'}"
        f"{_done(route)}"
        for route in clip["routes"]
    ]
    return "; ".join(ways) or ("nowhere: no route matches" if clip["complete"] else "still being recorded")


def _done(route: Mapping[str, Any]) -> str:
    """How far the clip is on that route already."""
    if not route["state"]:
        return ""
    if route["sent"].keys() >= set(route["to"]):
        return ", sent already"
    there = f", sent to {' + '.join(route['sent'])} already" if route["sent"] else ""
    return f"{there}, {route['state']}"


def _sinks(route: Mapping[str, Any]) -> list[str]:
    """Its sinks, with the folder where one has the clip in a folder made of what is known of it."""
    at = route["folders"]
    return [f"{sink} ({at[sink]})" if sink in at else sink for sink in route["to"]]


def _names(route: Mapping[str, Any]) -> list[str]:
    """Its steps; ids that the file did not give begin with the route's."""
    return [step.removeprefix(f"{route['route']}.") for step in route["steps"]]
