"""One annotator at work: lent from its host's life, asked about batches, blamed for one clip at a time."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import trio

from rushes.contract import Affecting, Annotator
from rushes.engine.host import NOT_OURS, Host, only_cause
from rushes.engine.journal import Journal
from rushes.engine.pulse import Pulse
from rushes.engine.work import MOST_FAULTS
from rushes.errors import MediaGone, RushesError, Transient, Unavailable, in_words
from rushes.ledger import Ledger
from rushes.model import Clip, Finding
from rushes.retry import Backoff

#: Records of one question: an annotator looks for all of them at once.
RECORDS = 1_000

T = TypeVar("T", Clip, str)


@dataclass(slots=True)
class Answer:
    """What an annotator found, which other clips it wants to see again, and what it was not asked: card gone."""

    findings: list[Finding] = field(default_factory=list)
    affected: set[str] = field(default_factory=set)
    absent: list[Clip] = field(default_factory=list)


class Annotating:
    """Asks one annotator, whatever becomes of it in between."""

    def __init__(self, host: Host, ledger: Ledger, journal: Journal) -> None:
        self.host = host
        self._ledger = ledger
        self._journal = journal
        self._lent = _Lent()

    async def serve(self) -> None:
        """Keep the annotator open."""
        await self.host.live(self._lent.lend)

    @property
    def heeds_records(self) -> bool:
        """Whether records may matter to it; not known before it opened for the first time."""
        return self._lent.affecting

    async def annotate(self, clips: Sequence[Clip], gone: Callable[[Sequence[Clip]], None]) -> Answer:
        """What it says of the clips; `gone` is told at once of those whose card is not there."""
        answer = Answer()

        async def ask(part: Annotator, asked: Sequence[Clip]) -> None:
            findings = _checked(await part.annotate(asked), asked)
            affected = _named(await part.affected(asked, ())) if isinstance(part, Affecting) else ()
            answer.findings += findings
            answer.affected.update(affected)

        def blame(clip: Clip, cause: BaseException) -> None:
            answer.findings.append(self._blamed(clip, cause))

        def present(asked: Sequence[Clip], cause: MediaGone) -> Sequence[Clip]:
            absent = [clip for clip in asked if clip.volume == cause.volume]
            if absent:
                answer.absent += absent
                gone(absent)
            return [clip for clip in asked if clip.volume != cause.volume]

        await self._ask(clips, ask, blame, present)
        return answer

    async def affected_by(self, records: Sequence[str]) -> set[str]:
        """The clips that the records make it want to see again."""
        affected: set[str] = set()

        async def ask(part: Annotator, asked: Sequence[str]) -> None:
            if isinstance(part, Affecting):
                affected.update(_named(await part.affected((), asked)))

        def blame(record: str, cause: BaseException) -> None:
            # No clip is broken because of it.
            self._tell(f"record {record}: {_reason(self.host, cause)}", cause)

        for start in range(0, len(records), RECORDS):
            await self._ask(records[start : start + RECORDS], ask, blame, lambda asked, _cause: asked)
        return affected

    async def _ask(
        self,
        asked: Sequence[T],
        ask: Callable[[Annotator, Sequence[T]], Awaitable[None]],
        blame: Callable[[T, BaseException], None],
        present: Callable[[Sequence[T], MediaGone], Sequence[T]],
    ) -> None:
        failures = faults = 0
        while asked:
            part = await self._lent.borrow()
            try:
                await ask(part, asked)
            except BaseException as failure:
                cause = only_cause(failure)
                if isinstance(cause, NOT_OURS):
                    raise
            else:
                self.host.worked()
                return
            here = present(asked, cause) if isinstance(cause, MediaGone) else asked
            if len(here) < len(asked):
                asked = here
            elif isinstance(cause, Unavailable):
                self._lent.give_back(cause)
            elif isinstance(cause, Transient) and faults < MOST_FAULTS - 1:
                failures += 1
                faults += cause.blame == "clip"
                await trio.sleep(max(Backoff().wait(failures), cause.retry_after or 0.0))
            elif len(asked) == 1:
                blame(asked[0], cause)
                return
            else:
                # One clip's trouble must not be the others': find it by halves.
                half = len(asked) // 2
                await self._ask(asked[:half], ask, blame, present)
                await self._ask(asked[half:], ask, blame, present)
                return

    def _blamed(self, clip: Clip, cause: BaseException) -> Finding:
        reason = _reason(self.host, cause)
        if not isinstance(cause, RushesError):
            self._tell(reason, cause, clip=clip.id)
        return Finding(clip=clip.id, problem=reason)

    def _tell(self, reason: str, cause: BaseException, *, clip: str = "") -> None:
        detail = "".join(traceback.format_exception(cause))
        component = self.host.component.id
        event = self._journal.event(
            "component.failed", clip=clip, component=component, reason=reason, traceback=detail
        )
        self._ledger.post([event])


def _reason(host: Host, cause: BaseException) -> str:
    name = host.component.use
    if isinstance(cause, RushesError):
        return f"{name}: {cause}"
    return f"bug in {name}: {in_words(cause)}"


def _checked(findings: Sequence[Finding], clips: Sequence[Clip]) -> list[Finding]:
    """The findings, if they are findings about these clips; a TypeError is the annotator's bug."""
    asked = {clip.id for clip in clips}
    for finding in findings:
        if not isinstance(finding, Finding) or finding.clip not in asked:
            raise TypeError(
                f"an annotator answers with findings about the clips it was asked for, not {finding!r:.100}"
            )
    return list(findings)


def _named(affected: Collection[str]) -> set[str]:
    """The ids of clips, if they are that; a TypeError is the annotator's bug."""
    names = isinstance(affected, Collection) and all(isinstance(name, str) for name in affected)
    if not names or isinstance(affected, str):
        raise TypeError(f"affected answers with ids of clips, not {affected!r:.100}")
    return set(affected)


class _Lent:
    """Hands an open annotator from its host's life to the batches."""

    def __init__(self) -> None:
        self.affecting = True
        self._part: Annotator | None = None
        self._pulse = Pulse()
        self._lost: Unavailable | None = None

    async def lend(self, part: Annotator) -> None:
        """The host's `life`: ends, by raising, when a batch found the component without its world."""
        self._part, self._lost = part, None
        self.affecting = isinstance(part, Affecting)
        self._pulse.beat()
        try:
            while True:
                seen = self._pulse.count
                if self._lost is not None:
                    raise self._lost
                await self._pulse.after(seen)
        finally:
            self._part = None

    async def borrow(self) -> Annotator:
        """The open annotator, as soon as there is one."""
        while True:
            seen = self._pulse.count
            if self._part is not None and self._lost is None:
                return self._part
            await self._pulse.after(seen)

    def give_back(self, lost: Unavailable) -> None:
        """It has lost its world."""
        self._lost = lost
        self._pulse.beat()
