"""Where facts go: one JSON document on stdout, or lines for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from rushes.api.wire import encode

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
file_argument = click.argument("file", metavar="FILE")


def echo_json(document: Any) -> None:
    """Print the document of a verb: one, on one line, on stdout."""
    click.echo(encode(document))


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines for people."""
    click.echo("\n".join(lines))
