"""What all formats say of a report in the same words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rushes.words import count, size, span

Report = Mapping[str, Any]
#: The words of people who never saw a queue.
_STATES = {"parked": "failed"}


def moment(epoch: float | None, day: str) -> str:
    """The local time, with its date where that is another than the report's; "" where it never was."""
    if not epoch:
        return ""
    then = time.localtime(epoch)
    same = time.strftime("%Y-%m-%d", then) == day
    return time.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M:%S", then)


def runs(seconds: float | None) -> str:
    """`0:03:20`, "" where nobody knows."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def between(start: str, end: str) -> str:
    """A span of timecode."""
    return f"{start} - {end}" if end else start


def yes(value: bool | None) -> str:
    """`yes`, `no`, "" where nobody told."""
    return "" if value is None else "yes" if value else "no"


def shot_words(report: Report) -> str:
    """What was shot, in a line."""
    totals = report["totals"]
    words = [
        count(totals["clips"], "file"),
        count(totals["pictures"], "picture"),
        count(totals["sounds"], "sound"),
    ]
    if totals["circled"]:
        words.append(f"{totals['circled']} circled")
    return ", ".join([*words, f"{span(totals['duration'])} of recordings", size(totals["bytes"])])


def handed_words(report: Report) -> str:
    """What became of it, in a line."""
    totals = report["totals"]
    words = f"{totals['delivered']} of {totals['deliveries']} deliveries done"
    told = [f"{words} ({size(totals['delivered_bytes'])})" if totals["delivered_bytes"] else words]
    if totals["unverified"]:
        told.append(f"{totals['unverified']} without a check")
    of_files = {"failed": "failed", "waiting": "waiting", "unrouted": "went nowhere"}
    told += [f"{count(totals[name], 'file')} {word}" for name, word in of_files.items() if totals[name]]
    return ", ".join(told)


def handover_words(handover: Mapping[str, Any], day: str) -> str:
    """What a sink got, when; what it has not got."""
    words = f"{count(handover['files'], 'file')}, {size(handover['bytes'])}"
    if handover["first"]:
        words += f", from {moment(handover['first'], day)} to {moment(handover['last'], day)}"
    for name in ("left", "failed"):
        if handover[name]:
            words += f", {handover[name]} {name}"
    return words


def delivery_words(delivery: Mapping[str, Any], day: str) -> str:
    """One delivery: what, where, when, verified how; or why not."""
    words = f"{delivery['name']} to {delivery['sink']}: "
    if delivery["state"] != "done":
        reason = f", {delivery['reason']}" if delivery["reason"] else ""
        return f"{words}{_STATES.get(delivery['state'], delivery['state'])}{reason}"
    verified = f"verified by {delivery['checked']}" if delivery["checked"] else "not verified"
    where = f" at {delivery['where']}" if delivery["where"] else ""
    return f"{words}delivered {moment(delivery['at'], day)}, {size(delivery['size'])}{where}, {verified}"


def problem_words(problem: Mapping[str, Any]) -> str:
    """Why a clip is stuck."""
    state = _STATES.get(problem["state"], problem["state"])
    return f"{state}: {problem['reason']}" if problem["reason"] else state


def stuck(report: Report) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every clip with every problem it has."""
    return ((clip, problem) for clip in report["clips"] for problem in clip["problems"])


def gaps(report: Report) -> Sequence[str]:
    """What is missing, a line each."""
    lonely = [
        f"{record['says'] or record['record']}{' of ' + record['device'] if record['device'] else ''}: no file came"
        for record in report["records_without_media"]
    ]
    return [*lonely, *(f"{name}: no sound" for name in report["pictures_without_sound"])]
