"""`pipeline masterlockit slate`: what comes next."""

from __future__ import annotations

import click

from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.group import ask, verb


@click.option("--scene", metavar="TEXT", help="14A")
@click.option("--slate", metavar="TEXT", help="Of the slate itself: its number or letter.")
@click.option("--take", metavar="TEXT", help="3, or 3 PU")
@click.option("--roll", metavar="TEXT", help="A012")
@click.option("--cam", metavar="TEXT", help="A")
@click.option("--date", metavar="DATE", help="2026-11-22")
@click.option("--director", metavar="NAME")
@click.option("--dop", metavar="NAME")
@click.option("--soundmixer", metavar="NAME")
@click.option("--producer", metavar="NAME")
@click.option("--int", "inside", is_flag=True, help="Inside.")
@click.option("--ext", "outside", is_flag=True, help="Outside; with --int both.")
@click.option("--day", is_flag=True, help="By day.")
@click.option("--night", is_flag=True, help="By night.")
@click.option("--mos", is_flag=True, help="Without sound.")
@click.option("--fps", metavar="COUNT", type=click.IntRange(min=1), help="Frames in a second, whole: 25.")
def _slate(file: str, component: str | None, as_json: bool, **said: str | int | bool | None) -> None:
    arguments = {name: str(value) for name, value in said.items() if value}
    if not arguments:
        raise click.UsageError("say what the slate shows: --scene, --slate, --take or another")
    facts = ask("slate", file, component, arguments)
    if as_json:
        echo_json(facts)
    else:
        shown = [
            f"{name} {facts['slate'][name]}" for name in ("scene", "slate", "take") if name in facts["slate"]
        ]
        click.echo(f"the set is told: {printable(', '.join(shown)) or 'what the slate shows'}")


slate = verb("Tell the set what the slate of the upcoming take shows.")(_slate)
