"""`pipeline frameio whoami`: the state of the connection."""

from __future__ import annotations

from datetime import datetime

import click

from rushes import NotAuthorised
from rushes.commands import echo_json
from rushes_frameio.commands.group import ask, said, verb

#: The facts in their order, and what people call them.
ROWS = {
    "connection": "state",
    "project": "project",
    "user": "user",
    "email": "e-mail",
    "device": "device",
    "paused": "paused",
    "reachable": "reachable",
}


@verb("Show state, project and user of the connection.")
def whoami(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("whoami", file, component)
    if as_json:
        echo_json(facts)
    else:
        for name, label in ROWS.items():
            if facts.get(name) is not None or facts["connection"] == "connected":
                click.echo(f"{label:<10} {said(facts.get(name))}")
        if (end := facts.get("expires_at")) is not None:
            click.echo(f"{'ends':<10} {datetime.fromtimestamp(end).astimezone():%Y-%m-%d %H:%M %Z}")
    if missing := facts.get("missing"):
        raise NotAuthorised(missing)
