"""The annotator `match`: picture with sound, files with records, sidecars and proxies."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from rushes import Action, AnySpec, Spec, hookimpl
from rushes_match.keys import KEYS
from rushes_match.options import MatchOptions

#: Verb: its module in `actions`, its summary.
_ACTIONS = {
    "list": ("listing", "What waits for a person, or all that was matched."),
    "accept": ("deciding", "Say that two belong together."),
    "reject": ("deciding", "Say that two do not belong together."),
    "forget": ("deciding", "Take back what was said of two."),
    "offsets": ("clocks", "How the clocks of cameras and recorders stand to each other."),
    "export": ("export", "The day as OTIO, ALE and CSV."),
}


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function imported when it is first called: `--help` need not pay for it."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@hookimpl
def rushes_annotators() -> Sequence[AnySpec]:
    return [
        Spec(
            name="match",
            summary="finds the sound of each picture, and what records, sidecars and proxies say of it",
            config=MatchOptions,
            open=_later("rushes_match.annotator", "open_match"),
            keys=KEYS,
            after=("probe",),
            actions={
                verb: Action(summary=summary, run=_later(f"rushes_match.actions.{module}", f"{verb}_"))
                for verb, (module, summary) in _ACTIONS.items()
            },
        )
    ]
