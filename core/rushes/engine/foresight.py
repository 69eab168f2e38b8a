"""What other rules would make of the clips and jobs of a ledger, without doing it: as `OtherRules` would.

Everything is asked in one scan: what each clip hits and the jobs it has are counted by pattern, and there are few
patterns; the choice between the routes is then made once a pattern and not once a clip.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rushes import rules
from rushes.config.pipeline import Route
from rushes.engine.ids import KEY_SQL, by_hand
from rushes.engine.last_rules import ENGINE, TURNS_KEY, last_routes
from rushes.engine.takeover import taken_over
from rushes.engine.turns import Turns
from rushes.ledger import Query

#: What rules are compared over: clips as planning sees them, but for those that are being recorded.
_CLIPS = "FROM clips WHERE parent = '' AND NOT superseded AND complete"

#: What other rules make of a job is told by this: they leave those that have begun (see `board.unstarted`).
WITHDRAWN, WAITS, BEGUN = "withdrawn", "waits", "begun"
_STAGES = (
    f"SELECT job, CASE WHEN bool_and(state = 'withdrawn') THEN '{WITHDRAWN}' "  # noqa: S608 - our own
    f"WHEN bool_and(state IN ('ready', 'waiting') AND maker = '' AND attempts = 0 AND in_doubt = 0 AND head IS NULL) "
    f"THEN '{WAITS}' ELSE '{BEGUN}' END AS stage FROM steps GROUP BY job"
)
#: By clip its jobs, as `HeldJob`.
_JOBS = (
    f"SELECT clip, list_sort(list(({KEY_SQL}, stage, sinks))) AS jobs "  # noqa: S608 - our own
    f"FROM jobs JOIN ({_STAGES}) ON job = id GROUP BY clip"
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Routes, the SQL of what each hits, whether it is `match: first`; their documents by `route_key`."""

    routes: Sequence[Route]
    first: bool
    hits: Sequence[str]
    documents: Mapping[str, Mapping[str, Any]]
    turns: Turns

    @classmethod
    def of(cls, told: Mapping[str, Any], turns: Turns) -> Rules:
        routes = last_routes(told)
        documents = {turns.key(route["id"]): route for route in told["routes"]}
        return cls(routes, told["match"] == "first", rules.hits(routes), documents, turns)

    def sinks(self, key: str) -> set[str]:
        return {to["sink"] for to in self.documents[key].get("to", [])}

    def work(self, key: str) -> tuple[Any, ...]:
        """What a job has from its route."""
        return tuple(self.documents[key].get(part) for part in ("steps", "to", "priority", "wait", "auto"))

    def taken(self, names: Mapping[str, str]) -> list[str]:
        """By route, whether it takes a clip, in SQL over the names of what is hit."""
        return rules.taken(self.routes, self.first, [names[hit] for hit in self.hits])

    def chosen(self, answers: Iterable[bool]) -> tuple[str, ...]:
        return tuple(route.id for route, takes in zip(self.routes, answers, strict=True) if takes)

    def find(self, name: str) -> Route | None:
        return next((route for route in self.routes if route.id == name), None)


