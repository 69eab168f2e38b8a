"""The group of verbs, and what they have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from rushes.commands import ComponentVerbs, printable

VERBS = ComponentVerbs("frameio", "Connect this machine to a Frame.io project.")
#: The group; its verbs are in this folder.
command, verb, ask = VERBS.group, VERBS.verb, VERBS.ask


def tell_json(facts: Mapping[str, Any]) -> None:
    """A fact on its way, as a line of JSON on stderr: stdout is for the result."""
    click.echo(json.dumps(dict(facts)), err=True)


@contextmanager
def cancellable(wipe: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Ctrl-C ends what is waited for and says so in one line; `wipe` cleans the terminal first."""
    try:
        yield
    except BaseException as failure:
        wipe()
        if _is_interrupt(failure):
            click.echo("cancelled; nothing was changed", err=True)
        raise


def _is_interrupt(failure: BaseException) -> bool:
    if isinstance(failure, BaseExceptionGroup):
        return failure.subgroup(KeyboardInterrupt) is not None
    return isinstance(failure, KeyboardInterrupt)


def said(value: Any) -> str:
    """A fact from the service as text for a terminal."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value)) if value else "not told"
