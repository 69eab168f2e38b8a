"""`check_annotator` passes an annotator that keeps its promises, and tells each that a broken one breaks."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager

import pytest
import trio

from rushes import Clip, Finding, Link, Options, Spec
from rushes.testing import check_annotator


class Look:
    def __init__(self, context):
        self.context = context
        self.calls = 0

    async def annotate(self, clips, /):
        self.calls += 1
        found = []
        for clip in clips:
            await trio.lowlevel.checkpoint()
            with self.context.open(clip) as file:
                found.append(self.look(clip, file.read(10)))
        return found

    def look(self, clip, head):
        return Finding(clip=clip.id, values={"scene": head.hex(), "weather": "fine"})


def spec_of(annotator, **more):
    @asynccontextmanager
    async def opened(_options, context):
        yield annotator(context)

    keys = {"keys": {"weather": "how it was"}, **more}
    return Spec(name="look", summary="Looks.", config=Options, open=opened, **keys)


async def test_an_annotator_that_keeps_its_promises_passes(tmp_path):
    await check_annotator(spec_of(Look), {}, folder=tmp_path)


async def test_clips_without_files_are_given_as_they_are(tmp_path):
    seen = []

    class Names(Look):
        async def annotate(self, clips, /):
            seen.extend(clip.id for clip in clips)
            return [Finding(clip=clip.id, values={"scene": clip.name}) for clip in clips]

    await check_annotator(spec_of(Names), {}, folder=tmp_path, clips=[Clip(id="c", volume="v", path="a.mov")])
    assert "c" in seen


class Texts(Look):
    async def annotate(self, clips, /):
        return ["fine" for _ in clips]


class Others(Look):
    def look(self, clip, head):
        return Finding(clip="another")


class Doubles(Look):
    async def annotate(self, clips, /):
        return [*await super().annotate(clips)] * 2


class Undeclared(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, values={"wether": "fine"})


class Lists(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, values={"weather": ["fine"]})


class Lines(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, problem="broken\nreally")


class ForeignLinks(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, links=[Link(clip="another", other=clip.id, kind="sound", score=1.0)])


class Scores(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, links=[Link(clip=clip.id, other="another", kind="sound", score=7.0)])


class Counts(Look):
    calls_ever = itertools.count()

    def look(self, clip, head):
        return Finding(clip=clip.id, values={"take": str(next(self.calls_ever))})


class Remembers(Look):
    """Says less once it was asked: a finding replaces the one before."""

    def look(self, clip, head):
        return super().look(clip, head) if self.calls == 1 else Finding(clip=clip.id)


class Skips(Look):
    """A call that is cancelled has been answered, it thinks."""

    def __init__(self, context):
        super().__init__(context)
        self.done = set()

    async def annotate(self, clips, /):
        new = [clip for clip in clips if clip.id not in self.done]
        try:
            found = await super().annotate(clips)
        except trio.Cancelled:
            self.done.update(clip.id for clip in new)
            raise
        return [finding for finding in found if finding.clip not in self.done]


class Chokes(Look):
    def look(self, clip, head):
        return Finding(clip=clip.id, values={"scene": str(head[0])})


class OneText(Look):
    async def affected(self, clips, records, /):
        return "c1"


class Unknown(Look):
    async def affected(self, clips, records, /):
        return [{}[record] for record in records]


@pytest.mark.parametrize(
    ("annotator", "sentence"),
    [
        (Texts, "it returns a list of findings"),
        (Others, "says something of clip 'another', which was not asked of"),
        (Doubles, "says something twice of one clip"),
        (Undeclared, "'wether', which is neither a column nor among Spec.keys"),
        (Lists, r"says weather = \['fine'\]"),
        (Lines, "a problem of several lines"),
        (ForeignLinks, "links are of its own clip"),
        (Scores, "with a score of 0 to 1"),
        (Counts, "asked again, says something else of the same clip: take was '0' and is '3'"),
        (Remembers, "says something else of the same clip: scene was"),
        (Skips, "after a cancellation at checkpoint .*: a finding before, nothing now"),
        (Chokes, "whose file is empty raised IndexError"),
        (OneText, "affected of 3 clips and 0 records returned 'c1'"),
        (Unknown, "affected of 0 clips and 1 records raised KeyError"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_broken_promise_is_told(tmp_path, annotator, sentence):
    with pytest.raises(AssertionError, match=sentence) as told:
        await check_annotator(spec_of(annotator), {}, folder=tmp_path)
    assert "\n" not in str(told.value)
