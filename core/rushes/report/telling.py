"""What all formats say of a report in the same words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rushes.words import count, size, span

Report = Mapping[str, Any]
#: As the page calls them, for people who never saw a queue.
_STATES = {
    "done": "delivered",
    "parked": "failed",
    "running": "in work",
    "ready": "queued",
    "broken": "broken file",
}
#: In which order what is not delivered is told.
_FIRST = ("parked", "broken", "waiting", "running", "ready", "cancelled")
#: What to type in a terminal is not for who is handed a report.
_COMMAND = re.compile(r"[;,] (run|go on with|see|for another run): pipeline .*$")


def moment(epoch: float | None, day: str) -> str:
    """The local time, with its date where that is another than the report's; "" where it never was."""
    if not epoch:
        return ""
    then = time.localtime(epoch)
    same = time.strftime("%Y-%m-%d", then) == day
    return time.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M:%S", then)


def made_words(report: Report) -> str:
    """When it was made: a report is only true of that moment."""
    return time.strftime("made %Y-%m-%d %H:%M", time.localtime(report["made"]))


def state_words(state: str) -> str:
    """`delivered`, `failed`, `waiting`."""
    return _STATES.get(state, state)


def plain(reason: str) -> str:
    """A reason for people who have no terminal."""
    return _COMMAND.sub("", reason).strip()


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
        count(totals["clips"], "clip"),
        count(totals["pictures"], "picture"),
        count(totals["sounds"], "sound"),
    ]
    if totals["circled"]:
        words.append(f"{totals['circled']} circled")
    return ", ".join([*words, f"{span(totals['duration'])} of recordings", size(totals["bytes"])])


def handed_words(report: Report) -> str:
    """What became of it, in a line."""
    totals = report["totals"]
    there = totals["clips"] - totals["undelivered"] - totals["unrouted"]
    words = f"{there} of {count(totals['clips'], 'clip')}, {totals['delivered']} of {totals['deliveries']} deliveries"
    told = [f"{words} ({size(totals['delivered_bytes'])})" if totals["delivered_bytes"] else words]
    if totals["unverified"]:
        told.append(f"{totals['unverified']} without a check")
    of_clips = {
        "failed": "failed",
        "waiting": "waiting",
        "cancelled": "cancelled",
        "unrouted": "sent nowhere",
    }
    told += [f"{count(totals[name], 'clip')} {word}" for name, word in of_clips.items() if totals[name]]
    return ", ".join(told)


def card_words(card: Mapping[str, Any], day: str) -> str:
    """Whether a card may be formatted: `all delivered 14:03:27`, `2 clips sent nowhere, 3 clips not delivered: raid has
    all, cloud 7 of 10`.
    """
    words = [f"all delivered {moment(card['handed_over'], day)}"] if card["handed_over"] else []
    if card["unrouted"]:
        words.append(f"{count(card['unrouted'], 'clip')} sent nowhere")
    if card["undelivered"]:
        sinks = ", ".join(map(has_words, card["sinks"]))
        words.append(": ".join(filter(None, (f"{count(card['undelivered'], 'clip')} not delivered", sinks))))
    return ", ".join(words)


def has_words(sink: Mapping[str, Any]) -> str:
    """What a sink has of a card: `raid has all`, `cloud 7 of 10`."""
    if sink["delivered"] == sink["clips"]:
        return f"{sink['sink']} has all"
    return f"{sink['sink']} {sink['delivered']} of {sink['clips']}"


def handover_words(handover: Mapping[str, Any], day: str) -> str:
    """What a sink got, when; what it has not got."""
    words = f"{count(handover['files'], 'file')}, {size(handover['bytes'])}"
    if handover["first"]:
        words += f", from {moment(handover['first'], day)} to {moment(handover['last'], day)}"
    for name, word in (("left", "still to come"), ("failed", "failed")):
        if handover[name]:
            words += f", {handover[name]} {word}"
    return words


def where_words(clip: Mapping[str, Any], day: str) -> Sequence[str]:
    """Every delivery of a clip, a line each: what (where it is not the clip itself), where, when, verified how; or why
    not.
    """
    return [_delivery_words(clip, each, day) for each in clip["deliveries"]]


def why_words(clip: Mapping[str, Any]) -> Sequence[str]:
    """Why a clip is stuck, a line for each reason that no delivery says."""
    said = {(each["state"], each["reason"]) for each in clip["deliveries"]}
    return [problem_words(each) for each in clip["problems"] if (each["state"], each["reason"]) not in said]


def _delivery_words(clip: Mapping[str, Any], delivery: Mapping[str, Any], day: str) -> str:
    what = "" if delivery["name"] == clip["name"] else f"{delivery['name']} "
    words = f"{what}to {delivery['sink']}: "
    if delivery["state"] != "done":
        reason = plain(delivery["reason"])
        return f"{words}{state_words(delivery['state'])}{f', {reason}' if reason else ''}"
    verified = f"verified by {delivery['checked']}" if delivery["checked"] else "not verified"
    where = f" at {delivery['where']}" if delivery["where"] else ""
    return f"{words}delivered {moment(delivery['at'], day)}, {size(delivery['size'])}{where}, {verified}"


def problem_words(problem: Mapping[str, Any]) -> str:
    """Why a clip is stuck."""
    state, reason = state_words(problem["state"]), plain(problem["reason"])
    return f"{state}: {reason}" if reason else state


def undelivered(report: Report) -> Iterator[str]:
    """A line for each clip that is not delivered whole, and each reason: what a person must look at comes first."""
    lines = [
        (_FIRST.index(each["state"]), clip["card"], clip["path"], _with_media(problem_words(each), clip))
        for clip in report["clips"]
        if clip["open"]
        for each in clip["problems"] or [_going(clip)]
    ]
    return (f"{card}: {path}: {words}" for _, card, path, words in sorted(lines))


def _with_media(words: str, clip: Mapping[str, Any]) -> str:
    """Also what is wrong with its media, where that is not the reason."""
    return words if clip["problem"] in words else f"{words}; {clip['problem']}"


def _going(clip: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a clip stands of which nothing is wrong: what is made of it has no delivery yet."""
    states = {each["state"] for each in clip["deliveries"]}
    return {"state": "ready" if "ready" in states and "running" not in states else "running", "reason": ""}


def gaps(report: Report) -> Sequence[str]:
    """What is missing, a line each."""
    lonely = [
        f"{record['says'] or record['record']}{' of ' + record['device'] if record['device'] else ''}: no file came"
        for record in report["records_without_media"]
    ]
    return [*lonely, *(f"{name}: no sound" for name in report["pictures_without_sound"])]
