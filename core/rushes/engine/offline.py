"""The ledger at rest: the same documents and queue verbs when no pipeline runs."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from rushes.engine import views
from rushes.engine.board import Board
from rushes.engine.history import history
from rushes.engine.last_rules import ENGINE
from rushes.engine.note import note
from rushes.engine.queue import QUEUE_VERBS, Queue, QueueVerb, load_jobs
from rushes.engine.references import find_job, named_jobs
from rushes.engine.searches import ClipSearch, EventOrder, JobSearch, MatchSearch
from rushes.engine.switches import SWITCHES_KEY
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME, Database, Query, open_database
from rushes.ledger.rows import put_stored
from rushes.volumes import Volumes


class Offline:
    """Answers from the file. Made by `open_offline`; holds the file for as long as it is open."""

    def __init__(self, state: Path, database: Database) -> None:
        self._database = database
        self._volumes = Volumes(work=state / "work")

    def status(self) -> views.Document:
        """As `Engine.status`, of a pipeline that does not run."""
        return self._database.read(_status)

    def attention(self) -> views.Document:
        """As `Engine.attention`."""
        return {"attention": self._database.read(_attention)}

    def jobs(self, search: JobSearch | None = None) -> views.Document:
        """As `Engine.jobs`; what is ready waits for what it was waiting for when the last run ended."""
        return self._database.read(
            lambda query: views.jobs(query, search or JobSearch(), views.last_waits(query))
        )

    def job(self, reference: str) -> views.Document:
        """As `Engine.job`."""
        return self._database.read(lambda query: views.job(query, reference, views.last_waits(query)))

    def clips(self, search: ClipSearch | None = None) -> views.Document:
        """As `Engine.clips`."""
        return self._database.read(
            lambda query: views.clips(query, search or ClipSearch(), views.last_waits(query))
        )

    def clip(self, reference: str) -> views.Document:
        """As `Engine.clip`."""
        return self._database.read(lambda query: views.clip(query, reference, views.last_waits(query)))

    def timeline(self, clip: str, after: int, limit: int, order: EventOrder = "oldest") -> views.Document:
        """As `Engine.timeline`."""
        return self._database.read(lambda query: views.timeline(query, clip, after, limit, order))

    def matches(self, search: MatchSearch | None = None) -> views.Document:
        """As `Engine.matches`."""
        return self._database.read(lambda query: views.matches(query, search or MatchSearch()))

    def cards(self) -> views.Document:
        """As `Engine.cards`."""
        return self._database.read(lambda query: views.cards(query, views.last_waits(query)))

    def days(self) -> views.Document:
        """As `Engine.days`."""
        return {"days": self._database.read(views.days)}

    def day(self, wanted: str = "") -> views.Document:
        """As `Engine.day`."""
        return self._database.read(
            lambda query: views.day(query, wanted, views.last_waits(query), time.time())
        )

    def history(self, rules: Mapping[str, Any]) -> views.Document:
        """As `Engine.history`."""
        return self._database.read(lambda query: history(query, rules))

    def switch(self, word: str, names: Sequence[str]) -> views.Document:
        """As `Engine.switch`, from the next start on."""
        pipeline, before = self._database.read(
            lambda query: (views.last_pipeline(query), views.switches(query))
        )
        if not pipeline["file"]:
            raise NotFound(
                "the pipeline has never run: its sinks and routes are not known yet; start it first"
            )
        routes = [route["id"] for route in pipeline["routes"]]
        after = before.switched(word, names, sinks=pipeline["sinks"], routes=routes)
        self._database.commit([put_stored(ENGINE, SWITCHES_KEY, after.document)])
        self._database.acknowledge()
        return after.document

    def queue(self, verb: str, ids: Sequence[str], all: bool = False) -> views.Document:  # noqa: A002 - the API's word
        """As `Engine.queue`; what was running when the last run died counts as ready."""
        if verb not in QUEUE_VERBS:
            raise NotFound(f"no queue verb {verb}; there are {', '.join(QUEUE_VERBS)}")
        board = Board(time.time)
        where = "NOT over" if all else "id IN (SELECT unnest(?::VARCHAR[]))"
        one = verb == "cancel"
        names = [] if all else self._database.read(lambda query: named_jobs(query, ids, one=one))
        loaded = self._database.read(lambda query: load_jobs(query, where, [] if all else [names]))
        for each in loaded:
            if not each.job.over:
                board.load(each.job, each.steps, each.clips.values())
            elif verb == "retry" and each.failed:
                board.reopen(each.job, each.steps, each.clips.values())
        changed = Queue(board, self._volumes.has).apply(
            cast("QueueVerb", verb), [each.job.id for each in loaded]
        )
        self._database.commit(board.take_changes())
        self._database.acknowledge()
        return {"changed": changed}

    def move(self, ids: Sequence[str], before: str) -> views.Document:
        """As `Engine.move`."""
        *names, target = self._database.read(lambda query: [find_job(query, name) for name in [*ids, before]])
        board = Board(time.time)
        # Those that were moved before, too: they may stand in between.
        where = "NOT over AND (place IS NOT NULL OR id IN (SELECT unnest(?::VARCHAR[])))"
        for each in self._database.read(lambda query: load_jobs(query, where, [[*names, target]])):
            board.load(each.job, each.steps, each.clips.values())
        changed = Queue(board, self._volumes.has).move(names, target)
        self._database.commit(board.take_changes())
        self._database.acknowledge()
        return {"changed": changed}


def _status(query: Query) -> views.Document:
    pipeline, waits, switches = views.last_pipeline(query), views.last_waits(query), views.switches(query)
    [(seq,)] = query("SELECT coalesce(max(seq), 0) FROM events")
    return {
        "pipeline": pipeline["name"],
        "file": pipeline["file"],
        "running": False,
        "draining": False,
        "since": views.last_end(query),
        "pid": None,
        "seq": seq,
        "now": time.time(),
        "components": [],
        "counts": _at_rest(views.counts(query, waits), views.sent_before(query), switches.paused),
        "route_waits": views.route_waits(query),
        "switches": switches.document,
        "current": [],
        "attention": _attention(query),
    }


def _at_rest(counts: views.Document, sent: Mapping[str, int], paused: Collection[str]) -> views.Document:
    """Nothing moves; what was sent counts."""
    still = {"rate": 0.0, "eta_s": None}
    sinks = [
        {
            **each,
            **still,
            "bytes": max(0, each["bytes"] - sent.get(each["sink"], 0)),
            "paused": each["sink"] in paused,
        }
        for each in counts["sinks"]
    ]
    return {**counts, **still, "bytes_remaining": sum(each["bytes"] for each in sinks), "sinks": sinks}


def _attention(query: Query) -> list[views.Document]:
    waits = views.last_waits(query)
    left = [note("component", name, why, component=name) for name, why in waits["components"].items()]
    cards = [
        note("card", reason.removeprefix("insert card "), reason)
        for reason in sorted(set(waits["volumes"].values()))
    ]
    return [*left, *cards, *views.attention(query)]


@contextmanager
def open_offline(state: Path, *, write: bool = False) -> Iterator[Offline]:
    """Hold the ledger's file briefly. Raises LedgerError when there is none, or a pipeline runs on it."""
    database = open_database(state / FILE_NAME, read_only=not write)
    try:
        yield Offline(state, database)
    finally:
        database.close()
