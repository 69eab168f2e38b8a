"""Annotators for engine tests that name clips to be annotated again."""

from __future__ import annotations

import trio

from engine_rig import CallSource, FunctionSink, ListSource, component, simple
from rushes import Finding, Link, Record


class Affecting:
    """Annotates by one function and names clips by another; keeps the names and the metadata it was given."""

    def __init__(self, annotate=lambda _clip: {}, affected=lambda _clips, _records: ()):
        self.batches = []
        self.seen = {}
        self.records = []
        self.context = None
        self._annotate = annotate
        self._affected = affected

    async def annotate(self, clips):
        await trio.lowlevel.checkpoint()
        self.batches.append([clip.filename for clip in clips])
        self.seen.update((clip.filename, dict(clip.meta)) for clip in clips)
        found = [self._annotate(clip) for clip in clips]
        return [
            each if isinstance(each, Finding) else Finding(clip=clip.id, values=each)
            for clip, each in zip(clips, found, strict=True)
            if each is not None
        ]

    async def affected(self, clips, records):
        await trio.lowlevel.checkpoint()
        self.records += records
        return self._affected(clips, records)


class Couples:
    """Clips and records of one stem belong together: each side is matched once the other is in the ledger."""

    def __init__(self, hold=None):
        self.context = None
        self.batches = []
        self.asked = []
        self._hold = hold

    async def annotate(self, clips):
        self.batches.append([clip.filename for clip in clips])
        if self._hold is not None:
            await self._hold(clips)
        findings = []
        for clip in clips:
            others = await self._partners(clip)
            scene = await self.context.catalog.query(
                "SELECT data->>'scene' FROM records WHERE id = ?", [clip.name]
            )
            values = {"matched": "matched" if others else "none"} | ({"scene": scene[0][0]} if scene else {})
            links = [Link(clip=clip.id, other=other, kind="sound", score=1.0) for other in others]
            findings.append(Finding(clip=clip.id, values=values, links=links))
        return findings

    async def _partners(self, clip):
        rows = await self.context.catalog.query(
            "SELECT id FROM clips WHERE name = ? AND id <> ?", [clip.name, clip.id]
        )
        return [name for (name,) in rows]

    async def affected(self, clips, records):
        self.asked.append((len(clips), sorted(records)))
        query = self.context.catalog.query
        if records:
            return [clip for clip, name in await query("SELECT id, name FROM clips") if name in records]
        told = {clip for (clip,) in await query("SELECT clip FROM links")} | {clip.id for clip in clips}
        return {name for clip in clips for name in await self._partners(clip)} - told


def annotator(name, part, **options):
    return component("annotator", name, part, **options)


def record(name, **data):
    return Record(
        id=name, source="hub", kind="clip", device="d", clock={}, data=data, rate="24", rate_from=""
    )


class Naming:
    """Says how often a clip was looked at; `affected` is given."""

    def __init__(self, affected):
        self.batches = []
        self.context = None
        self._affected = affected

    async def annotate(self, clips):
        await trio.lowlevel.checkpoint()
        self.batches.append([clip.filename for clip in clips])
        return [Finding(clip=clip.id, values={"take": str(len(self.batches))}) for clip in clips]

    async def affected(self, clips, records):
        await trio.lowlevel.checkpoint()
        return await self._affected(clips, records)


def once(result):
    async def affected(_clips, _records):
        if isinstance(result, type):
            raise result("x")
        return result

    return affected


def made(tmp_path, part, *clips, **options):
    prepare = [component("annotator", "match", part)]
    source = CallSource(options.pop("run")) if "run" in options else ListSource(list(clips))
    return simple(tmp_path, source, options.pop("sink", None) or FunctionSink(), prepare=prepare, **options)
