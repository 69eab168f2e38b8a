"""`pipeline plan`: what would happen to every clip present now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
import trio

from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import columns, count, size
from rushes.engine.plan import plan
from rushes.settings import Settings


@click.command()
@file_argument
@json_option
def command(file: str, as_json: bool) -> None:
    """Show what would happen to every clip present now.

    The same engine on a ledger in memory: nothing is made or sent.
    """
    document = trio.run(plan, load_pipeline(file), Settings())
    if as_json:
        echo_json(document)
    else:
        echo_lines(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    clips = document["clips"]
    rows = [(clip["card"], clip["name"], clip["kind"], size(clip["size"]), _fate(clip)) for clip in clips]
    if rows:
        yield from columns(("CARD", "CLIP", "KIND", "SIZE", "GOES"), rows, right=(3,))
    yield f"{count(len(clips), 'clip')}, {size(sum(clip['size'] for clip in clips))}"


def _fate(clip: Mapping[str, Any]) -> str:
    if clip["problem"]:
        return f"broken: {clip['problem']}"
    ways = [
        f"{route['route']}: {' → '.join([*_names(route), ' + '.join(route['to'])])}"
        for route in clip["routes"]
    ]
    return "; ".join(ways) or ("nowhere: no route matches" if clip["complete"] else "still being recorded")


def _names(route: Mapping[str, Any]) -> list[str]:
    """Its steps; ids that the file did not give begin with the route's."""
    return [step.removeprefix(f"{route['route']}.") for step in route["steps"]]
