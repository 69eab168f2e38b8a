"""Sink `tus`: uploads part by part, and goes on from what the server has."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

from rushes import Clip, Context, Receipt, Report, Resume, Transient
from trio.to_thread import run_sync as in_thread

from rushes_plugin_example.options import TusOptions
from rushes_plugin_example.protocol import Tus, client_of


@asynccontextmanager
async def open_tus(options: TusOptions, context: Context) -> AsyncIterator["TusSink"]:
    """Raises Unavailable while the server is not there: opening is tried again, with backoff."""
    async with client_of(options) as client:
        tus = Tus(client, options.url)
        await tus.greet()
        yield TusSink(tus, options.part_size, context)


class TusSink:
    def __init__(self, tus: Tus, part_size: int, context: Context) -> None:
        self._tus = tus
        self._part_size = part_size
        self._context = context

    async def deliver(self, clip: Clip, resume: Resume | None, report: Report, /) -> Receipt:
        mark = {"bytes": clip.bytes_mark, "size": clip.size, "part_size": self._part_size}
        with await in_thread(self._context.open, clip) as source:
            place, there, reported = await self._place(clip, mark, resume, report)
            sent = 0
            for number, start in enumerate(range(0, clip.size, self._part_size)):
                end = min(start + self._part_size, clip.size)
                if end > there:
                    await report.proceed()  # does not return while the pipeline drains
                    content = await in_thread(self._read, clip, source, max(start, there), end)
                    await self._tus.append(place, max(start, there), content)
                    sent += len(content)
                if number not in reported:
                    await report.part(number)
                self._context.progress(end, clip.size)
            await in_thread(self._context.verify, clip, source)
        return Receipt(where=place, size=clip.size, sent=sent)

    async def _place(
        self, clip: Clip, mark: Mapping[str, Any], resume: Resume | None, report: Report
    ) -> tuple[str, int, set[int]]:
        """Where the clip goes, the bytes that are there, and the parts that are reported.

        An earlier call's place is used where it is of these bytes and the server has all that was
        reported. It may have more: its answer, or our report, was lost.
        """
        if resume is not None and {**resume.head, "place": None} == {**mark, "place": None}:
            place = str(resume.head["place"])
            there = await self._tus.offset(place)
            ends = [min((number + 1) * self._part_size, clip.size) for number in resume.parts]
            if there is not None and there >= max(ends, default=0):
                return place, there, set(resume.parts)
        await report.intend()  # a crash before `begin` leaves an empty upload: it is counted
        place = await self._tus.create(clip.filename, clip.size)
        await report.begin({**mark, "place": place})
        return place, 0, set()

    def _read(self, clip: Clip, source: BinaryIO, start: int, end: int) -> bytes:
        try:
            content = os.pread(source.fileno(), end - start, start)
        except OSError as error:
            self._context.path(clip)  # MediaGone where the card was pulled
            raise Transient(f"{clip.filename}: cannot be read ({error.strerror})") from error
        if len(content) < end - start:
            self._context.verify(clip, source)  # Permanent where the file has changed
            raise Transient(f"{clip.filename}: its end cannot be read; check the card")
        return content
