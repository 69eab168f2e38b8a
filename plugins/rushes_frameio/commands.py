"""Pair with Frame.io, see who is paired."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from rushes.commands import act, echo_json, exit_on_error
from rushes_frameio.countdown import Countdown

USE = "frameio"


@click.group(name=USE, help="Connect this machine to a Frame.io project.")
def command() -> None:
    """The group; its verbs are below."""


@command.command(help="Pair by a six-digit code that a person enters in the project.")
@click.argument("file", metavar="FILE")
@click.option("--component", metavar="ID", help="Which one, where FILE has several.")
@click.option("--json", "as_json", is_flag=True, help="Codes as JSON lines on stderr, the result on stdout.")
@exit_on_error()
def pair(file: str, component: str | None, as_json: bool) -> None:
    with Countdown() as countdown:

        def tell(facts: Mapping[str, Any]) -> None:
            if as_json:
                click.echo(json.dumps(dict(facts)), err=True)
            else:
                countdown.stop()
                _show_code(facts)
                countdown.start(float(facts["expires_in"]))

        facts = act(file, USE, "pair", {}, tell, component)
    if as_json:
        echo_json(facts)
    else:
        click.echo(_sentence(facts))


@command.command(help="Show project, user and state of the pairing.")
@click.argument("file", metavar="FILE")
@click.option("--component", metavar="ID", help="Which one, where FILE has several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@exit_on_error()
def whoami(file: str, component: str | None, as_json: bool) -> None:
    facts = act(file, USE, "whoami", {}, lambda _facts: None, component)
    if as_json:
        echo_json(facts)
        return
    for name in ("project", "user", "device"):
        click.echo(f"{name:<8} {facts.get(name) or 'not told'}")
    click.echo(f"{'paused':<8} {'yes' if facts.get('paused') else 'no'}")


def _show_code(facts: Mapping[str, Any]) -> None:
    code = str(facts["user_code"])
    click.echo(f"\n    {click.style(f'{code[:3]} {code[3:]}', bold=True)}\n")
    click.echo("Enter this code in the project's C2C Connections (add a device),")
    click.echo(f"or open {facts.get('verification_uri_complete') or facts['verification_uri']}")


def _sentence(facts: Mapping[str, Any]) -> str:
    place = f" with {facts['project']}" if facts.get("project") else ""
    return f"paired{place}" + (f" by {facts['user']}" if facts.get("user") else "")
