"""What a transform makes becomes the next steps: when it has returned, or as soon as it announces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

import trio

from rushes.engine.board import BEING_MADE, Board
from rushes.engine.growth import Growth
from rushes.engine.ids import derived_clip_id, step_id
from rushes.engine.journal import Journal
from rushes.engine.queue import REMADE
from rushes.engine.running import Running
from rushes.ledger import Ledger
from rushes.ledger.rows import Job, Step, Verb, put_clip
from rushes.model import Clip, StepState


def follow_up(job: Job, maker: str, position: int, outputs: Mapping[int, Clip]) -> list[Step]:
    """The steps that follow when `position` transforms are done: the next transform, or the deliveries.

    `outputs` are the clips of the last one by their number; ids of steps are made of it.
    """
    components = job.steps[position : position + 1] or job.sinks
    verb: Verb = "apply" if position < len(job.steps) else "deliver"
    return [
        Step(
            id=step_id(maker or job.id, 1 + number * len(components) + index),
            job=job.id,
            maker=maker,
            position=position,
            verb=verb,
            component=component,
            clip=clip.id,
        )
        for number, clip in outputs.items()
        for index, component in enumerate(components)
    ]


class Outputs:
    """Puts the outputs of running transforms on the board, with their steps, and writes them."""

    def __init__(self, board: Board, ledger: Ledger, journal: Journal, growth: Growth) -> None:
        self.growth = growth
        self._board = board
        self._ledger = ledger
        self._journal = journal

    async def announce(self, running: Running, output: Clip) -> None:
        """See `rushes.contract.Context.announce`. The clip and its steps are durable on return."""
        if output.complete or output.id != derived_clip_id(running.step, output.path):
            raise TypeError("announce takes an output made by derive(..., complete=False)")
        await trio.lowlevel.checkpoint()
        step = self._board.steps.get(running.step)
        if step is None or step.state is not StepState.RUNNING:
            return  # somebody decided about it; its cancellation is on its way
        if output.id not in running.announced:
            running.announced.append(output.id)
        self._board.clips[output.id] = output
        self._make_followers(step, {running.announced.index(output.id): output})
        event = self._journal.event(
            "step.announced", clip=self._board.jobs[step.job].clip, job=step.job, step=step.id,
            component=step.component, output=output.filename,
        )  # fmt: skip
        # Shielded: work has begun on it, its rows must be there.
        with trio.CancelScope(shield=True):
            await self._ledger.write([*self._board.take_changes(), put_clip(output), event])

    def made(self, step: Step, running: Running, outputs: Sequence[Clip]) -> None:
        """A transform is done with these: they are complete, and what it has announced besides is not to be."""
        for clip in outputs:
            self._board.clips.setdefault(clip.id, clip)
            self.growth.tell(clip)
        self._make_followers(step, _numbered(running.announced, outputs))
        for other in list(self._board.steps_of(step.job)):
            dropped = other.maker == step.id and not self._board.clips[other.clip].complete
            if dropped and other.state is not StepState.CANCELLED:
                reason = f"{step.component} made no such file after all"
                self._board.decide(replace(other, state=StepState.WITHDRAWN, reason=reason))

    def _make_followers(self, maker: Step, outputs: Mapping[int, Clip]) -> None:
        """The steps on these outputs; of those that are there, the ones that waited for their file go on."""
        for follower in follow_up(self._board.jobs[maker.job], maker.id, maker.position + 1, outputs):
            known = self._board.steps.get(follower.id)
            if known is None:
                self._board.put(follower)
            elif known.reason in {BEING_MADE, REMADE} or known.state is StepState.WITHDRAWN:
                self._board.put(replace(known, clip=follower.clip, state=StepState.READY, reason=""))


def _numbered(announced: Sequence[str], outputs: Sequence[Clip]) -> dict[int, Clip]:
    """Announced outputs keep their numbers, the others take those after them, in order."""
    after = count(len(announced))
    return {announced.index(clip.id) if clip.id in announced else next(after): clip for clip in outputs}
