"""`pipeline queue`: list jobs, change their order or their fate, send a clip somewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import click

from rushes.api.wire import STATES, VERBS
from rushes.cli.completing import clips as clips_there
from rushes.cli.completing import jobs as jobs_there
from rushes.cli.completing import routes, sinks, words
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import columns, count, for_file, size, terminal_width, why, wrapped
from rushes.cli.view import View, open_view, running
from rushes.errors import RushesError

DOES: Mapping[str, str] = {
    "top": "Put jobs before all others; running deliveries give way.",
    "hold": "Keep jobs waiting until they are released.",
    "release": "Let jobs go that are held or wait.",
    "retry": "Try parked, cancelled or failed jobs again now.",
    "cancel": "Give jobs up; what is already delivered stays there.",
}
PAST = {
    "top": "moved to the top",
    "hold": "held",
    "release": "released",
    "retry": "to be tried again",
    "cancel": "cancelled",
}


@click.group()
@file_argument
@click.pass_context
def command(ctx: click.Context, file: str) -> None:
    """List jobs and change their order or their fate.

    An ID may be cut short as long as one job fits; a clip's name, path or id stands for its jobs.
    """
    ctx.obj = file


@command.command("list")
@click.option(
    "--state",
    "states",
    metavar="STATE[,...]",
    help=f"Only jobs in these states: {', '.join(STATES)}.",
    shell_complete=partial(words, known=STATES),
)
@json_option
@click.pass_obj
def list_(file: str, states: str | None, as_json: bool) -> None:
    """List jobs: what runs, what comes next, what is stuck, what is over."""
    wanted = frozenset(word for word in (states or "").split(",") if word)
    if unknown := sorted(wanted.difference(STATES)):
        raise click.BadParameter(f"no such state: {', '.join(unknown)}; there are {', '.join(STATES)}")
    with open_view(file) as view:
        document = view.jobs(wanted, order="oldest" if as_json else "queue")
    if as_json:
        echo_json(document)
    else:
        # A program reads whole rows, whatever COLUMNS says.
        width = terminal_width() if sys.stdout.isatty() else None
        echo_lines(for_file(line, file) for line in table(document["jobs"], width))


#: As much of an id as names one job among millions.
_SHORT = 8
_HEAD = ("JOB", "CARD", "CLIP", "ROUTE", "SIZE", "PRIORITY", "STATE", "WHY")
_NUMBERS = (4, 5)
#: A clip's name in fewer columns is no name.
_NARROWEST = 12


def table(jobs: list[dict[str, Any]], width: int | None) -> Iterator[str]:
    """Whole for programs (`width` None); else as much as fits: short ids, priorities only where one is another than
    that of all.
    """
    if not jobs:
        yield "no jobs"
        return
    rows = [
        (
            job["id"],
            job["card"],
            job["name"],
            job["route"],
            size(job["size"]),
            "urgent" if job["urgent"] else str(job["priority"]),
            job["state"],
            why(job).removeprefix(f"{job['name']}: "),
        )
        for job in jobs
    ]
    whole = columns(_HEAD, rows, right=_NUMBERS)
    if width is None or max(map(len, whole)) <= width:
        yield from whole
        return
    from rich.cells import cell_len  # noqa: PLC0415 - a pipe needs none

    from rushes.cells import shortened  # noqa: PLC0415 - as above

    told = len({row[_HEAD.index("PRIORITY")] for row in rows}) > 1
    shown = [place for place, head in enumerate(_HEAD) if told or head != "PRIORITY"]
    table = [[row[0][:_SHORT], *(row[place] for place in shown[1:])] for row in (_HEAD, *rows)]
    taken = sum(max(cell_len(row[place]) for row in table) + 2 for place in range(len(shown) - 1)) - 2
    clip = _HEAD.index("CLIP")
    longest = max(cell_len(row[clip]) for row in table)
    names = [shortened(row[clip], max(_NARROWEST, longest - max(0, taken - width))) for row in table]
    table = [[*row[:clip], name, *row[clip + 1 :]] for row, name in zip(table, names, strict=True)]
    right = [number for number, place in enumerate(shown) if place in _NUMBERS]
    yield from wrapped(table[0], table[1:], width, right=right)


@command.command("add")
@click.argument("clips", metavar="CLIP...", nargs=-1, required=True, shell_complete=clips_there)
@click.option(
    "--to",
    "sink",
    metavar="SINK",
    required=True,
    help="The id of a sink of the pipeline.",
    shell_complete=sinks,
)
@click.option(
    "--route",
    metavar="ROUTE",
    default="",
    help="Into the folder, and with the other options, of this route; needed where routes to that sink differ.",
    shell_complete=routes,
)
@json_option
@click.pass_obj
def add(file: str, clips: tuple[str, ...], sink: str, route: str, as_json: bool) -> None:
    """Send clips to a sink, whatever the routes say.

    They come into the folder into which routes to that sink bring theirs.
    """
    client = running(file)
    if client is None:
        raise RushesError(f"{file} does not run; start it with: pipeline run {file}")
    jobs = []
    for clip in clips:
        jobs.append(client.add(clip, sink, route)["job"])
        if not as_json:
            click.echo(f"{clip} goes to {sink}")
    if as_json:
        echo_json({"jobs": jobs})


def _when(view: View) -> str:
    return "" if view.runs else "; nothing runs now, it counts from the next run on"


def _change(verb: str) -> Callable[..., None]:
    @click.argument("ids", metavar="[ID|CLIP]...", nargs=-1, shell_complete=jobs_there)
    @click.option("--all", "every", is_flag=True, help="All jobs for which it makes sense.")
    @json_option
    @click.pass_obj
    def change(file: str, ids: tuple[str, ...], every: bool, as_json: bool) -> None:
        if bool(ids) == every:
            raise click.UsageError("name jobs, or give --all")
        with open_view(file, write=True) as view:
            document = view.queue(verb, ids, all=every)
        if as_json:
            echo_json(document)
        else:
            none = "" if document["changed"] else f"; none can be: see pipeline queue {file} list"
            click.echo(f"{count(len(document['changed']), 'job')} {PAST[verb]}{none or _when(view)}")

    change.__doc__ = DOES[verb]
    return change


for _verb in VERBS:
    command.command(_verb)(_change(_verb))


#: What it is done to, what it does, what is said when it is done.
SWITCHES: Mapping[str, tuple[str, str, str]] = {
    "pause": ("SINK", "Let sinks send nothing until they resume. All of them where none is named.", "paused"),
    "resume": ("SINK", "Let paused sinks send again.", "sends again"),
    "manual": (
        "ROUTE",
        "From now on jobs of these routes, or of all, wait for release.",
        "new jobs wait for release",
    ),
    "auto": (
        "ROUTE",
        "From now on jobs of these routes, or of all, start by themselves.",
        "new jobs start by themselves",
    ),
}


def _switch(word: str) -> Callable[..., None]:
    subject, does, done = SWITCHES[word]

    there = sinks if subject == "SINK" else routes

    @click.argument("names", metavar=f"[{subject}]...", nargs=-1, shell_complete=there)
    @json_option
    @click.pass_obj
    def switch(file: str, names: tuple[str, ...], as_json: bool) -> None:
        with open_view(file, write=True) as view:
            document = view.switch(word, names)
        if as_json:
            echo_json(document)
            return
        which = ", ".join(names) or f"every {subject.lower()}"
        click.echo(f"{which}: {done}{_when(view)}")

    switch.__doc__ = does
    return switch


for _word in SWITCHES:
    command.command(_word)(_switch(_word))
