"""Admission: the one place where clips, records and devices enter, durable when the call returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import trio

from rushes.engine.board import Board
from rushes.engine.clock import Clock
from rushes.engine.devices import PresentDevices
from rushes.engine.growth import Growth
from rushes.engine.identity import Sameness, compare
from rushes.engine.ids import new_clip_id
from rushes.engine.journal import Journal
from rushes.engine.prepare import Preparation
from rushes.engine.pulse import Pulse
from rushes.ledger import Ledger, Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import (
    put_backlog,
    put_clip,
    put_device,
    put_finding,
    put_record,
    put_revision,
    read_clip,
    text,
)
from rushes.ledger.schema import FINDINGS, LINKS
from rushes.ledger.write import Change, Delete
from rushes.model import Admission, Clip, Device, Finding, Record, StepState

_MOST_NS = 2**63 - 1
ADMITTED = "clip.admitted"


class Admissions:
    """Decides what each seen file is and writes it; shared by all sources, one batch at a time."""

    def __init__(
        self,
        board: Board,
        ledger: Ledger,
        journal: Journal,
        preparation: Preparation,
        clock: Clock,
        clip_rows: trio.Lock,
        devices: PresentDevices,
        growth: Growth,
    ) -> None:
        self._devices = devices
        self._growth = growth
        self._board = board
        self._ledger = ledger
        self._journal = journal
        self._preparation = preparation
        self._clock = clock
        self._clip_rows = clip_rows

    async def clips(self, source: str, seen: Sequence[Clip]) -> Sequence[Admission]:
        """Admit; the answers are in order."""
        if not seen:
            return []
        async with self._clip_rows:
            known = await self._known(seen)
            # Asked before the first event is numbered: an observer passes over a number that comes late.
            stale = await self._stale_findings(known, seen)
            answers: list[Admission] = []
            fresh: list[Clip] = []
            grown: list[Clip] = []
            changes: list[Change] = []
            for clip in map(_storable, seen):
                place = (clip.volume, clip.path)
                before = known.get(place)
                answer, admitted, rows = self._admit(source, before, clip, stale)
                answers.append(answer)
                changes += rows
                if admitted is not None:
                    known[place] = admitted
                    if answer in {Admission.NEW, Admission.UPDATED}:
                        fresh.append(admitted)
                    if before is not None and not before.complete and before.id == admitted.id:
                        grown.append(admitted)
            if changes:
                # Shielded: a clip that is in the ledger but not on its way would wait for the next start.
                with trio.CancelScope(shield=True):
                    await self._ledger.write([*self._board.take_changes(), *changes])
                    self._preparation.enqueue(fresh)
            for clip in grown:
                self._growth.tell(clip)
        await self._preparation.room()
        return answers

    async def _known(self, seen: Sequence[Clip]) -> dict[tuple[str, str], Clip]:
        places = {(text(clip.volume), text(clip.path)) for clip in seen}
        rows = await self._ledger.read(lambda query: _rows_at(query, places))
        # Of a growing clip the ledger has the first admission only.
        clips = [clip if clip.complete else self._growth.newest(clip) for clip in map(read_clip, rows)]
        return {(clip.volume, clip.path): clip for clip in clips}

    def _admit(
        self, source: str, known: Clip | None, seen: Clip, stale: Mapping[str, Sequence[Change]]
    ) -> tuple[Admission, Clip | None, list[Change]]:
        if known is None:
            return self._new(source, seen)
        match compare(known, seen):
            case Sameness.SAME if known.inode == seen.inode:
                return Admission.DUPLICATE, None, []
            case Sameness.SAME | Sameness.MOVED_IN_TIME:
                # The card was put in again: its bytes are known, how its file system counts them is new.
                again = replace(known, inode=seen.inode, mtime_ns=seen.mtime_ns)
                self._board.seen_again(again)
                return Admission.DUPLICATE, again, [put_clip(again)]
            case Sameness.GROWN:
                grown = replace(
                    seen, id=known.id, revision=known.revision, first_seen=known.first_seen, born=known.born
                )
                if seen.complete:
                    return Admission.UPDATED, grown, self._rows(source, grown, "clip.completed")
                # A row each second for hours would tell nobody anything.
                return Admission.GROWN, grown, []
            case Sameness.CHANGED:
                changed = replace(
                    seen,
                    id=known.id,
                    revision=known.revision + 1,
                    first_seen=known.first_seen,
                    born=known.born,
                )
                self._end_jobs(known, StepState.WITHDRAWN, f"replaced by revision {changed.revision}")
                past = put_revision(known, self._clock())
                return (
                    Admission.UPDATED,
                    changed,
                    [past, *stale.get(known.id, ()), *self._rows(source, changed, "clip.changed")],
                )
            case _:
                reason = (
                    f"another recording took the name {seen.path} on {seen.card}; this one was not delivered"
                )
                self._end_jobs(known, StepState.PARKED, reason)
                answer, clip, rows = self._new(source, seen)
                return answer, clip, [put_clip(known, superseded=True), *rows]

    def _new(self, source: str, seen: Clip) -> tuple[Admission, Clip, list[Change]]:
        clip = replace(seen, id=new_clip_id(), revision=1, first_seen=self._clock())
        return Admission.NEW, clip, self._rows(source, clip, ADMITTED)

    def _rows(self, source: str, clip: Clip, event: str) -> list[Change]:
        rows: list[Change] = [
            replace(put_clip(clip), new=event == ADMITTED),
            replace(put_backlog(clip.id), new=event == ADMITTED),
            self._journal.event(
                event, clip=clip.id, component=source, name=clip.filename, path=clip.path, card=clip.card,
                size=clip.size, revision=clip.revision, completed_by=clip.completed_by,
                recording=None if clip.complete else True,
            ),
        ]  # fmt: skip
        if clip.meta:
            values = {name: value for name, value in clip.meta.items() if name != "problem"}
            rows += put_finding(
                source, Finding(clip=clip.id, values=values, problem=str(clip.meta.get("problem", "")))
            )
        return rows

    async def _stale_findings(
        self, known: Mapping[tuple[str, str], Clip], seen: Sequence[Clip]
    ) -> Mapping[str, Sequence[Change]]:
        """By clip, what was found in bytes that are no more, and what these matched; what a person said stays."""
        places = ((known.get((clip.volume, clip.path)), clip) for clip in map(_storable, seen))
        changed = {
            before.id for before, clip in places if before and compare(before, clip) is Sameness.CHANGED
        }
        if not changed:
            return {}
        where, values = among("clip", changed)
        rows = await self._ledger.query(
            f"SELECT clip, annotator FROM findings WHERE {where} AND basis <> 'person'",  # noqa: S608 - our own
            values,
        )
        found: dict[str, list[Change]] = {}
        for clip, annotator in rows:
            found.setdefault(clip, []).extend(Delete(table, (clip, annotator)) for table in (FINDINGS, LINKS))
        return found

    def _end_jobs(self, clip: Clip, state: StepState, reason: str) -> None:
        for job in self._board.jobs_of(clip.id):
            for step in list(self._board.steps_of(job.id)):
                if not step.state.settled or (
                    state is StepState.WITHDRAWN and step.state is StepState.PARKED
                ):
                    self._board.decide(replace(step, state=state, reason=reason))

    async def records(self, source: str, records: Sequence[Record]) -> None:
        """Admit what devices said; one event a batch."""
        if records:
            disputed = sum(bool(record.conflicts) for record in records)
            told = self._journal.event(
                "records.admitted", component=source, count=len(records), conflicts=disputed or None
            )
            heeded = self._preparation.put_records(told.row[0], [record.id for record in records])
            # Shielded as above: annotators would hear of them with the next records only.
            with trio.CancelScope(shield=True):
                await self._ledger.write([*map(put_record, records), told, *heeded])
                self._preparation.enqueue_records()

    async def devices(self, devices: Sequence[Device]) -> None:
        """Admit which devices are present; of facts that are new the ledger is not told."""
        known = self._devices.all
        news = [device for device in devices if known.get((device.source, device.id)) != device]
        await self._ledger.write([put_device(device) for device in news])
        self._devices.tell(devices)


def _rows_at(query: Query, places: Collection[tuple[str, str]]) -> Sequence[tuple[Any, ...]]:
    """The rows of the clips that have these volumes and paths: few columns of a million rows are looked through, and
    all of those found.
    """
    volumes, of_these = among("volume", {volume for volume, _ in places})
    paths, and_these = among("path", {path for _, path in places})
    found = query(
        f"SELECT volume, path, id FROM clips WHERE {volumes} AND {paths} AND NOT superseded AND parent = ''",  # noqa: S608 - our own
        [*of_these, *and_these],
    )
    where, ids = among("id", [id_ for *place, id_ in found if tuple(place) in places])
    return query(f"SELECT * FROM clips WHERE {where}", ids) if ids else []  # noqa: S608 - our own


def _storable(seen: Clip) -> Clip:
    """The clip as the ledger can hold it."""
    mtime_ns = min(max(seen.mtime_ns, -_MOST_NS), _MOST_NS)
    kept = replace(
        seen, volume=text(seen.volume), card=text(seen.card), path=text(seen.path), mtime_ns=mtime_ns
    )
    if (kept.volume, kept.path) == (seen.volume, seen.path):
        return kept
    where = "its name is" if kept.volume == seen.volume else "the name of its folder is"
    problem = f"{where} not UTF-8; rename it on the card"
    return replace(kept, meta={**seen.meta, "problem": problem})


class SourceIntake:
    """`rushes.contract.Intake` for one source."""

    def __init__(
        self, source: str, admissions: Admissions, pulse: Pulse, worked: Callable[[], None] = lambda: None
    ) -> None:
        self.caught = False
        self._worked = worked
        self._source = source
        self._admissions = admissions
        self._pulse = pulse

    async def clips(self, clips: Sequence[Clip], /) -> Sequence[Admission]:
        answers = await self._admissions.clips(self._source, clips)
        self._worked()
        return answers

    async def records(self, records: Sequence[Record], /) -> None:
        await self._admissions.records(self._source, records)
        self._worked()

    async def devices(self, devices: Sequence[Device], /) -> None:
        await self._admissions.devices(devices)

    async def caught_up(self) -> None:
        await trio.lowlevel.checkpoint()
        self.caught = True
        self._worked()
        self._pulse.beat()
