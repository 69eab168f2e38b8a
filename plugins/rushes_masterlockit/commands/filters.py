"""The options by which a person says which clips."""

from __future__ import annotations

from collections.abc import Callable

import click

from rushes_masterlockit.commands.timecode import checked

_FILTERS = (
    click.option(
        "--day", metavar="DAY", help="Of this project day: its number (12, 12A) or date (2026-11-22)."
    ),
    click.option("--scene", metavar="SCENE", help="Of this scene (14A)."),
    click.option("--roll", metavar="ROLL", help="Of this camera or sound roll."),
    click.option("--device", metavar="ID", help="Of this device: its id or name."),
    click.option("--from", "first", metavar="TIMECODE", callback=checked, help="From here on."),
    click.option("--to", "last", metavar="TIMECODE", callback=checked, help="Up to here."),
    click.option("--only", type=click.Choice(["video", "sound"]), help="Clips of this kind alone."),
    click.option("--circled", is_flag=True, help="Circled takes alone."),
)


def filtered(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with an option for each argument that the actions' filters have."""
    for option in reversed(_FILTERS):
        verb = option(verb)
    return verb
