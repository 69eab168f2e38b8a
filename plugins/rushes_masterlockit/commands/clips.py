"""`pipeline masterlockit clips`: what there is, to find the clip to edit or delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.filters import filtered
from rushes_masterlockit.commands.group import ask, verb
from rushes_masterlockit.commands.table import echo_table

_HEAD = ("clip", "id", "scene", "slate", "take", "mark", "start", "length", "device", "remarks")
#: What is longer is cut.
_LONGEST = {"clip": 32, "device": 20, "remarks": 48}


@filtered
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The newest of them."
)
def _clips(file: str, component: str | None, as_json: bool, limit: int, **filters: str | bool | None) -> None:
    arguments = {name: str(value) for name, value in filters.items() if value}
    facts = ask("clips", file, component, arguments | {"limit": str(limit)})
    if as_json:
        echo_json(facts)
        return
    clips, matched = facts["clips"], facts["matched"]
    if not clips:
        click.echo("no clip" if arguments else "no clip yet")
        return
    echo_table([_HEAD, *map(_row, clips)])
    if matched > len(clips):
        click.echo(f"the newest {len(clips)} of {matched} clips; see more with --limit {matched}")


def _row(clip: Mapping[str, Any]) -> tuple[str, ...]:
    episode = clip["episode"]
    mark = " ".join([*["circled"] * clip["circled"], *["waste"] * clip["waste"]])
    cells = {
        **clip,
        "id": clip["short"],
        "scene": f"{episode}/{clip['scene']}" if episode else clip["scene"],
        "mark": mark,
    }
    return tuple(_cell(cells[name], _LONGEST.get(name, 16)) for name in _HEAD)


def _cell(text: str, longest: int) -> str:
    line = printable(" ".join(text.split())) or "-"
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


clips = verb("List clips, the newest last; CLIP of other verbs is a name or id of this list.")(_clips)
