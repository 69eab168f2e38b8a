"""`pipeline frameio limit`: leave some of the network to others."""

from __future__ import annotations

import click

from rushes.commands import echo_json
from rushes_frameio.commands.group import ask, verb


@click.argument("rate", metavar="RATE")
def _limit(file: str, component: str | None, as_json: bool, rate: str) -> None:
    facts = ask("limit", file, component, {"rate": rate})
    if as_json:
        echo_json(facts)
    elif facts["max_rate"] is None:
        click.echo("no limit")
    else:
        bits = facts["max_rate"]
        click.echo(f"at most {bits / 1e6:g} Mb/s ({bits / 8e6:g} MB/s)")


limit = verb(
    "Send no faster than RATE bits a second (50M), until told otherwise: off, or file for its max_rate."
)(_limit)
