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
from rushes.engine.queue import QUEUE_VERBS, Queue, QueueVerb, find_job, load_jobs
from rushes.engine.recovery import ENGINE
from rushes.engine.switches import SWITCHES_KEY
from rushes.errors import NotFound
from rushes.ledger import FILE_NAME, Database, open_database
from rushes.ledger.rows import put_stored
from rushes.volumes import Volumes


class Offline:
    """Answers from the file. Made by `open_offline`; holds the file for as long as it is open."""

    def __init__(self, state: Path, database: Database) -> None:
        self._database = database
        self._volumes = Volumes(work=state / "work")

    def status(self) -> views.Document:
        """As `Engine.status`, of a pipeline that does not run."""
        pipeline, switches, counts, route_waits, attention, waits = self._database.read(
            lambda query: (
                views.last_pipeline(query),
                views.switches(query),
                views.counts(query),
                views.route_waits(query),
                views.attention(query),
                views.last_waits(query),
            )
        )
        left = waits["components"] | {
            reason.removeprefix("insert card "): reason for reason in waits["volumes"].values()
        }
        attention = [{"subject": name, "reason": why, "remedy": ""} for name, why in left.items()] + attention
        return {
            "pipeline": pipeline["name"],
            "file": pipeline["file"],
            "running": False,
            "draining": False,
            "since": None,
            "pid": None,
            "components": [],
            "counts": counts,
            "route_waits": route_waits,
            "switches": switches.document,
            "current": [],
            "attention": attention,
        }

    def jobs(self, states: Collection[str] | None = None) -> views.Document:
        """As `Engine.jobs`; what is ready waits for what it was waiting for when the last run ended."""
        documents, waits = self._database.read(lambda query: (views.jobs(query), views.last_waits(query)))
        views.lay_over(documents, waits)
        return {"jobs": [job for job in documents if states is None or job["state"] in states]}

    def clip(self, reference: str) -> views.Document:
        """As `Engine.clip`."""
        return self._database.read(lambda query: views.clip(query, reference))

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
        names = [] if all else self._database.read(lambda query: [find_job(query, name) for name in ids])
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


@contextmanager
def open_offline(state: Path, *, write: bool = False) -> Iterator[Offline]:
    """Hold the ledger's file briefly. Raises LedgerError when there is none, or a pipeline runs on it."""
    database = open_database(state / FILE_NAME, read_only=not write)
    try:
        yield Offline(state, database)
    finally:
        database.close()
