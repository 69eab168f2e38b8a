"""Sink `frameio`: Camera to Cloud media for Frame.io."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from rushes import Action, AnySpec, Spec, hookimpl
from rushes_frameio.options import FrameioOptions, FrameioWishes, addresses, agree, notes

#: Verb: its module, its summary.
_ACTIONS = {
    "pair": ("pairing", "Pair this device by a six-digit code."),
    "login": ("login", "Log in with a browser."),
    "logout": ("manage", "Leave the project, revoke the tokens, wipe what is sealed."),
    "accounts": ("manage", "Accounts that have Camera to Cloud."),
    "projects": ("manage", "Projects of those accounts."),
    "connect": ("manage", "Connect to a project."),
    "disconnect": ("manage", "Remove this device from its project."),
    "limit": ("limit", "Send no faster than so many bits a second."),
    "whoami": ("manage", "State, project and user of the connection."),
}


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function imported when it is first called: httpx costs half a second that `--help` need not pay."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@hookimpl
def rushes_sinks() -> Sequence[AnySpec]:
    return [
        Spec(
            name="frameio",
            summary="Uploads clips to Frame.io as a Camera to Cloud device, resuming after the last part.",
            config=FrameioOptions,
            open=_later("rushes_frameio.sink", "open_sink"),
            slots=2,
            live=True,
            wishes=FrameioWishes,
            agree=agree,
            notes=notes,
            addresses=addresses,
            actions={
                verb: Action(summary=summary, run=_later(f"rushes_frameio.actions.{module}", verb))
                for verb, (module, summary) in _ACTIONS.items()
            },
        )
    ]
