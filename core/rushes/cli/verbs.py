"""Which verbs there are, told without importing any: ours by name, those of plugins by their entry points."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from rushes.errors import RushesError

GROUP: Final = "rushes.commands"

#: Our verbs and what the help says; each is `command` in the module of its name beside this file.
OURS: Final[Mapping[str, str]] = {
    "run": "Run a pipeline until it is stopped.",
    "check": "Say whether a pipeline file can work on this machine.",
    "plan": "Show what would happen to every clip present now.",
    "status": "Show connections, current work, the queue and what needs you.",
    "queue": "List jobs and change their order or their fate.",
    "explain": "Tell why a clip went where it did.",
    "plugins": "List what is installed and what is broken.",
    "columns": "List what a rule may use.",
}


def of_plugins() -> dict[str, EntryPoint]:
    """The verbs of installed plugins; one that takes the name of ours is left out."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in OURS}


def load(name: str) -> click.Command | None:
    """Import one verb; None where there is no such. Raises RushesError where a plugin's is broken."""
    if name in OURS:
        command = import_module(f"rushes.cli.{name}").command
    elif point := of_plugins().get(name):
        try:
            command = point.load()
        except Exception as error:  # importing a plugin may raise anything
            fact = f"{type(error).__name__}: {error}"
            raise RushesError(
                f"the verb {name} of {point.module} is broken ({fact}); reinstall that plugin"
            ) from error
    else:
        return None
    if not isinstance(command, click.Command):
        raise RushesError(f"the verb {name} is not a click command; its plugin needs a correction")
    return command


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
