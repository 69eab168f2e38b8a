"""Taking up what the last run left: its unfinished jobs, what it died with, what it had not planned yet."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rushes.config.pipeline import Pipeline
from rushes.engine.board import MOST_DEATHS, SUSPECT_DEATHS, TOO_EARLY, Board
from rushes.engine.clock import Clock
from rushes.engine.foretold import foreseen
from rushes.engine.journal import Journal
from rushes.engine.last_rules import ENGINE, HALF_KEY, PIPELINE_KEY, choose_alike, pipeline_document
from rushes.engine.leaving import leaving_remedy, leaving_words
from rushes.engine.queue import load_jobs
from rushes.engine.replanning import WITH_JOBS, Replanning, followed
from rushes.ledger import Ledger, LedgerStore, Query
from rushes.ledger.rows import NEWS, ROUTE, Step, drop_stored, put_backlog, read_clip
from rushes.ledger.schema import RUNS
from rushes.ledger.write import Change, Put
from rushes.model import Clip, StepState

#: A suspect starts this long after the pipeline, and twice as long for each run that died lately without it: a
#: process killed from outside again and again must not be blamed on the clips that it worked on.
SUSPECT_WAIT_S = 5.0
LONGEST_SUSPECT_WAIT_S = 60.0
LATELY_S = 600.0
#: No server asks to be left alone for longer.
LONGEST_WAIT_S = 3600.0
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

LOG = logging.getLogger("rushes.engine")
#: What ready work was waiting for when the last run ended in order: reasons by component and by volume.
WAITING_KEY = "waiting_for"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the pipeline on this ledger."""

    id: str
    boot: str
    started: float

    def row(self, ended: float | None) -> Put:
        """Its row; `ended` None while it lasts."""
        return Put(RUNS, (self.id, self.boot, self.started, ended))


@dataclass(frozen=True, slots=True)
class Recovered:
    """`died` is whether the last run did, `backlog` are clips that are not planned yet.

    `left` is whom the rules of this run left, where they are others (see `find_leaving`).
    """

    run: Run
    died: bool
    backlog: Sequence[Clip]
    left: Mapping[str, Any]


async def recover(
    ledger: Ledger,
    board: Board,
    pipeline: Pipeline,
    journal: Journal,
    clock: Clock,
    replanning: Replanning,
) -> Recovered:
    """Fill the board.

    When the routes are not those of last time, jobs that have not started follow them, and clips that no route
    wanted are planned again; other clips are left alone, for a renamed route must not send anything twice.
    """
    boot = _boot_id()
    last = await ledger.query("SELECT boot, ended FROM runs ORDER BY started DESC LIMIT 1")
    died = bool(last) and last[0][1] is None
    same_boot = bool(last) and last[0][0] == boot
    lately = await ledger.query(
        "SELECT count(*) FROM runs WHERE ended IS NULL AND boot = ? AND started > ?",
        [boot, clock() - LATELY_S],
    )
    deaths = max(1, lately[0][0]) if died and same_boot else 0
    changes: list[Change] = []
    unplanned = {
        row[0]
        for row in await ledger.query(
            "SELECT id FROM clips WHERE complete AND id IN (SELECT clip FROM backlog WHERE annotator = '')"
        )
    }
    for loaded in await ledger.read(lambda query: load_jobs(query, "NOT over")):
        board.load(loaded.job, (), loaded.clips.values())
        for step in loaded.steps:
            after = _taken_up(step, clock(), died=deaths, unplanned=unplanned)
            early = after.state is StepState.READY and board.too_early(after)
            if after is step and not early:
                board.load(loaded.job, [step], ())
            else:
                board.put(after)
                if after.state is StepState.PARKED:
                    changes.append(
                        journal.event(
                            "step.parked",
                            clip=loaded.job.clip,
                            job=step.job,
                            step=step.id,
                            reason=after.reason,
                        )
                    )
    store = LedgerStore(ledger, ENGINE)
    document = pipeline_document(pipeline)
    before, half = await store.get(PIPELINE_KEY), await store.get(HALF_KEY)
    told: Mapping[str, Any] = {"leaving": 0, "left": []}
    if before is not None and (before != document or half):
        told = await ledger.read(lambda query: foreseen(query, before, document))
        did = await replanning.follow(before, pipeline, unrouted=False)
        if half or not choose_alike(before, document):
            await _plan_unrouted_again(ledger)
            LOG.warning(
                "the routes changed: jobs: %d opened, %d withdrawn, %d changed; %d clips that would go elsewhere stay "
                "with the jobs they have; to send one elsewhere: pipeline queue FILE add CLIP --to SINK",
                told["jobs"]["opened"],
                did.withdrawn,
                did.changed,
                told["staying"],
            )
        if told["leaving"]:
            LOG.warning("%s; %s", leaving_words(told), leaving_remedy(told))
    else:
        await replanning.adopt(pipeline)
    run = Run(uuid.uuid4().hex, boot, clock())
    changes += [*followed(pipeline), drop_stored(ENGINE, WAITING_KEY), run.row(None)]
    changes += [journal.event("pipeline.started", after_death=died)]
    await ledger.write([*board.take_changes(), *changes])
    return Recovered(run, died, await ledger.read(_backlog), told)


