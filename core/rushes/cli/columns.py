"""`pipeline columns`: what a rule may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from rushes.cli.output import echo_json, echo_lines, json_option
from rushes.cli.text import terminal_width, wrapped
from rushes.columns import COLUMNS


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List what a rule may use."""
    keys = list(_keys())
    if as_json:
        documents = [{"name": name, "writer": writer, "meaning": meaning} for name, writer, meaning in keys]
        echo_json({"columns": [asdict(column) for column in COLUMNS], "meta": documents})
        return
    rows = [(column.name, column.type, column.writer, column.example, column.meaning) for column in COLUMNS]
    width = terminal_width()
    echo_lines(wrapped(("COLUMN", "TYPE", "WRITTEN BY", "EXAMPLE", "MEANING"), rows, width))
    if keys:
        rule = [(f"meta['{name}']", writer, meaning) for name, writer, meaning in keys]
        echo_lines(["", *wrapped(("KEY", "WRITTEN BY", "MEANING"), rule, width)])


def _keys() -> Iterator[tuple[str, str, str]]:
    """Key of the map `meta`, writer and meaning, by what the installed plugins tell."""
    from rushes.registry import Registry  # noqa: PLC0415 - imports the plugins' world; `--help` need not
    from rushes.settings import Settings  # noqa: PLC0415 - as above

    specs = [
        spec
        for plugin in Registry.load(blocked=Settings().blocked_plugins).plugins
        for _, spec in plugin.specs
    ]
    for spec in specs:
        yield from ((name, spec.name, meaning) for name, meaning in sorted(spec.keys.items()))
