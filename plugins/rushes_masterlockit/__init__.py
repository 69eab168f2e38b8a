"""Source `masterlockit`: what was shot, from a MasterLockit hub on the set's network, or as that hub."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from rushes import Action, AnySpec, Spec, hookimpl
from rushes_masterlockit.options import MasterlockitOptions, addresses, notes

#: Verb: its module in `actions`, its summary.
_ACTIONS = {
    "devices": ("people", "The devices of the set."),
    "rename": ("people", "Give a device another name."),
    "remove": ("people", "Forget a device."),
    "delete": ("people", "Delete clips from the hub's repository."),
    "clips": ("clips", "The clips, to find one."),
    "edit": ("edit", "Change members of a clip."),
    "slate": ("slate", "Tell the set what the upcoming slate shows."),
    "cjam": ("people", "Set the timecode of the set and start continuous jam."),
    "conflicts": ("review", "What was said of one clip in two ways."),
    "export": ("export", "A report of the day."),
}


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function imported when it is first called: `--help` need not pay for it."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@hookimpl
def rushes_sources() -> Sequence[AnySpec]:
    return [
        Spec(
            name="masterlockit",
            summary="Follows a MasterLockit hub, or is one: clip records, slates, claps, timecode.",
            config=MasterlockitOptions,
            open=_later("rushes_masterlockit.source", "open_source"),
            notes=notes,
            addresses=addresses,
            reach=_later("rushes_masterlockit.client.reaching", "reach"),
            plans=False,
            actions={
                verb: Action(summary=summary, run=_later(f"rushes_masterlockit.actions.{module}", verb))
                for verb, (module, summary) in _ACTIONS.items()
            },
        )
    ]
