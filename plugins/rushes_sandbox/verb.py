"""How a verb of `pipeline sandbox` is made: it asks a running sandbox and prints what that says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from rushes.commands import echo_json, exit_on_error
from rushes_sandbox.remote import Running

STATE = click.Path(file_okay=False, resolve_path=True, path_type=Path)
#: Asks the sandbox; returns the document and the lines that say it to people.
Verb = Callable[..., tuple[Any, Sequence[str]]]


def verb(name: str, *params: click.Parameter) -> Callable[[Verb], click.Command]:
    """Make a command of a function; `--state` and `--json` may stand before the verb or behind it."""

    def make(function: Verb) -> click.Command:
        @exit_on_error()
        def callback(state: Path | None, as_json: bool, **values: Any) -> None:
            group = click.get_current_context().parent
            above = group.params if group else {}
            state = state or above.get("state")
            if state is None:
                raise click.UsageError("Missing option '--state'.")
            document, lines = function(Running(state), **values)
            if as_json or above.get("as_json"):
                echo_json(document)
            else:
                for line in lines:
                    click.echo(line)

        common = [
            click.Option(["--state"], type=STATE, help="Folder of the running sandbox."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document."),
        ]
        return click.Command(name, callback=callback, help=function.__doc__, params=[*params, *common])

    return make


def body(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
