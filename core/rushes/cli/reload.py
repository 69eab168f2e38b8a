"""`pipeline reload`: a running pipeline reads its file again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import clock, count, printable
from rushes.cli.view import running
from rushes.errors import RushesError


@click.command()
@file_argument
@json_option
def command(file: str, as_json: bool) -> None:
    """Have a running pipeline follow its changed rules.

    It does so by itself about a second after the file was saved; this says at once what it made of it. Jobs that have
    started go on as they are. What is wrong with the file is told, and the rules of before stay in force.
    """
    client = running(file)
    if client is None:
        raise RushesError(f"{file}: the pipeline does not run; it reads its file when it starts")
    document = client.reload()
    if as_json:
        echo_json(document)
    else:
        echo_lines(reload_lines(document))


def reload_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """What the file has changed, a line for each route, and what that did."""
    yield from _changes(document)
    yield f"{_file(document)}: {_outcome(document)}"


def reload_words(document: Mapping[str, Any]) -> str:
    """The same in a line, as a run tells it."""
    return f"reloaded {_file(document)}: {_in_a_line(document)}"


def _file(document: Mapping[str, Any]) -> str:
    return printable(Path(document["file"]).name)


def _in_a_line(document: Mapping[str, Any]) -> str:
    changes = "; ".join(_changes(document))
    return f"{_outcome(document)} ({changes})" if changes else _outcome(document)


def _changes(document: Mapping[str, Any]) -> Iterator[str]:
    for name in document["added"]:
        yield printable(f"new route {name}")
    for name, keys in document["changed"].items():
        yield printable(f"changed route {name}: {', '.join(keys)}")
    for name in document["removed"]:
        yield printable(f"route {name} is gone")
    if document["reordered"]:
        yield "the order of the routes changed"
    if document["match"]:
        yield printable(f"match: {document['match']}")


def _outcome(document: Mapping[str, Any]) -> str:
    """What became of jobs: `3 jobs opened, 1 withdrawn; 2 clips that have jobs stay with them`."""
    changed = any(_changes(document))
    jobs = document["jobs"]
    done = [(jobs["opened"], "opened"), (jobs["withdrawn"], "withdrawn"), (jobs["changed"], "changed")]
    told = [f"{count(number, 'job')} {word}" for number, word in done if number]
    last = document["last"]
    if last and not told and not changed:
        # Most often it was followed as soon as it was saved, and who asks wants to know of that.
        return f"as it was when it was last reloaded, at {clock(last['at'])}: {_in_a_line(last)}"
    done_words = ", ".join(told) or ("no job is touched" if changed else "the rules are as they were")
    if stay := document["staying"]:
        stays = "clip that has jobs stays with them" if stay == 1 else "clips that have jobs stay with them"
        done_words += f"; {stay} {stays}"
    if document["leaving"]:
        from rushes.engine.leaving import leaving_remedy, leaving_words  # noqa: PLC0415 - seldom, and the engine is slow to import

        done_words += printable(f"; {leaving_words(document)}, {leaving_remedy(document)}")
    return done_words
