"""What may stand in a place of the command line, for a shell that asks: never slow, never an error.

A person waits with a finger on the key: what the running pipeline does not tell within BOUND_S is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Final

from click import Context, Parameter
from click.shell_completion import CompletionItem

from rushes.api.client import Client
from rushes.cli.view import running
from rushes.words import printable

BOUND_S: Final = 0.3
MOST: Final = 200
#: Jobs that a verb does something to.
_FOR: Final = {
    "release": ("waiting",),
    "retry": ("parked", "cancelled"),
    "top": ("ready", "waiting"),
    "hold": ("ready", "running", "waiting"),
    "cancel": ("ready", "running", "waiting", "parked"),
}
Items = list[CompletionItem]


def files(_ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Pipeline files: here and in ./pipelines, where a name alone is looked for; folders on the way to others."""
    found = [CompletionItem(name) for name in sorted(_files(incomplete))]
    return found or [CompletionItem(incomplete, type="file")]


def _files(incomplete: str) -> Iterable[str]:
    folder, slash, start = incomplete.rpartition("/")
    names: set[str] = set()
    for place in (Path(folder + slash),) if slash else (Path(), Path("pipelines")):
        try:
            there = [
                each.name
                for each in place.iterdir()
                if each.suffix in {".yaml", ".yml"} and not each.stem.endswith(".test") and each.is_file()
            ]
        except OSError:
            continue
        names |= {name for name in there if name.startswith(start) and name.isprintable()}
    return (folder + slash + name for name in names)


def jobs(ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Clips whose jobs the verb does something to: names are what people know. Ids of jobs where an id was begun."""

    def ask(client: Client) -> Iterable[CompletionItem]:
        states = _FOR.get(ctx.info_name or "", ())
        there = client.some_jobs(states, incomplete, MOST)["jobs"]
        found: dict[str, str] = {}
        for job in there:
            if incomplete and job["id"].startswith(incomplete):
                found[job["id"]] = f"{job['name']}, {job['state']}"
                continue
            alike = {each["clip"] for each in there if each["name"] == job["name"]}
            told = job["name"] if len(alike) == 1 else f"{job['card']}/{job['path']}"
            if told.startswith(incomplete) and told.isprintable():
                found[told] = f"{job['card']} {job['state']}".strip()
        return [_item(value, about) for value, about in found.items()]

    return _asked(ctx, ask)


def clips(ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Names of clips, the newest first; of a name that several have, CARD/path."""

    def ask(client: Client) -> Iterable[CompletionItem]:
        there = client.named_like(incomplete, MOST)["clips"]
        names = [clip["name"] for clip in there]
        for clip in there:
            told = clip["name"] if names.count(clip["name"]) == 1 else f"{clip['card']}/{clip['path']}"
            if told.startswith(incomplete) and told.isprintable():
                yield _item(told, f"{clip['card']} {clip['state']}".strip())

    return _asked(ctx, ask)


def sinks(ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Ids of the sinks."""
    return _components(ctx, "sink", incomplete)


def routes(ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Ids of the routes, as far as their jobs tell."""

    def ask(client: Client) -> Iterable[CompletionItem]:
        there = {job["route"] for job in client.some_jobs((), "", MOST)["jobs"] if job["route"]}
        return [_item(route, "") for route in sorted(there) if route.startswith(incomplete)]

    return _asked(ctx, ask)


def days(ctx: Context, _parameter: Parameter, incomplete: str) -> Items:
    """Shooting days, the last first."""

    def ask(client: Client) -> Iterable[CompletionItem]:
        there = client.days()["days"]
        return [
            _item(each["day"], f"{each['clips']} files")
            for each in there
            if each["day"].startswith(incomplete)
        ]

    return _asked(ctx, ask)


def _components(ctx: Context, kind: str, incomplete: str) -> Items:
    def ask(client: Client) -> Iterable[CompletionItem]:
        for component in client.status()["components"]:
            if component["kind"] == kind and component["id"].startswith(incomplete):
                yield _item(component["id"], component["state"])

    return _asked(ctx, ask)


def _item(value: str, help: str) -> CompletionItem:  # noqa: A002 - click's word
    return CompletionItem(value, help=printable(help) or None)


def _asked(ctx: Context, ask: Callable[[Client], Iterable[CompletionItem]]) -> Items:
    """What the running pipeline of the line's FILE tells in time; else nothing."""
    file = _file_of(ctx)
    found: Items = []

    def work() -> None:
        try:
            if client := running(file):
                found.extend(ask(client))
        except Exception:  # noqa: BLE001, S110 - a line that is being written is no place for errors
            pass

    if file:
        # Left behind when it takes longer: it ends with the process.
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(BOUND_S)
        if thread.is_alive():
            return []
    return found


def _file_of(ctx: Context) -> str:
    """The FILE of this verb, or of the group it is in."""
    for each in (ctx, ctx.parent):
        told: Any = each.params.get("file") if each else None
        if isinstance(told, str):
            return told
    return ""


def words(_ctx: Context, _parameter: Parameter, incomplete: str, *, known: Collection[str]) -> Items:
    """Of known words, the last of several with commas between."""
    before, comma, start = incomplete.rpartition(",")
    return [CompletionItem(before + comma + word) for word in known if word.startswith(start)]