#: The key of its route, how far it is, its sinks.
HeldJob = tuple[str, str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Way:
    """The routes that took so many clips, and those that take them now; the jobs they have; one of these clips."""

    before: tuple[str, ...]
    now: tuple[str, ...]
    clips: int
    bytes: int
    jobs: Sequence[HeldJob]
    example: str = field(compare=False)

    @property
    def changed(self) -> bool:
        """Whether other routes take them now; the order of the file is not asked."""
        return set(self.before) != set(self.now)


@dataclass(frozen=True, slots=True)
class Fate:
    """The keys of routes of which each clip of a way gets a job, loses one or has another; sinks it will not see."""

    opened: Collection[str]
    withdrawn: Collection[str]
    changed: Collection[str]
    left: Collection[str]


def fate_of(way: Way, before: Rules, now: Rules) -> Fate:
    """What `OtherRules.follow` does, told of all clips of a way at once."""
    takes = [now.turns.key(name) for name in way.now]
    begun, waits, back = (
        {route: sinks for route, stage, sinks in way.jobs if stage == wanted}
        for wanted in (BEGUN, WAITS, WITHDRAWN)
    )
    withdrawn = {
        name
        for name in waits.keys() - set(takes)
        if name in now.documents or (not begun and name in before.documents)
    }
    stays = begun | {name: sinks for name, sinks in waits.items() if name not in withdrawn}
    gone = {
        name: sinks
        for name, sinks in stays.items()
        if name not in now.documents and [name] != [by_hand(sink) for sink in sinks]
    }
    new = [name for name in takes if name not in waits and name not in begun]
    over = taken_over(
        [sinks for name, sinks in gone.items() if name in waits],
        {
            name: now.sinks(name).difference(waits.get(name, ()))
            for name in takes
            if name in waits or (name in new and (not begun or name in back))
        },
        {name: now.sinks(name) for name in new if begun and name not in back},
    )
    given = set().union(*over.values())
    kept = {name: set(sinks) - given if name in waits else set(sinks) for name, sinks in gone.items()}
    reached = set().union(*kept.values())
    goes = {
        name: over.get(name, set()) | (now.sinks(name) - reached if not begun or name in back else set())
        for name in new
    }
    opened = {name for name, sinks in goes.items() if sinks}
    less = {name for name, sinks in kept.items() if len(sinks) < len(gone[name])}
    for name in waits.keys() & set(takes):
        fresh = now.sinks(name) - (before.sinks(name) if name in before.documents else set())
        goes[name] = now.sinks(name) & ((set(waits[name]) | (fresh - reached)) | over.get(name, set()))
    withdrawn |= {name for name in waits.keys() & goes.keys() if not goes[name]}
    withdrawn |= {name for name in less if not kept[name]}
    changed = {
        name
        for name in waits.keys() & goes.keys()
        if name not in before.documents
        or before.work(name) != now.work(name)
        or now.sinks(name).difference(waits[name])
    }
    lost = {sink for name in withdrawn for sink in waits[name]}
    served = {sink for name, sinks in (begun | kept).items() for sink in sinks}.union(*goes.values())
    served |= {sink for name in waits.keys() - withdrawn - goes.keys() - kept.keys() for sink in waits[name]}
    return Fate(opened, withdrawn, (changed | less) - withdrawn, lost - served)


def find_rules(query: Query, before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Rules, Rules]:
    """Of the documents of the rules that a ledger was last used with, and of others."""
    stored = query("SELECT value FROM store WHERE component = ? AND key = ?", [ENGINE, TURNS_KEY])
    turns = Turns(**json.loads(stored[0][0])) if stored else Turns()
    return Rules.of(before, turns), Rules.of(now, turns.followed_by(now["routes"]))


def find_ways(query: Query, before: Rules, now: Rules) -> list[Way]:
    # A rule that is in both is evaluated once.
    hits = dict.fromkeys([*before.hits, *now.hits])
    names = {hit: f"hit{number}" for number, hit in enumerate(hits)}
    answers = "".join(f"{sql} AS {name}, " for sql, name in names.items())
    taken = "".join(f"{sql}, " for sql in (*before.taken(names), *now.taken(names)))
    patterns = (
        f"SELECT {''.join(f'{name}, ' for name in names.values())}"  # noqa: S608 - checked rules and our own names
        f"jobs, count(*) AS clips, sum(size)::BIGINT AS bytes, any_value(id) AS example "
        f"FROM (SELECT {answers}size, id {_CLIPS}) LEFT JOIN ({_JOBS}) ON clip = id GROUP BY ALL"
    )
    rows = query(f"SELECT {taken}clips, bytes, jobs, example FROM ({patterns})")  # noqa: S608 - as above
    place = len(before.routes)
    ways = (
        Way(
            before.chosen(answers[:place]), now.chosen(answers[place:]), clips, size or 0, jobs or (), example
        )
        for *answers, clips, size, jobs, example in rows
    )
    return [way for way in ways if way.clips]


def count_staying(ways: Sequence[Way], before: Rules, now: Rules) -> int:
    changed = ((way, fate_of(way, before, now)) for way in ways if way.changed)
    return sum(way.clips for way, fate in changed if not (fate.opened or fate.withdrawn))


def count_jobs(ways: Sequence[Way], before: Rules, now: Rules) -> dict[str, Any]:
    fates = [(way.clips, fate_of(way, before, now)) for way in ways]
    return {
        "opened": sum(clips * len(fate.opened) for clips, fate in fates),
        "withdrawn": sum(clips * len(fate.withdrawn) for clips, fate in fates),
        "changed": sum(clips * len(fate.changed) for clips, fate in fates),
    }
