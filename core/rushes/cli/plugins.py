"""`pipeline plugins`: what is installed and what is broken; one in detail; a new one."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

import rushes
from rushes.cli.describe import described, in_detail
from rushes.cli.output import echo_json, echo_lines, json_option
from rushes.cli.text import columns
from rushes.config.nearest import did_you_mean
from rushes.config.pipeline import Kind
from rushes.errors import NotFound
from rushes.registry import BLOCKING, KINDS, Plugin, Registry
from rushes.settings import Settings

#: Every verb that reads a pipeline file waits for the imports of all plugins.
SLOW_IMPORT_MS = 300
#: The table is no wider, whatever plugins and packages are called.
WIDTH = 80
SHORTEST_CELL = 12


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List what is installed and what is broken."""
    context.obj = as_json
    if context.invoked_subcommand is None:
        plugins = _installed()
        unknown = _blocked_in_vain(plugins)
        if as_json:
            echo_json({"plugins": [_document(plugin) for plugin in plugins], "blocked_in_vain": unknown})
        else:
            echo_lines([*_table(plugins), *_troubles(plugins), *_vain(unknown)])


@command.command(short_help="Tell all of one: its options, actions and keys.")
@click.argument("name")
@json_option
@click.pass_context
def show(context: click.Context, name: str, as_json: bool) -> None:
    """Tell all of a plugin, or of the one that offers the component NAME: its options, actions and keys."""
    plugins = _installed()
    offering = [plugin for plugin in plugins if name in {spec.name for _, spec in plugin.specs}]
    named = [plugin for plugin in plugins if plugin.name == name] or offering
    if not named:
        known = {plugin.name for plugin in plugins} | {
            spec.name for each in plugins for _, spec in each.specs
        }
        raise NotFound(f"no plugin '{name}' is installed; {did_you_mean(name, known)}")
    if as_json or context.obj:
        echo_json({"plugins": [_document(plugin) for plugin in named]})
    else:
        echo_lines(line for plugin in named for line in _all_of(plugin))


@command.command(short_help="Write the repository of a new one, which works.")
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What it is to be.")
@click.option(
    "--folder", metavar="DIR", help="Where to write it: a folder that is empty or not there. [rushes-NAME]"
)
@json_option
@click.pass_context
def new(context: click.Context, name: str, kind: str, folder: str | None, as_json: bool) -> None:
    """Write the repository of a new plugin: code that works, tests that pass, README, CI."""
    from rushes import scaffold  # noqa: PLC0415 - few need it

    taken = {
        taken: f"plugin {plugin.name} of {plugin.package}"
        for plugin in _installed()
        for taken in (plugin.name, *(spec.name for _, spec in plugin.specs))
    }
    scaffold.check_name(name, cast("Kind", kind), taken)
    where = Path(folder or f"{scaffold.PREFIX}{name}")
    written = scaffold.write(name, cast("Kind", kind), where)
    if as_json or context.obj:
        echo_json({"folder": str(where.absolute()), "files": written})
    else:
        echo_lines([f"wrote {where}/", *(f"  {path}" for path in written), *_next(where)])


def _next(where: Path) -> Iterator[str]:
    """In this environment rushes is installed already."""
    python = shlex.quote(sys.executable)
    yield "next:"
    yield f"  cd {shlex.quote(str(where))}"
    yield f"  {python} -m pip install --upgrade 'pip>=25.1'"
    yield f"  {python} -m pip install --editable . --group dev"
    yield f"  {python} -m pytest"


def _installed() -> Sequence[Plugin]:
    """All plugins. What each of them needs is imported before, so that none is blamed for it."""
    for name in rushes.__all__:
        getattr(rushes, name)
    for shared in ("trio", "httpx", "rushes.retry", "rushes.timecode", "rushes.volumes"):
        import_module(shared)
    return Registry.load(blocked=Settings().blocked_plugins).plugins


def _blocked_in_vain(plugins: Sequence[Plugin]) -> Sequence[str]:
    """What the setting names and nothing is called."""
    known = {plugin.name for plugin in plugins} | {plugin.package for plugin in plugins}
    return sorted(set(Settings().blocked_plugins) - known)


def _vain(unknown: Sequence[str]) -> Iterator[str]:
    for name in unknown:
        yield f"{BLOCKING} names '{name}', which is not installed"


def _table(plugins: Sequence[Plugin]) -> Sequence[str]:
    """A row for each component; what is wrong is told below."""
    rows = [row for plugin in plugins for row in _rows(plugin)]
    head = ("PLUGIN", "PACKAGE", "COMPONENT", "OPTIONS", "IMPORT")
    return columns(head, _narrowed([head, *rows])[1:], right=(3, 4))


def _rows(plugin: Plugin) -> Iterator[tuple[str, ...]]:
    package = f"{plugin.package} {plugin.version}"
    slow = " slow" if plugin.import_ms > SLOW_IMPORT_MS else ""
    took = "" if plugin.blocked else f"{plugin.import_ms:.0f} ms{slow}"
    if not plugin.specs:
        yield plugin.name, package, "blocked" if plugin.blocked else "broken", "", took
    for number, (kind, spec) in enumerate(plugin.specs):
        first = (plugin.name, package, took) if number == 0 else ("", "", "")
        yield first[0], first[1], f"{kind} {spec.name}", str(len(spec.config.model_fields)), first[2]


def _narrowed(rows: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """Long names are cut, the longest first, until the table fits; `pipeline plugins show` has them in full."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        longest = max(range(3), key=widths.__getitem__)
        if widths[longest] <= SHORTEST_CELL:
            break
        widths[longest] -= 1
    return [
        tuple(
            cell if len(cell) <= width else f"{cell[: width - 1]}…"
            for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]


def _troubles(plugins: Sequence[Plugin]) -> Iterator[str]:
    for plugin in plugins:
        if plugin.blocked:
            yield f"{plugin.name}: {plugin.error}"
        elif plugin.error:
            yield f"{plugin.name} is broken{' in part' if plugin.specs else ''}: {plugin.error}"
        if plugin.import_ms > SLOW_IMPORT_MS:
            yield (
                f"{plugin.name} is slow to import, and most verbs wait for it; its author should import "
                "what is heavy where it is used"
            )


def _all_of(plugin: Plugin) -> Iterator[str]:
    took = "" if plugin.blocked else f", imported in {plugin.import_ms:.0f} ms"
    yield f"plugin {plugin.name} of {plugin.package} {plugin.version}{took}"
    yield from _troubles([plugin])
    for kind, spec in plugin.specs:
        yield ""
        yield from in_detail(kind, spec)


def _document(plugin: Plugin) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "package": plugin.package,
        "version": plugin.version,
        "specs": [described(kind, spec) for kind, spec in plugin.specs],
        "error": plugin.error,
        "blocked": plugin.blocked,
        "import_ms": plugin.import_ms,
        "slow": plugin.import_ms > SLOW_IMPORT_MS,
    }
