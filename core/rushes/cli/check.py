"""`pipeline check`: whether a pipeline file can work on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import click
import trio

from rushes.cli.failures import BAD_FILE
from rushes.cli.load import load_pipeline
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import for_file, printable
from rushes.cli.view import running
from rushes.engine.check import check
from rushes.settings import Settings


@click.command()
@file_argument
@click.option("--connect", is_flag=True, help="Open and close each component.")
@json_option
@click.pass_context
def command(ctx: click.Context, file: str, connect: bool, as_json: bool) -> None:
    """Say whether a pipeline file can work on this machine."""
    pipeline = load_pipeline(file)
    client = running(file) if connect else None
    document = trio.run(partial(check, pipeline, Settings(), connect=connect and client is None))
    if client is not None:
        # Its components are open already; a second life beside the first would fight over tokens and sockets.
        document = _with_live(document, client.status())
    if as_json:
        echo_json(document)
    else:
        echo_lines(for_file(line, file) for line in _lines(document))
    if any(not component["ok"] for component in document["components"]):
        ctx.exit(BAD_FILE)


def _with_live(document: dict[str, Any], status: Mapping[str, Any]) -> dict[str, Any]:
    live = {component["id"]: component for component in status["components"]}
    components = []
    for static in document["components"]:
        component = static
        found = live.get(component["id"])
        if found and component["ok"]:
            lost = found["state"] == "unavailable"
            notes = [*component["notes"], f"the running pipeline has it {found['state']}"]
            component = {
                **component,
                "ok": not lost,
                "notes": notes,
                "error": found["reason"] if lost else component["error"],
            }
        components.append(component)
    return {**document, "components": components}


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for component in document["components"]:
        verdict = "ok" if component["ok"] else f"error: {component['error']}"
        yield printable(f"{component['kind']} {component['id']} ({component['use']}): {verdict}")
        for note in component["notes"]:
            yield printable(f"  {note}")
    for note in document["notes"]:
        yield printable(f"note: {note}")
