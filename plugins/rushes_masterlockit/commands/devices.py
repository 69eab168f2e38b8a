"""`pipeline masterlockit devices`: who is on the set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.group import ask, verb
from rushes_masterlockit.commands.table import echo_table


@verb("List the devices of the set.")
def devices(file: str, component: str | None, as_json: bool) -> None:
    facts = ask("devices", file, component)
    if as_json:
        echo_json(facts)
    elif not facts["devices"]:
        click.echo("no device yet")
    else:
        echo_table([("device", "type", "state", "energy", "clips", "id"), *map(_row, facts["devices"])])


def _row(device: Mapping[str, Any]) -> tuple[str, ...]:
    energy = device.get("energy")
    types = ", ".join(device["types"])
    return (
        printable(device["name"] or "-"),
        f"{types} {device['rate']}" if device.get("rate") else types,
        "present" if device["present"] else "gone",
        "-" if energy is None else f"{energy} %",
        str(device["clips"]),
        device["id"],
    )
