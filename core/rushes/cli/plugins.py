"""`pipeline plugins`: what is installed and what is broken."""

from __future__ import annotations

from typing import Any

import click

from rushes.cli.output import echo_json, echo_lines, json_option
from rushes.cli.text import columns
from rushes.registry import Plugin, Registry
from rushes.settings import Settings


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List what is installed and what is broken."""
    plugins = Registry.load(blocked=Settings().blocked_plugins).plugins
    if as_json:
        echo_json({"plugins": [_document(plugin) for plugin in plugins]})
        return
    rows = [
        (plugin.name, f"{plugin.package} {plugin.version}", _brings(plugin), f"{plugin.import_ms:.0f} ms")
        for plugin in plugins
    ]
    echo_lines(columns(("PLUGIN", "PACKAGE", "BRINGS", "IMPORT"), rows, right=(3,)))


def _brings(plugin: Plugin) -> str:
    if plugin.error:
        return f"broken: {plugin.error}"
    return ", ".join(f"{kind} {spec.name}" for kind, spec in plugin.specs) or "nothing"


def _document(plugin: Plugin) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "package": plugin.package,
        "version": plugin.version,
        "specs": [
            {"kind": kind, "name": spec.name, "summary": spec.summary, "actions": sorted(spec.actions)}
            for kind, spec in plugin.specs
        ],
        "error": plugin.error,
        "import_ms": plugin.import_ms,
    }
