"""`pipeline columns`: what a rule may use."""

from __future__ import annotations

from dataclasses import asdict

import click

from rushes.cli.output import echo_json, echo_lines, json_option
from rushes.cli.text import columns
from rushes.columns import COLUMNS


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List what a rule may use."""
    if as_json:
        echo_json({"columns": [asdict(column) for column in COLUMNS]})
        return
    rows = [(column.name, column.type, column.writer, column.example, column.meaning) for column in COLUMNS]
    echo_lines(columns(("COLUMN", "TYPE", "WRITTEN BY", "EXAMPLE", "MEANING"), rows))
