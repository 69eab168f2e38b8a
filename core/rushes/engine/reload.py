"""Rules that change while the pipeline runs: its files are watched, read again and, where they are right, followed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import trio

from rushes.config.pipeline import Component, Pipeline
from rushes.engine.difference import difference, refuse_unless_rules
from rushes.engine.foretold import foreseen
from rushes.engine.journal import Journal
from rushes.engine.last_rules import ENGINE, HALF_KEY, PIPELINE_KEY, choose_alike, pipeline_document
from rushes.engine.leaving import leaving_remedy, leaving_words
from rushes.engine.other_rules import Replanned
from rushes.engine.replanning import Replanning, followed
from rushes.engine.views import Document
from rushes.errors import ConfigError, RushesError, in_words
from rushes.ledger import Ledger, LedgerStore
from rushes.ledger.rows import read_event

LOG = logging.getLogger("rushes.engine")

#: How often it is looked whether a file has changed.
POLL_S = 1.0
#: A file is read when it has been as it is for so long: editors write in pieces.
SETTLE_S = 0.2
#: What is wrong with a file may be that somebody is not done with it: it is read once more after this.
AGAIN_S = 0.5
#: A refused file is tried again this often: what it lacks, as a file that it includes, may be there by now.
RETRY_S = 5.0

#: So many errors of a file are told one by one.
MOST_TOLD = 100

STAYS = "the rules of before stay in force"

#: Reads the pipeline's file. Raises ConfigError.
Load = Callable[[], Pipeline]
#: By file what changes when somebody writes it or puts another in its place; None where there is none.
Prints = dict[Path, tuple[int, int, int] | None]


class Running(Protocol):
    """What a reload needs of the engine."""

    pipeline: Pipeline

    def open_steps(self) -> dict[str, Component]:
        """The transforms that this run has opened, by id."""

    def adopt(self, pipeline: Pipeline) -> None:
        """Go on with these rules: open the steps that are new."""


class Reload:
    """Changes the rules of a running pipeline."""

    def __init__(
        self,
        engine: Running,
        load: Load | None,
        replanning: Replanning,
        ledger: Ledger,
        journal: Journal,
        seen: Prints,
        *,
        left: Mapping[str, Any],
    ) -> None:
        """`seen` are the files as they were when the pipeline was read, `left` whom the rules left at the start."""
        self._left = left
        #: What is wrong with its file as it is now, so that it is not followed.
        self._reasons: Sequence[str] = ()
        self._engine = engine
        self._load = load
        self._replanning = replanning
        self._ledger = ledger
        self._journal = journal
        self._one_at_a_time = trio.Lock()
        self._seen = seen
        self._tried = 0.0
        #: The files as they were when that was told.
        self._told: Prints = {}
        #: The last reload of this run that changed anything, with its time.
        self._last: Document | None = None

    async def watch(self) -> None:
        """Follow the files for as long as the pipeline runs."""
        if self._load is None:
            return
        while True:
            await trio.sleep(POLL_S)
            async with self._one_at_a_time:
                same = self._seen == await _look(_files(self._engine.pipeline))
                again = self._reasons and trio.current_time() - self._tried > RETRY_S
                if (same and not again) or self._ledger.trouble:
                    continue
                try:
                    await self._reload()
                except ConfigError:
                    continue  # told as an event
                except RushesError as error:
                    LOG.warning("not reloaded yet: %s", error)

    async def now(self) -> Document:
        """Read the file and follow it: what changed and what was done about it.

        Where nothing has changed, `last` is the reload of this run that changed something, and `at` is its time: the
        file may have been followed just before somebody asks. Raises ConfigError where the file is wrong or asks for
        what only a restart can do, with all that is wrong as its `others`; then nothing has changed.
        """
        async with self._one_at_a_time:
            try:
                return await self._reload()
            except ConfigError as error:
                told = f"{error.message}; {STAYS}"
                refused = ConfigError(told, where=error.where, excerpt=error.excerpt)
                refused.others = error.others
                raise refused from error

    async def _reload(self) -> Document:
        self._tried = trio.current_time()
        try:
            pipeline = await self._read()
            refuse_unless_rules(self._engine.pipeline, pipeline, self._engine.open_steps())
        except ConfigError as error:
            await self._refuse(error)
            raise
        # What it includes from now on is watched too.
        self._seen = await _look(_files(pipeline)) | self._seen
        self._seen = {file: self._seen[file] for file in _files(pipeline)}
        try:
            return await self._follow(pipeline)
        except BaseException:
            self._seen = {}  # what is left of it is done with the next look
            raise

    async def _read(self) -> Pipeline:
        """The file once it stays as it is; a problem that is gone a moment later was none."""
        if self._load is None:
            raise RushesError("this pipeline was not started from a file; restart it")
        files = _files(self._engine.pipeline)
        while True:
            self._seen = await _settled(files)
            try:
                pipeline = await trio.to_thread.run_sync(self._load)
            except Exception as error:
                await trio.sleep(AGAIN_S)
                if self._seen == await _look(files):
                    raise _in_a_line(error) from error
            else:
                if self._seen == await _look(files):
                    return pipeline

    async def _refuse(self, error: ConfigError) -> None:
        """Told once, whoever asks how often, until a file is written again."""
        reasons = [str(each) for each in (error, *error.others)]
        if (self._reasons, self._told) != (reasons, self._seen):
            for reason in reasons[:MOST_TOLD]:
                LOG.warning("not reloaded: %s; %s", reason, STAYS)
            event = self._journal.event(
                "pipeline.reload_refused",
                file=str(self._engine.pipeline.file),
                reason=reasons[0],
                others=reasons[1:MOST_TOLD],
                errors=len(reasons),
            )
            await self._ledger.write([event])
        self._reasons, self._told = reasons, self._seen

    async def _follow(self, pipeline: Pipeline) -> Document:
        after = pipeline_document(pipeline)
        store = LedgerStore(self._ledger, ENGINE)
        # Some jobs may follow rules that are not those of before, also where the file is as it was by now.
        before, half = await store.get(PIPELINE_KEY, after), await store.get(HALF_KEY)
        found = difference(before, after)
        self._engine.adopt(pipeline)
        numbers = Replanned()
        told: Document = {"staying": 0, "leaving": 0, "left": []}
        if found or half:
            if not choose_alike(before, after):
                told = await self._ledger.read(lambda query: foreseen(query, before, after))
            numbers = await self._replanning.follow(before, pipeline, unrouted=True)
        jobs = {"opened": numbers.opened, "withdrawn": numbers.withdrawn, "changed": numbers.changed}
        document: Document = {"file": str(pipeline.file), **found.document, **told, "jobs": jobs}
        changed = bool(found or half)
        document["last"] = None if changed else self._last
        event = self._journal.event("pipeline.reloaded", **document)
        # Last: a crash before this leaves it to the next start, which does what is left.
        await self._ledger.write([*followed(pipeline), event])
        self._reasons = ()
        if changed:
            self._left = told
            self._last = document | {"at": read_event(event.row).at}
        LOG.info("reloaded: %s", document)
        return document

    def attention(self) -> list[Document]:
        """What a person is told while the file lies there as it is, and of whom the rules have left."""
        notes: list[Document] = []
        if self._reasons:
            more = (
                f" (and {len(self._reasons) - 1} more; see pipeline check)" if len(self._reasons) > 1 else ""
            )
            remedy = f"{STAYS} until it is mended"
            notes.append({"subject": "rules", "reason": f"{self._reasons[0]}{more}", "remedy": remedy})
        if self._left["leaving"]:
            notes.append(
                {
                    "subject": "rules",
                    "reason": f"{leaving_words(self._left)} when the rules changed",
                    "remedy": leaving_remedy(self._left),
                }
            )
        return notes


def prints_of(pipeline: Pipeline) -> Prints:
    """Its files as they are now."""
    return _prints(_files(pipeline))


def _files(pipeline: Pipeline) -> Sequence[Path]:
    return pipeline.files or (pipeline.file,)


async def _settled(files: Sequence[Path]) -> Prints:
    prints = await _look(files)
    while True:
        await trio.sleep(SETTLE_S)
        before, prints = prints, await _look(files)
        if before == prints:
            return prints


async def _look(files: Sequence[Path]) -> Prints:
    return await trio.to_thread.run_sync(_prints, files)


def _prints(files: Sequence[Path]) -> Prints:
    return {file: _print(file) for file in files}


def _print(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _in_a_line(error: Exception) -> ConfigError:
    """A plugin's code may raise anything when its options are checked: the rules in force stay."""
    return error if isinstance(error, ConfigError) else ConfigError(f"cannot be read: {in_words(error)}")
