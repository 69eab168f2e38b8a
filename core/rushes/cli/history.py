"""`pipeline plan --history`: what the rules of the file make of all clips that were ever seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rushes.cli.text import columns, count, printable, size
from rushes.cli.view import find, open_view, running
from rushes.config.pipeline import Pipeline
from rushes.engine.history import history
from rushes.engine.last_rules import pipeline_document
from rushes.ledger import FILE_NAME, MEMORY, open_database

NOTHING = "no route"


def history_of(file: str, pipeline: Pipeline) -> dict[str, Any]:
    """The document of `engine.history`: asked of the running pipeline, or of the ledger, which is only read."""
    rules = pipeline_document(pipeline)
    _, state = find(file)
    if running(file) is None and not (state / FILE_NAME).exists():
        nothing = open_database(MEMORY)
        try:
            return nothing.read(lambda query: history(query, rules))
        finally:
            nothing.close()
    with open_view(file) as view:
        return view.history(rules)


def history_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """A line for each route, then what changes with a clip for each, then the sum."""
    compared = document["compared"]
    if not compared:
        yield "no rules were used with this state folder yet: there is nothing to compare with"
    head = ("ROUTE", "BEFORE", "NOW", "GAINED", "LOST", "BYTES GAINED", "BYTES LOST", "")
    rows = [
        (
            route["route"],
            str(route["before"]),
            str(route["now"]),
            _signed("+", route["gained"]),
            _signed("-", route["lost"]),
            size(route["gained_bytes"]) if route["gained"] else "",
            size(route["lost_bytes"]) if route["lost"] else "",
            _fate(route),
        )
        for route in document["routes"]
    ]
    without = document["unrouted"]
    rows.append((NOTHING, str(without["before"]), str(without["now"]), "", "", "", "", ""))
    places = [0, 2] if not compared else list(range(len(head)))
    shown = [[row[place] for place in places] for row in (head, *rows)]
    yield from columns(shown[0], shown[1:], right=range(1, min(7, len(places))))
    if compared:
        yield from _examples(document["examples"])
        for route in document["moved"]:
            yield printable(
                f"route {route['route']}: goes to {_way(route['now'])} now, went to {_way(route['before'])}"
            )
    clips = f"{count(document['clips'], 'clip')}, {size(document['bytes'])}"
    changed = document["changed"]
    same = "all would stay on their routes" if document["moved"] else "all would go where they went"
    verdict = f"{changed} would go elsewhere" if changed else same
    yield f"{clips}: {verdict}" if compared and document["clips"] else clips
    if compared:
        yield from _outcome(document)


def _outcome(document: Mapping[str, Any]) -> Iterator[str]:
    """What a reload or the next start would do, as they would tell it."""
    for clip in document["left"]:
        others = f" and {clip['clips'] - 1} more" if clip["clips"] > 1 else ""
        yield printable(
            f"  {clip['name']} on {clip['card']}{others}: loses its only job to {', '.join(clip['sinks'])}; "
            f"to send it all the same: pipeline queue FILE add {clip['clip']} --to {clip['sinks'][0]}"
        )
    jobs = document["jobs"]
    done = [(jobs["opened"], "opened"), (jobs["withdrawn"], "withdrawn"), (jobs["changed"], "changed")]
    told = [f"{count(number, 'job')} {word}" for number, word in done if number]
    if told or document["staying"]:
        stay = document["staying"]
        stays = (
            f"; {count(stay, 'clip')} that would go elsewhere {'stays' if stay == 1 else 'stay'}"
            if stay
            else ""
        )
        yield f"a reload would do this: {', '.join(told) or 'no job is touched'}{stays}"


def _examples(examples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for example in examples:
        others = f" and {example['clips'] - 1} more" if example["clips"] > 1 else ""
        yield printable(
            f"  {example['name']} on {example['card']}{others}: "
            f"{_names(example['before'])} → {_names(example['now'])}"
        )


def _way(goes: Mapping[str, Any]) -> str:
    """`drop (folder {scene}), frameio by proxy`."""
    by = f" by {', '.join(goes['steps'])}" if goes["steps"] else ""
    return ", ".join(map(_sink, goes["to"])) + by


def _sink(to: Mapping[str, Any]) -> str:
    wishes = [f"{key} {value}" for key, value in to.items() if key != "sink" and value is not None]
    return f"{to['sink']} ({', '.join(wishes)})" if wishes else str(to["sink"])


def _names(routes: Sequence[str]) -> str:
    return ", ".join(routes) or NOTHING


def _signed(sign: str, number: int) -> str:
    return f"{sign}{number}" if number else ""


def _fate(route: Mapping[str, Any]) -> str:
    if route["added"]:
        return "new"
    if route["reused"]:
        return "another route by this name"
    return "gone" if route["removed"] else ""
