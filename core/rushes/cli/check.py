"""`pipeline check`: whether a pipeline file can work on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import click
import trio

from rushes.cli.broken import broken_as_json
from rushes.cli.failures import BAD_FILE
from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import count, for_file, printable, size
from rushes.cli.view import running
from rushes.engine.check import check, check_plan, with_live
from rushes.settings import Settings


@click.command()
@file_argument
@click.option("--connect", is_flag=True, help="Open and close each component.")
@click.option("--plan", "planned", is_flag=True, help="Say what the rules leave out of what is here now.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: str, connect: bool, planned: bool, as_json: bool) -> None:
    """Say whether a pipeline file can work on this machine.

    Layer by layer: what the file says and means here; with --connect whether each component can be opened; with --plan
    which clips go nowhere, which routes take nothing, which folders lack a field, what is broken.
    """
    with broken_as_json(as_json):
        pipeline, settings = load_pipeline(file), Settings()
    client = running(file) if connect else None
    document = trio.run(partial(check, pipeline, settings, connect=connect and client is None))
    if client is not None:
        document = with_live(document, client.status())
    if planned:
        document["plan"] = trio.run(check_plan, pipeline, settings)
    if as_json:
        echo_json(document)
    else:
        echo_lines(for_file(printable(line), file) for line in _lines(document, file, connect=connect))
    if _errors(document):
        ctx.exit(BAD_FILE)


def _errors(document: Mapping[str, Any]) -> int:
    return sum(not component["ok"] for component in document["components"])


def _lines(document: Mapping[str, Any], file: str, *, connect: bool) -> Iterator[str]:
    yield "static: what the file says, and means on this machine"
    for component in document["components"]:
        yield f"{component['kind']} {component['id']} ({component['use']}): {_verdict(component, 'static')}"
        yield from (f"  {note}" for note in component["notes"])
    yield from (f"note: {note}" for note in document["notes"])
    remarks = len(document["notes"])
    if connect:
        yield "connect: each component opened and closed"
        for component in document["components"]:
            if component["layer"] != "static":
                yield f"{component['kind']} {component['id']}: {_verdict(component, 'connect')}"
    if planned := document.get("plan"):
        yield f"plan: {count(planned['clips'], 'clip')} here now, {size(planned['bytes'])}"
        left_out = list(_left_out(planned))
        yield from left_out
        remarks += len(left_out)
    yield f"{file}: {_sum(_errors(document), remarks)}"


def _verdict(component: Mapping[str, Any], layer: str) -> str:
    return f"error: {component['error']}" if component["layer"] == layer else "ok"


def _left_out(planned: Mapping[str, Any]) -> Iterator[str]:
    """What may not be meant so; of many clips the first."""
    if planned["nowhere"]:
        yield f"no route takes {_first(planned['nowhere'])}"
    for route in planned["idle"]:
        yield f"route {route} takes nothing"
    missing: dict[tuple[str, str, str], list[str]] = {}
    for each in planned["missing"]:
        missing.setdefault((each["route"], each["sink"], each["folder"]), []).append(each["name"])
    for (route, sink, folder), names in missing.items():
        yield f"route {route}: the folder of {_first(names)} at {sink} {folder}"
    broken: dict[str, list[str]] = {}
    for each in planned["broken"]:
        broken.setdefault(each["problem"], []).append(each["name"])
    for problem, names in broken.items():
        yield f"broken: {_first(names)}: {problem}"


def _first(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _sum(errors: int, remarks: int) -> str:
    told = [count(errors, "error")] if errors else ["ok"]
    return ", ".join([*told, *([count(remarks, "remark")] if remarks else [])])
