"""`pipeline status`: connections, current work, counts, what needs a person."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.plain import status_lines
from rushes.cli.view import open_view, running

WATCH_S = 0.5


@click.command()
@file_argument
@click.option("--watch", is_flag=True, help="Keep showing it, until Ctrl-C or the pipeline ends.")
@json_option
def command(file: str, watch: bool, as_json: bool) -> None:
    """Show connections, current work, the queue and what needs you."""
    if watch and as_json:
        raise click.UsageError(
            "--json prints one document: leave out --watch, or follow the API's /v1/events"
        )
    if watch and running(file):
        _watch(file)
        return
    with open_view(file) as view:
        document = view.status()
    # A ledger that no run has used yet, as after pairing, does not know whose it is.
    document["pipeline"] = document["pipeline"] or Path(file).stem
    if as_json:
        echo_json(document)
    elif sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - costs a quarter of a second, a pipe needs none

        from rushes.cli.screen import screen  # noqa: PLC0415 - as above

        Console().print(screen(document | {"file": file}))
    else:
        echo_lines(status_lines(document | {"file": file}))


def _watch(file: str) -> None:
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.live import Live  # noqa: PLC0415 - as above

    from rushes.cli.screen import screen  # noqa: PLC0415 - as above

    console = Console()
    last: list[str] = []
    with Live(console=console, auto_refresh=False) as live:
        while client := running(file):
            document = client.status() | {"file": file}
            if console.is_terminal:
                live.update(screen(document, "Ctrl-C ends this view, not the pipeline"), refresh=True)
            elif (lines := list(status_lines(document))) != last:
                last = lines
                echo_lines(lines)
            time.sleep(WATCH_S)
    click.echo("the pipeline has ended")
