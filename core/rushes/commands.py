"""What a plugin's verb needs: ask a component, running or not; fail and print as our own verbs do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from rushes.api.client import connect
from rushes.cli.completing import files
from rushes.cli.failures import exit_on_error
from rushes.cli.output import echo_json, file_argument
from rushes.cli.qr import qr_on_terminal
from rushes.cli.text import printable
from rushes.cli.view import find
from rushes.errors import NotFound, RushesError

__all__ = [
    "ComponentVerbs",
    "act",
    "browse",
    "echo_json",
    "exit_on_error",
    "printable",
    "qr_on_terminal",
    "run",
]

Told = Callable[[Mapping[str, Any]], None]
Verb = Callable[..., None]


def act(
    file: str,
    use: str,
    action: str,
    arguments: Mapping[str, str],
    tell: Told,
    component: str | None = None,
) -> Mapping[str, Any]:
    """Ask the component of `file` that uses `use` for an action; blocks until it has answered.

    `component` is its id, needed where several use the same. A running pipeline is asked over its socket;
    where none runs, that one component is opened here. `tell` gets each fact while the action works; the
    last is returned. Raises NotFound where there is no such component, ConfigError for a bad file,
    NotAuthorised and other RushesErrors as the action does.
    """
    _, state = find(file)
    if client := connect(state):
        pairs = [(found["id"], found["use"]) for found in client.status()["components"]]
        return client.act(_choose(file, pairs, use, component), action, arguments, tell)
    return _act_alone(file, use, action, arguments, tell, component)


class ComponentVerbs:
    """A group of verbs that ask a component of FILE: `pipeline USE VERB FILE`.

    With `file_first` it is `pipeline USE FILE VERB`, as for `queue`: for people who do one thing after another.
    """

    def __init__(self, use: str, summary: str, *, file_first: bool = False) -> None:
        self.use = use
        self.group = click.Group(use, help=summary)
        self._file_first = file_first
        if file_first:
            self.group.params.append(click.Argument(["file"], metavar="FILE", shell_complete=files))
            self.group.callback = click.pass_context(_keep)

    def verb(self, summary: str) -> Callable[[Verb], click.Command]:
        """A verb with FILE, --component and --json; expected failures end as everywhere."""

        def decorate(function: Verb) -> click.Command:
            decorated = exit_on_error()(function)
            decorated = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
                decorated
            )
            decorated = click.option("--component", metavar="ID", help="Which one, where FILE has several.")(
                decorated
            )
            decorated = (_kept if self._file_first else file_argument)(decorated)
            # Told twice: click cuts a short help that it makes of the help itself.
            name = function.__name__.strip("_")
            return self.group.command(name, help=summary, short_help=summary)(decorated)

        return decorate

    def ask(
        self,
        action: str,
        file: str,
        component: str | None,
        arguments: Mapping[str, str] | None = None,
        tell: Told = lambda _facts: None,
    ) -> Mapping[str, Any]:
        """What the component answers to an action."""
        return act(file, self.use, action, arguments or {}, tell, component)


def _keep(context: click.Context, file: str) -> None:
    """What a group does with its FILE: its verb takes it from there."""
    context.obj = file


def _kept(function: Verb) -> Verb:
    """The function with the FILE that its group was given."""

    @wraps(function)
    @click.pass_obj
    def with_file(file: str, /, **options: Any) -> None:
        function(file=file, **options)

    return with_file


def run(file: Path, *, as_json: bool = False) -> None:
    """Run a pipeline until it is stopped, as `pipeline run FILE` does: for a verb that wrote the file itself."""
    from rushes.cli.run import command  # noqa: PLC0415 - trio and duckdb are for verbs that run

    click.get_current_context().invoke(command, file=str(file), once=False, as_json=as_json)


def browse(url: str) -> bool:
    """Show a page in the user's browser; False where there is none. It gets none of our variables."""
    import webbrowser  # noqa: PLC0415 - few verbs need it

    from rushes.executor.local import hide_private  # noqa: PLC0415 - as below

    hide_private()
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


def _act_alone(
    file: str, use: str, action: str, arguments: Mapping[str, str], tell: Told, component: str | None
) -> Mapping[str, Any]:
    # A running pipeline needs none of these, and they cost a second.
    import trio  # noqa: PLC0415 - as above

    from rushes.cli.load import load_pipeline  # noqa: PLC0415 - as above
    from rushes.engine.single import act as act_single  # noqa: PLC0415 - as above
    from rushes.settings import Settings  # noqa: PLC0415 - as above

    async def tell_async(facts: Mapping[str, Any]) -> None:
        await trio.lowlevel.checkpoint()
        tell(facts)

    pipeline = load_pipeline(file)
    chosen = _choose(file, [(part.id, part.use) for part in pipeline.components], use, component)
    answer: Mapping[str, Any] = trio.run(
        partial(act_single, pipeline, Settings(), chosen, action, arguments, tell_async)
    )
    return answer


def _choose(file: str, pairs: Iterable[tuple[str, str]], use: str, component: str | None) -> str:
    ids = sorted({id_ for id_, its_use in pairs if its_use == use})
    if component is not None:
        if component in ids:
            return component
        raise NotFound(f"{file}: no {use} with the id {component}; there is {', '.join(ids) or 'none'}")
    if not ids:
        raise NotFound(f"{file}: nothing in it uses {use}; add it to the file first")
    if len(ids) > 1:
        raise RushesError(f"{file}: several use {use}: {', '.join(ids)}; say which with --component")
    return ids[0]