def _backlog(query: Query) -> list[Clip]:
    rows = query(
        "SELECT * FROM clips WHERE id IN (SELECT clip FROM backlog WHERE annotator = '') ORDER BY first_seen"
    )
    return [read_clip(row) for row in rows]


async def _plan_unrouted_again(ledger: Ledger) -> None:
    rows = await ledger.query(
        "SELECT id FROM clips WHERE parent = '' AND NOT superseded AND complete "  # noqa: S608 - our own
        f"AND id NOT IN ({WITH_JOBS})"
    )
    if rows:
        await ledger.write([put_backlog(clip) for (clip,) in rows])


def _taken_up(step: Step, now: float, *, died: int, unplanned: Collection[str] = ()) -> Step:
    """The step as this run begins with it.

    `died` is how many runs died lately, 0 when the last did not; `unplanned` are complete clips whose planning,
    after they are annotated, will start what waits for them.
    """
    # Its route, which may be gone by now, may have it wait for days; it had so long to go when it was put last.
    longest = step.until - step.changed if step.waits_for == ROUTE else LONGEST_WAIT_S
    if step.state is StepState.WAITING and step.until > now + longest:
        # The wall clock was set back since.
        step = replace(step, until=now + longest)
    if step.state is StepState.WAITING and step.reason in TOO_EARLY and step.clip not in unplanned:
        # The component may follow growing clips by now; the board tells.
        return replace(step, state=StepState.READY, reason="")
    if step.state is StepState.WAITING and step.waits_for == NEWS:
        # The options that asked for it may be others by now; who still misses it waits again.
        return replace(step, state=StepState.READY, reason="")
    if step.state is StepState.RUNNING:
        return _taken_up_running(replace(step, deaths=step.deaths + bool(died)), now, died)
    pending = step.state is StepState.READY or (step.state is StepState.WAITING and step.until)
    if died and step.deaths >= SUSPECT_DEATHS and pending:
        return _suspect(step, now, died)
    return step


def _taken_up_running(step: Step, now: float, died: int) -> Step:
    if step.deaths >= MOST_DEATHS:
        reason = f"the pipeline died {step.deaths} times while working on it"
        return replace(step, state=StepState.PARKED, reason=reason)
    if step.deaths >= SUSPECT_DEATHS:
        return _suspect(step, now, died)
    return replace(step, state=StepState.READY)


def _suspect(step: Step, now: float, died: int) -> Step:
    # The first death of a step may go unseen: its start was not waited for.
    without_it = min(10, max(0, died - step.deaths - 1))
    wait = min(LONGEST_SUSPECT_WAIT_S, SUSPECT_WAIT_S * 2**without_it)
    reason = f"the pipeline died {step.deaths} times while working on it; tried again shortly, by itself"
    return replace(step, state=StepState.WAITING, reason=reason, until=now + wait)


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
