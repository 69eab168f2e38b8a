"""`pipeline explain`: why a clip went where it did, what it matched, its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from rushes.cli.completing import clips
from rushes.cli.links import link_lines
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import clock, for_file, printable, size, why
from rushes.cli.view import open_view

#: Parts of an event that its job shows, and tracebacks, which `--json` has.
_TOLD_ELSEWHERE = frozenset({"receipt", "traceback"})
#: Characters of one value; `--json` has it whole.
LONGEST = 300
#: Columns of a terminal, and where the names of those who told the values begin as long as they fit.
WIDTH, TOLD_BY = 80, 48


@click.command()
@file_argument
@click.argument("clip", shell_complete=clips)
@json_option
def command(file: str, clip: str, as_json: bool) -> None:
    """Tell why a clip went where it did.

    CLIP is an id, a file name or a path within its card.
    """
    with open_view(file) as view:
        document = view.clip(clip)
    if as_json:
        echo_json(document)
    else:
        echo_lines(printable(for_file(line, file)) for line in _story(document))


def _story(document: Mapping[str, Any]) -> Iterator[str]:
    clip = document["clip"]
    yield f"{clip.get('path') or clip['name']} on {clip.get('card') or clip.get('volume')}"
    if clip.get("complete") is False:
        yield "  still being recorded"
    yield from _values(clip, document["tellers"])
    for finding in document["findings"]:
        yield from _overruled(finding, document["tellers"])
    for route in document["routes"]:
        yield f"route {route['route']} {_verdict(route)}: {_rule(route)}"
        if route["why"]:
            yield f"  {route['why']}"
        elif _passed_by(route, document["jobs"]):
            yield (
                "  opens no job: others of this clip had begun before this rule came or held; to send it all the same: "
                f"pipeline queue FILE add {clip['id']} --to SINK"
            )
    yield from link_lines(document["links"])
    for job in document["jobs"]:
        yield f"job {job['id']} on {job['route']}: {_state(job)}"
        for step in job["steps"]:
            yield f"  {step['verb']} {step['name']} by {step['component']}: {_state(step)}{_receipt(step)}"
    if document["earlier"]:
        yield f"what happened before is left out: the newest {len(document['events'])} events"
    for event in document["events"]:
        who = f" by {event['component']}" if event.get("component") else ""
        detail = {name: value for name, value in event["detail"].items() if name not in _TOLD_ELSEWHERE}
        if "until" in detail:  # a moment; zero where it waits for something else
            detail["until"] = clock(detail["until"]) if detail["until"] else ""
        yield f"{clock(event['at'])} {event['kind']}{who} {_pairs(detail)}".rstrip()


def _passed_by(route: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it takes a clip that has jobs, and none of it: rules that change send nothing that has begun again."""
    there = {job["route"] for job in jobs if job["state"] != "withdrawn"}
    return bool(route["matched"] and there and route["route"] not in there)


def _verdict(route: Mapping[str, Any]) -> str:
    if not route["matched"]:
        return "was passed over" if route["hit"] else "did not match"
    return f"matched with priority {route['priority']}" if route["priority"] else "matched"


def _rule(route: Mapping[str, Any]) -> str:
    rule = "every clip" if route["when"].lower() == "true" else route["when"]
    if not route["else"]:
        return str(rule)
    return "else" if rule == "every clip" else f"else, {rule}"


def _values(clip: Mapping[str, Any], tellers: Mapping[str, Any]) -> Iterator[str]:
    """A line for each, with who told it on the right; what nobody told is the file's own."""
    for name, value in clip.items():
        if value in (None, "", {}):
            continue
        if isinstance(value, Mapping):
            for key, told in value.items():
                if told != "":
                    yield from _beside(f"  {name} {key} {_shown(told)}", tellers.get(key))
            continue
        shown = _shown(value)
        if name == "size":
            shown = f"{value} bytes ({size(value)})" if value > 999 else size(value)
        yield from _beside(f"  {name} {shown}", tellers.get(name))


def _beside(line: str, teller: Mapping[str, Any] | None) -> Iterator[str]:
    """The line with who told it, below it where both do not fit."""
    who = _who(teller) if teller else ""
    begins = max(len(line) + 2, min(TOLD_BY, WIDTH - len(who)))
    if not who:
        yield line
    elif begins + len(who) <= WIDTH:
        yield f"{line:<{begins}}{who}"
    else:
        yield line
        yield f"{who:>{WIDTH}}"


def _who(teller: Mapping[str, Any]) -> str:
    """`probe`, `record of A-Cam`, `match, of T001.WAV`, `a person`."""
    if teller["basis"] == "person":
        return "a person"
    if not teller["of"]:
        return str(teller["by"])
    names = list(dict.fromkeys(original["name"] for original in teller["of"]))
    told = f"{names[0]} and {len(names) - 1} more" if names[1:] else names[0]
    return f"record of {told}" if teller["of"][0]["kind"] == "record" else f"{teller['by']}, of {told}"


def _overruled(finding: Mapping[str, Any], tellers: Mapping[str, Any]) -> Iterator[str]:
    """What somebody else's word counts more for."""
    by = finding["annotator"]
    others = {name: value for name, value in finding["values"].items() if tellers[name]["by"] != by}
    if finding["problem"] and tellers["problem"]["by"] != by:
        others["problem"] = finding["problem"]
    if others:
        yield f"{by} said otherwise: {_pairs(others)}"


def _pairs(values: Mapping[str, Any]) -> str:
    shown = {name: _shown(value) for name, value in values.items()}
    return ", ".join(f"{name} {value}" for name, value in shown.items() if value)


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return f"({inside})" if (inside := _pairs(value)) else ""
        case list():
            return " + ".join(_shown(item) for item in value)
        case _:
            told = str(value)  # a sidecar's rows are thousands of characters
            return told if len(told) <= LONGEST else f"{told[:LONGEST]} ... ({len(told)} characters)"


def _state(thing: Mapping[str, Any]) -> str:
    reason = why(thing)
    return f"{thing['state']}, {reason}" if reason else str(thing["state"])


def _receipt(step: Mapping[str, Any]) -> str:
    receipt = step["receipt"]
    if not receipt:
        return ""
    checked = f", {receipt['checked']}" if receipt.get("checked") else ""
    return f", {size(receipt.get('size'))} at {receipt.get('where')}{checked}"
