"""`pipeline status`: connections, current work, counts, what needs a person."""

from __future__ import annotations

import time
from pathlib import Path

import click

from rushes.cli.output import draws, echo_json, echo_lines, file_argument, json_option
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
    elif draws():
        from rich.console import Console  # noqa: PLC0415 - costs a quarter of a second, a pipe needs none

        from rushes.cli.screen import screen  # noqa: PLC0415 - as above

        console = Console()
        console.print(screen(document | {"file": file}, width=console.width))
    else:
        echo_lines(status_lines(document | {"file": file}))


def _watch(file: str) -> None:
    if draws():
        _draw(file)
    else:
        _print(file)
    click.echo("the pipeline has ended")


def _print(file: str) -> None:
    """The facts as lines, all of them again when one has changed."""
    last: list[str] = []
    while client := running(file):
        lines = list(status_lines(client.status() | {"file": file}))
        if lines != last:
            last = lines
            echo_lines(lines)
        time.sleep(WATCH_S)


def _draw(file: str) -> None:
    """On the terminal's other screen: what stood on it is there again afterwards."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.live import Live  # noqa: PLC0415 - as above

    from rushes.cli.screen import screen  # noqa: PLC0415 - as above

    console = Console()
    note = "Ctrl-C ends this view, not the pipeline"
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while client := running(file):
            document = client.status() | client.devices() | {"file": file}
            # Asked each time: a terminal may be resized.
            width, height = console.size
            live.update(screen(document, note, width=width, height=height), refresh=True)
            time.sleep(WATCH_S)
