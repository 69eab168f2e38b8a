"""Sink `frameio`: Camera to Cloud media for Frame.io."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from rushes import Action, AnySpec, Spec, hookimpl
from rushes_frameio.options import FrameioOptions


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function imported when it is first called: httpx costs half a second that `--help` need not pay."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@hookimpl
def rushes_sinks() -> Sequence[AnySpec]:
    pair = _later("rushes_frameio.pairing", "pair")
    whoami = _later("rushes_frameio.sink", "whoami")
    return [
        Spec(
            name="frameio",
            summary="Uploads clips to Frame.io as a Camera to Cloud device, resuming after the last part.",
            config=FrameioOptions,
            open=_later("rushes_frameio.sink", "open_sink"),
            slots=2,
            actions={
                "pair": Action(summary="Pair this device by a six-digit code.", run=pair),
                "whoami": Action(summary="Project, user and state of the pairing.", run=whoami),
            },
        )
    ]
