"""`pipeline frameio accounts`, `projects` and `connect`: choose a project after a login."""

from __future__ import annotations

import click

from rushes.commands import echo_json
from rushes_frameio.commands.group import ask, said, verb


@verb("List the accounts that have Camera to Cloud.")
def accounts(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("accounts", file, component)
    if as_json:
        echo_json(facts)
        return
    for account in facts["accounts"]:
        click.echo(f"{account['id']}  {said(account['name'])}")
    if not facts["accounts"]:
        click.echo(facts["support"])


@click.option("--account", metavar="ACCOUNT", help="Its id or name; all of them otherwise.")
@click.option("--search", metavar="TEXT", help="Only those with this in their name.")
def _projects(
    file: str, component: str | None, as_json: bool, account: str | None, search: str | None
) -> None:
    given = {"account": account, "search": search}
    facts = ask("projects", file, component, {name: text for name, text in given.items() if text})
    if as_json:
        echo_json(facts)
        return
    for project in facts["projects"]:
        click.echo(f"{project['id']}  {said(project['name'])}  ({said(project['account'])})")
    if not facts["projects"]:
        click.echo("no project of that name" if search else "no projects")


@click.argument("place", nargs=-1, required=True, metavar="[ACCOUNT] PROJECT")
def _connect(file: str, component: str | None, as_json: bool, place: tuple[str, ...]) -> None:
    if len(place) > 2:
        raise click.UsageError("one account and one project at most; quote names with spaces")
    arguments = dict(zip(("project", "account"), reversed(place), strict=False))
    facts = ask("connect", file, component, arguments)
    if as_json:
        echo_json(facts)
    else:
        click.echo(f"connected to {said(facts['project'])}")


projects = verb("List projects of accounts that have Camera to Cloud.")(_projects)
connect = verb("Connect to a project; each name may be an id instead.")(_connect)
