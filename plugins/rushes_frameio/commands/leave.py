"""`pipeline frameio disconnect` and `logout`."""

from __future__ import annotations

import click

from rushes.commands import echo_json
from rushes_frameio.commands.group import ask, said, verb


@verb("Remove this device from its project; what is queued waits for that project.")
def disconnect(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("disconnect", file, component)
    if as_json:
        echo_json(facts)
    else:
        click.echo(str(facts["connection"]))


@verb("Leave the project, revoke the tokens and wipe everything that is sealed here.")
def logout(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("logout", file, component)
    if as_json:
        echo_json(facts)
        return
    click.echo("logged out; nothing is sealed here any more")
    if facts["untold"]:
        click.echo(
            f"Frame.io was not told ({said(facts['untold'])}): remove this device in the project's C2C Connections",
            err=True,
        )
