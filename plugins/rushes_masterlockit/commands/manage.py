"""Verbs that change something on the set."""

from __future__ import annotations

import json

import click

from rushes import NotFound
from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.group import ask, verb
from rushes_masterlockit.commands.timecode import checked


@click.argument("device", metavar="DEVICE")
@click.argument("name", metavar="NAME")
def _rename(file: str, component: str | None, as_json: bool, device: str, name: str) -> None:
    facts = ask("rename", file, component, {"device": device, "name": name})
    _tell(facts, as_json, f"{printable(device)} is now {printable(name)}")


@click.argument("device", metavar="DEVICE")
def _remove(file: str, component: str | None, as_json: bool, device: str) -> None:
    facts = ask("remove", file, component, {"device": device})
    _tell(facts, as_json, f"{printable(device)} is forgotten; what it recorded stays")


@click.argument("timecode", metavar="TIMECODE", callback=checked)
def _cjam(file: str, component: str | None, as_json: bool, timecode: str) -> None:
    facts = ask("cjam", file, component, {"timecode": timecode})
    _tell(facts, as_json, f"the set runs from {facts['timecode']}")


@click.argument("clips", metavar="CLIP...", nargs=-1)
@click.option("--device", "devices", metavar="ID", multiple=True, help="Clips of this device.")
@click.option("--from", "first", metavar="TIMECODE", callback=checked, help="Clips from here on.")
@click.option("--to", "last", metavar="TIMECODE", callback=checked, help="Clips up to here.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def _delete(
    file: str,
    component: str | None,
    as_json: bool,
    clips: tuple[str, ...],
    devices: tuple[str, ...],
    first: str | None,
    last: str | None,
    yes: bool,
) -> None:
    named = {"clips": list(clips), "devices": list(devices), "timecodeFrom": first, "timecodeTo": last}
    demand = {name: value for name, value in named.items() if value}
    if not demand:
        raise click.UsageError("say which clips: their ids, --device, or --from and --to")
    if not yes:
        click.confirm(
            "Delete these clips from the hub's repository? Files are not touched", abort=True, err=True
        )
    facts = ask("delete", file, component, {"demand": json.dumps(demand)})
    count = facts["deleted"]
    if count == 0:
        raise NotFound("no such clip; see: pipeline masterlockit clips FILE")
    _tell(facts, as_json, "deleted" if count is None else f"deleted {count} clip{'' if count == 1 else 's'}")


def _tell(facts: object, as_json: bool, text: str) -> None:
    if as_json:
        echo_json(facts)
    else:
        click.echo(text)


rename = verb("Give DEVICE (its id or name) another NAME.")(_rename)
remove = verb("Forget DEVICE (its id or name).")(_remove)
cjam = verb("Set the set's generator to TIMECODE and start continuous jam.")(_cjam)
delete = verb("Delete clips from the hub's repository; files are never touched.")(_delete)
