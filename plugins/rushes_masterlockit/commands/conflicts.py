"""`pipeline masterlockit conflicts`: what was said of one clip in two ways."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import click

from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.group import ask, verb


@click.option(
    "--settle",
    "settled",
    metavar="CLIP",
    multiple=True,
    help="I have looked at this clip (its id or name): forget them.",
)
@click.option("--settle-all", is_flag=True, help="I have looked at all of them.")
def _conflicts(
    file: str, component: str | None, as_json: bool, settled: tuple[str, ...], settle_all: bool
) -> None:
    if settled and settle_all:
        raise click.UsageError("give either --settle or --settle-all")
    wanted = "all" if settle_all else ",".join(settled)
    facts = ask("conflicts", file, component, {"settle": wanted} if wanted else {})
    if as_json:
        echo_json(facts)
        return
    if not facts["conflicts"]:
        click.echo("no conflict")
    for _, group in groupby(facts["conflicts"], lambda conflict: str(conflict["clip"])):
        said = list(group)
        click.echo(f"{printable(said[0]['name'] or '-')}  {said[0]['clip']}")
        for conflict in said:
            mark = "  look at this" if conflict["editorial"] else ""
            click.echo(
                f"  {conflict['path']}: {_short(conflict['kept'])}, beside {_short(conflict['lost'])}{mark}"
            )


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= 40 else f"{text[:39]}…")


conflicts = verb("Show what was said of one clip in two ways, and which of it stands.")(_conflicts)
