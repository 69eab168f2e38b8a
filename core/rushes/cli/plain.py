"""The status document as lines, for pipes, logs and dumb terminals; the rich screen says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rushes.cli.text import clock, count, for_file, printable, said, size, span

#: The order in which states are told: what needs somebody first.
ORDER = ("parked", "waiting", "running", "ready", "done", "cancelled", "withdrawn")


def status_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Everything `status` shows, one fact a line."""
    yield heading(document)
    for component in document["components"]:
        yield f"  {component['id']}: {for_file(component_words(component, document), document['file'])}"
    yield counts_words(document["counts"])
    yield from wait_lines(document["route_waits"])
    if switched := switches_words(document["switches"]):
        yield switched
    for work in document["current"]:
        yield f"  {printable(work['name'])}: {work_words(work)}"
    for item in needing(document):
        yield f"! {for_file(attention_words(item), document['file'])}"


def heading(document: Mapping[str, Any]) -> str:
    """The pipeline, and whether it runs."""
    if document["draining"]:
        doing = "draining"
    elif document["running"]:
        doing = f"running since {clock(document['since'])} (pid {document['pid']})"
    elif document["since"]:
        doing = f"not running since {clock(document['since'])}"
    else:
        doing = "not running; the last run was cut off" if document["seq"] else "not running"
    return f"{document['pipeline']}: {doing}"


def component_words(component: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """State, reason and live facts of a component."""
    words = str(component["state"])
    if component["reason"]:
        words += f": {component['reason']}"
    if facts := facts_of(component, document):
        words += f" ({said(facts)})"
    return printable(words)


def facts_of(component: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its live facts; of a sink that a person paused that comes first, and none says that it is not paused."""
    facts: Mapping[str, Any] = component["facts"]
    if component["id"] not in document["switches"]["paused"]:
        return facts
    return {"paused by a person": True} | {
        name: fact for name, fact in facts.items() if name != "paused" or fact
    }


def counts_words(counts: Mapping[str, Any]) -> str:
    """Clips, jobs by state, what remains."""
    jobs = counts["jobs"]
    parts = [count(counts["clips"], "clip")]
    if number := sum(jobs.values()):
        told = ", ".join(f"{jobs[state]} {state}" for state in ORDER if jobs.get(state))
        # A clip has a job on each of its routes.
        parts.append(f"{count(number, 'job')} ({told})")
    if counts["files_remaining"]:
        parts.append(left_of(counts))
    return ", ".join(parts)


def left_of(counts: Mapping[str, Any]) -> str:
    """What is left, at what rate, for how long."""
    words = [remaining_words(counts)]
    if counts["rate"]:
        words.append(f"{size(counts['rate'])}/s")
    if counts["eta_s"]:
        words.append(f"{span(counts['eta_s'])} left")
    return ", ".join(words)


def wait_lines(waits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Jobs that wait for what their route waits for: how many, and when the last goes all the same."""
    for wait in waits:
        yield printable(f"{count(wait['jobs'], 'job')} {wait['reason']}, until {clock(wait['last'])} at most")


def switches_words(switches: Mapping[str, Any]) -> str:
    """Routes that a person made manual or automatic; a paused sink is told as what needs somebody."""
    auto = {"manual": [name for name, on in switches["auto"].items() if not on]}
    auto["automatic"] = [name for name, on in switches["auto"].items() if on]
    return ", ".join(f"made {word}: {' '.join(names)}" for word, names in auto.items() if names)


def remaining_words(counts: Mapping[str, Any]) -> str:
    """What is left; bytes are told as soon as there are deliveries that know theirs."""
    words = f"{count(counts['files_remaining'], 'file')} to go"
    known = size(counts["bytes_remaining"]) if counts["bytes_remaining"] else ""
    unmade = f"{counts['unmade']} still to be made" if counts["unmade"] else ""
    told = " and ".join(filter(None, (known, unmade)))
    return f"{words} ({told})" if told else words


def work_words(work: Mapping[str, Any]) -> str:
    """How far a running step is."""
    done, total = work["done"], work["total"]
    words = f"{'to ' if work['verb'] == 'deliver' else ''}{work['component']}"
    if total:
        words += f", {done / total:.0%}"
        if work["verb"] == "deliver":
            words += f" of {size(total)}"
    if work["verb"] == "deliver" and work["rate"]:
        words += f", {size(work['rate'])}/s"
    if left := left_words(work):
        words += f", {left} left"
    return f"{words}, still being recorded" if work["growing"] else words


def left_words(work: Mapping[str, Any]) -> str:
    """How long a running step may take, "" where that is not known or less than a second."""
    return span(work["eta_s"]) if work["eta_s"] and work["eta_s"] >= 0.5 else ""


def needing(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What needs a person: a component that goes on by itself is told where it stands."""
    return [item for item in document["attention"] if not item["by_itself"]]


def attention_words(item: Mapping[str, Any]) -> str:
    """What is stuck, why, and what helps."""
    words = f"{item['subject']}: {item['reason']}"
    return printable(f"{words}; {item['remedy']}" if item["remedy"] else words)
