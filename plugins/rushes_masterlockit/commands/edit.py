"""`pipeline masterlockit edit`: say something of a clip ourselves."""

from __future__ import annotations

import json

import click

from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.group import ask, verb


@click.argument("clip", metavar="CLIP")
@click.argument("changes", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--circle/--no-circle", default=None, help="Circled, or not.")
@click.option("--waste/--no-waste", default=None, help="Waste, or not.")
@click.option("--comment", metavar="TEXT", help="The comment of the take, or of the sound clip.")
def _edit(
    file: str,
    component: str | None,
    as_json: bool,
    clip: str,
    changes: tuple[str, ...],
    circle: bool | None,
    waste: bool | None,
    comment: str | None,
) -> None:
    arguments = {"clip": clip, "changes": json.dumps(changes)}
    for name, flag in (("circle", circle), ("waste", waste)):
        if flag is not None:
            arguments[name] = "yes" if flag else "no"
    if comment is not None:
        arguments["comment"] = comment
    if not changes and (circle, waste, comment) == (None, None, None):
        raise click.UsageError("say what to change: NAME=VALUE, --circle, --waste or --comment")
    facts = ask("edit", file, component, arguments)
    if as_json:
        echo_json(facts)
    elif facts["told"]:
        click.echo(f"{printable(clip)} is changed, and the set is told")
    else:
        click.echo(f"{printable(clip)} is changed and kept here; {printable(facts['why'])}")


edit = verb(
    "Change members of CLIP (its name, id or the start of that; see clips): comment=late, take.printState=1, "
    "scene.additional=A. NAME=null removes."
)(_edit)
