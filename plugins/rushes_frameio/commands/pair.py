"""`pipeline frameio pair`: six digits, a QR code and a countdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from rushes.commands import echo_json, qr_on_terminal
from rushes_frameio.commands.countdown import Countdown
from rushes_frameio.commands.group import ask, cancellable, said, tell_json, verb


@verb("Pair by a six-digit code that a person enters in the project.")
def pair(file: str, component: str | None, as_json: bool) -> None:
    with Countdown() as countdown, cancellable(countdown.stop):

        def tell(facts: Mapping[str, Any]) -> None:
            countdown.stop()
            _show_code(facts)
            countdown.start(float(facts["expires_in"]))

        facts = ask("pair", file, component, tell=tell_json if as_json else tell)
    if as_json:
        echo_json(facts)
    else:
        click.echo(_sentence(facts))


def _show_code(facts: Mapping[str, Any]) -> None:
    code, link = str(facts["user_code"]), facts.get("verification_uri_complete")
    if link:
        qr_on_terminal(str(link))
    click.echo(f"\n    {click.style(said(f'{code[:3]} {code[3:]}'), bold=True)}\n")
    click.echo("Enter this code in the project's C2C Connections (add a device),")
    click.echo(f"or open {said(link or facts['verification_uri'])}")


def _sentence(facts: Mapping[str, Any]) -> str:
    if not facts.get("project"):
        return "paired; Frame.io has not said yet with which project"
    return f"paired with {said(facts['project'])}" + (
        f" by {said(facts['user'])}" if facts.get("user") else ""
    )
