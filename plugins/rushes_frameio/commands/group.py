"""The group of verbs, and what they have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from rushes.commands import act, exit_on_error, printable

USE = "frameio"

Verb = Callable[..., None]


@click.group(name=USE, help="Connect this machine to a Frame.io project.")
def command() -> None:
    """The group; its verbs are in this folder."""


def verb(text: str) -> Callable[[Verb], click.Command]:
    """A verb of the group with FILE, --component and --json; expected failures end as everywhere."""

    def decorate(function: Verb) -> click.Command:
        decorated = exit_on_error()(function)
        decorated = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
            decorated
        )
        decorated = click.option("--component", metavar="ID", help="Which one, where FILE has several.")(
            decorated
        )
        decorated = click.argument("file", metavar="FILE")(decorated)
        return command.command(function.__name__.strip("_"), help=text)(decorated)

    return decorate


def ask(
    action: str,
    file: str,
    component: str | None,
    arguments: Mapping[str, str] | None = None,
    tell: Callable[[Mapping[str, Any]], None] = lambda _facts: None,
) -> Mapping[str, Any]:
    """What the component answers to an action."""
    return act(file, USE, action, arguments or {}, tell, component)


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
