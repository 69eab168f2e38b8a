"""The annotator `probe`: what every new clip is, looked up in worker processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import trio

from rushes import Clip, Context, Finding, Kind, MediaGone, Options, Permanent, Spec, WorkerDied
from rushes_media.keys import BESIDE, RECORDING
from rushes_media.worker import picture_of, probe_file

#: Clips looked at together: enough to hide a slow card's latency, few enough for a small machine.
AT_ONCE = 4
#: A look takes milliseconds; a file that holds the reader this long never ends by itself.
PATIENCE_S = 120
#: Who looks at a list of clips waits less than a rule does.
GLANCE_S = 10


class ProbeOptions(Options):
    """`probe` has no options."""


class Probe:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._room = trio.CapacityLimiter(AT_ONCE)

    async def annotate(self, clips: Sequence[Clip], /) -> Sequence[Finding]:
        """One finding for each clip, in order; raises MediaGone when a volume is not there."""
        findings: dict[int, Finding | MediaGone] = {}

        async def find(number: int, clip: Clip) -> None:
            async with self._room:
                try:
                    findings[number] = await self._find(clip)
                except MediaGone as gone:  # kept: out of a nursery it would come wrapped in a group
                    findings[number] = gone

        async with trio.open_nursery() as nursery:
            for number, clip in enumerate(clips):
                nursery.start_soon(find, number, clip)
        answers = []
        for number in range(len(clips)):
            answer = findings[number]
            if isinstance(answer, MediaGone):
                raise answer
            answers.append(answer)
        return answers

    async def picture(self, clip: Clip, width: int, /) -> bytes | None:
        """See `Illustrator.picture`: one picture from near the beginning."""
        path = self._context.path(clip)
        turn, mirrored = _turn(clip)
        with trio.move_on_after(GLANCE_S):
            try:
                return await self._context.call(picture_of, str(path), width, turn, mirrored=mirrored)
            except WorkerDied:
                return None
        return None

    async def _find(self, clip: Clip) -> Finding:
        try:
            path = self._context.path(clip)
            with trio.fail_after(PATIENCE_S):
                facts = await self._context.call(probe_file, str(path), str(clip.kind))
        except Permanent as gone:
            return Finding(clip=clip.id, problem=str(gone))
        except WorkerDied:
            return Finding(clip=clip.id, problem="crashes the reader: its process died looking at it")
        except trio.TooSlowError:
            return Finding(clip=clip.id, problem=f"holds the reader for more than {PATIENCE_S} s")
        except OSError as error:
            self._context.path(clip)  # MediaGone where the card was pulled meanwhile
            return Finding(clip=clip.id, problem=f"cannot be read: {error.strerror or error}")
        return Finding(clip=clip.id, values=facts.values, problem=facts.problem)


@asynccontextmanager
async def open_probe(_options: ProbeOptions, context: Context) -> AsyncIterator[Probe]:
    yield Probe(context)


PROBE = Spec(
    name="probe",
    summary="reads timecode, names, camera settings and formats of pictures, sound, stills, looks and sidecars",
    config=ProbeOptions,
    open=open_probe,
    keys={**RECORDING, **BESIDE},
)


def _turn(clip: Clip) -> tuple[int | None, bool]:
    """Of a still, what its own reader found; a film's file is asked, whose proxy stands upright already."""
    told = clip.meta.get("rotation")
    if clip.kind is not Kind.IMAGE or not isinstance(told, int):
        return None, False
    return told, clip.meta.get("mirrored") == "true"
