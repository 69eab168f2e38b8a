"""Where facts go: one JSON document on stdout, or lines for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem

from rushes.api.wire import encode

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def _files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from rushes.cli.completing import files  # noqa: PLC0415 - for a shell that asks

    return files(ctx, parameter, incomplete)


file_argument = click.argument("file", metavar="FILE", shell_complete=_files)


def echo_json(document: Any) -> None:
    """Print the document of a verb: one, on one line, on stdout."""
    click.echo(encode(document))


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines for people."""
    click.echo("\n".join(lines))


def draws() -> bool:
    """Whether stdout is a terminal on which a screen can be drawn; else facts are plain lines."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown", ""}
