"""`pipeline frameio login`: a person logs in with a browser."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from rushes.commands import browse, echo_json
from rushes_frameio.commands.countdown import Countdown
from rushes_frameio.commands.group import ask, cancellable, said, tell_json, verb


def _is_terminal() -> bool:
    return sys.stdout.isatty()


@click.option("--no-browser", is_flag=True, help="Only show the address to open.")
def _login(file: str, component: str | None, as_json: bool, no_browser: bool) -> None:
    with Countdown() as countdown, cancellable(countdown.stop):

        def tell(facts: Mapping[str, Any]) -> None:
            url = str(facts["login_url"])
            click.echo(f"Log in with a browser of this machine:\n{said(url)}")
            if _is_terminal() and not no_browser:
                browse(url)
            countdown.start(float(facts["expires_in"]))

        facts = ask("login", file, component, tell=tell_json if as_json else tell)
    if as_json:
        echo_json(facts)
        return
    click.echo(f"logged in as {said(facts['user'])} ({said(facts['email'])})")
    if facts["connection"] == "not connected":
        click.echo("not connected to a project yet; see: pipeline frameio projects FILE")


login = verb("Log in with a browser, to choose account and project here.")(_login)
