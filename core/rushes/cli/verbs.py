"""Which verbs there are, told without importing any: ours by name, those of plugins by their entry points."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from rushes.errors import RushesError, in_words

GROUP: Final = "rushes.commands"
BLOCKING: Final = "RUSHES_BLOCKED_PLUGINS"

#: Our verbs and what the help says; each is `command` in the module of its name beside this file.
OURS: Final[Mapping[str, str]] = {
    "run": "Run a pipeline until it is stopped.",
    "open": "Open the page of a running pipeline in a browser.",
    "check": "Say whether a pipeline file can work on this machine.",
    "plan": "Show what would happen to every clip present now.",
    "test": "Say whether clips go where the tests beside the rules expect them.",
    "reload": "Have a running pipeline follow its changed rules.",
    "status": "Show connections, current work, the queue and what needs you.",
    "queue": "List jobs and change their order or their fate.",
    "explain": "Tell why a clip went where it did.",
    "cards": "Tell who has all of a card: whether it may be formatted.",
    "report": "Tell what a shooting day brought, as text, CSV or HTML.",
    "doctor": "Look at this machine: what would trouble a pipeline, each with its remedy.",
    "service": "Write a systemd unit that runs a pipeline from boot on, and say how to enable it.",
    "plugins": "List what is installed and what is broken.",
    "columns": "List what a rule may use.",
    "schema": "Print the JSON schema that editors complete a pipeline file from.",
    "completion": "Print what makes a shell complete these verbs.",
}


def of_plugins() -> dict[str, EntryPoint]:
    """The verbs of installed plugins; one that takes the name of ours is left out."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in OURS}


def load(name: str) -> click.Command | None:
    """Import one verb; None where there is no such. Raises RushesError where a plugin's is broken or blocked."""
    if name in OURS:
        command = import_module(f"rushes.cli.{name}").command
    elif point := of_plugins().get(name):
        if _blocked(point):
            raise RushesError(f"the verb {name} is of a blocked plugin; take it out of {BLOCKING}")
        try:
            command = point.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # importing a plugin may raise anything, SystemExit too
            fact = in_words(error)
            raise RushesError(
                f"the verb {name} of {point.module} is broken ({fact}); reinstall that plugin"
            ) from error
    else:
        return None
    if not isinstance(command, click.Command):
        raise RushesError(f"the verb {name} is not a click command; its plugin needs a correction")
    return command


def _blocked(point: EntryPoint) -> bool:
    """Whether a person has blocked the plugin of that name, or the package that the verb came with."""
    if not os.environ.get(BLOCKING):
        return False  # reading the settings costs
    from rushes.settings import Settings  # noqa: PLC0415 - as above

    return not {point.name, point.dist.name if point.dist else ""}.isdisjoint(Settings().blocked_plugins)


def summary(point: EntryPoint) -> str:
    """The first line of the docstring of a plugin's module, read from its source: importing it would cost."""
    top, *rest = point.module.split(".")
    try:
        spec = find_spec(top)
        if spec is None or spec.origin is None:
            return ""
        module = Path(spec.origin)
        if rest:
            path = module.parent.joinpath(*rest)
            module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        doc = ast.get_docstring(ast.parse(module.read_bytes()))
    except (OSError, ValueError, ImportError, SyntaxError):
        return ""
    return doc.splitlines()[0] if doc else ""
