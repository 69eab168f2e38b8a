"""The contract of an annotator: `check_annotator`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from rushes.columns import METADATA
from rushes.contract import Affecting, AnySpec
from rushes.model import Clip, Finding, Link, Scalar
from rushes.testing.bench import Bench, Ready, bench_of
from rushes.testing.cuts import call_cut, spread
from rushes.testing.leaks import nothing_left
from rushes.testing.lives import check_lives
from rushes.testing.media import damaged, missing, tolerated
from rushes.testing.options import check_options
from rushes.testing.promises import demand, judged, works

#: Names that a finding may use without the spec declaring them: the columns, and those that change the clip.
KNOWN = frozenset({"kind", "role", *(column.name for column in METADATA)})


@judged
async def check_annotator(
    spec: AnySpec,
    options: Mapping[str, Any],
    *,
    folder: Path,
    media: Path | Sequence[Path] = (),
    clips: Sequence[Clip] = (),
    meta: Mapping[str, Scalar] | None = None,
    ready: Ready | None = None,
    size: int = 20_000,
    cuts: int = 20,
    secrets: Collection[str] = (),
) -> None:
    """See that an annotator keeps every promise of `rushes.contract`; raises AssertionError with the one it breaks.

    `options` are what a pipeline file would say, `folder` is the test's own. It is given copies of `media`, or
    `clips` as they are where it reads no files, or three files of `size` random bytes; with `meta` as their
    metadata. `ready(context)` is called with each StandIn before it opens. Asked twice it must say the same. A call
    is cancelled at each of its checkpoints, at `cuts` of them where there are more. `secrets` are texts that may be
    seen nowhere. Needs the real clock.
    """
    checked = check_options("annotator", spec, options, secrets)
    files = [media] if isinstance(media, Path) else list(media)

    def bench(name: str) -> AbstractAsyncContextManager[Bench]:
        first = files[0] if files else None
        return bench_of(
            spec, checked, folder / f"kit-{name}", ready=ready, size=size, media=first, secrets=secrets
        )

    def given(bench: Bench) -> Sequence[Clip]:
        return clips or [bench.clip(meta=meta, media=file) for file in files or (None, None, None)]

    async with bench("first") as first:
        said = await _twice(first, given(first))
    async with nothing_left(f"{spec.name}, asked and cancelled again and again,"), bench("second") as second:
        await check_lives(second, "annotate", cuts)
        await _cancelled(second, given(second), said, cuts)
        async with second.life() as annotator:
            for what, clip in [*damaged(second)]:
                await _one(annotator, clip, f"annotate of a clip whose file {what}", spec)
            for what, clip in missing(second):
                await _one(annotator, clip, f"annotate of a clip that {what}", spec)
            if isinstance(annotator, Affecting):
                await _affected(annotator, given(second))


async def _one(annotator: Any, clip: Clip, doing: str, spec: AnySpec) -> None:
    found = await tolerated(doing, lambda: annotator.annotate([clip]))
    if found is not None:
        judge(found, [clip], spec, doing)


async def _twice(bench: Bench, clips: Sequence[Clip]) -> Mapping[str, Finding]:
    """Asked of nothing, of all, of all again, and in another life."""
    spec = bench.spec
    async with bench.life() as annotator:
        with works("annotate of no clips"):
            judge(await annotator.annotate([]), [], spec, "annotate of no clips")
        with works("annotate"):
            first = judge(await annotator.annotate(clips), clips, spec, "annotate")
        with works("annotate, asked again,"):
            again = judge(await annotator.annotate(clips), clips, spec, "annotate, asked again,")
    _same(first, again, "annotate, asked again,")
    async with bench.life() as annotator:
        with works("annotate in another life"):
            anew = judge(await annotator.annotate(clips), clips, spec, "annotate in another life")
    _same(first, anew, "annotate in another life")
    return first


async def _cancelled(bench: Bench, clips: Sequence[Clip], said: Mapping[str, Finding], cuts: int) -> None:
    async with bench.life() as annotator:
        whole = await call_cut("annotate", lambda: annotator.annotate(clips))
        for at in spread(whole.steps, cuts):
            await call_cut("annotate", lambda: annotator.annotate(clips), at)
            doing = f"annotate, asked again after a cancellation at checkpoint {at},"
            with works(doing):
                _same(said, judge(await annotator.annotate(clips), clips, bench.spec, doing), doing)


async def _affected(annotator: Affecting, clips: Sequence[Clip]) -> None:
    """Asked with clips that were annotated, with records it may not know, and with neither."""
    for asked, records in ((clips, []), ([], ["no such record"]), ([], [])):
        doing = f"affected of {len(asked)} clips and {len(records)} records"
        with works(doing):
            named = await annotator.affected(asked, records)
        whole = isinstance(named, Collection) and not isinstance(named, str)
        demand(
            whole and all(isinstance(name, str) for name in named),
            f"{doing} returned {named!r}; it returns ids of clips",
        )


def judge(found: object, clips: Sequence[Clip], spec: AnySpec, doing: str) -> Mapping[str, Finding]:
    """The findings by clip; each is of a clip that was asked of, once, with values that a rule can use."""
    demand(
        isinstance(found, Sequence) and all(isinstance(each, Finding) for each in found),
        f"{doing} returned {found!r}; it returns a list of findings",
    )
    assert isinstance(found, Sequence)
    asked = {clip.id for clip in clips}
    for finding in found:
        demand(
            finding.clip in asked, f"{doing} says something of clip '{finding.clip}', which was not asked of"
        )
        demand("\n" not in finding.problem, f"{doing} tells a problem of several lines: {finding.problem!r}")
        for name, value in finding.values.items():
            demand(
                isinstance(value, str | int | float | datetime),
                f"{doing} says {name} = {value!r}; a value is text, a number, true or false, or a datetime",
            )
            demand(
                name in KNOWN or name in spec.keys,
                f"{doing} says '{name}', which is neither a column nor among Spec.keys; declare what it means",
            )
        for link in finding.links:
            sound = isinstance(link, Link) and link.clip == finding.clip and 0 <= link.score <= 1
            demand(
                sound,
                f"{doing} links {link!r}; a finding's links are of its own clip, with a score of 0 to 1",
            )
    said = {finding.clip: finding for finding in found}
    demand(
        len(said) == len(found),
        f"{doing} says something twice of one clip; a finding replaces the one before",
    )
    return said


def _same(before: Mapping[str, Finding], after: Mapping[str, Finding], doing: str) -> None:
    for clip in {**before, **after}:
        old, new = before.get(clip), after.get(clip)
        demand(old == new, f"{doing} says something else of the same clip: {_difference(old, new)}")


def _difference(old: Finding | None, new: Finding | None) -> str:
    if old is None or new is None:
        return f"{'nothing' if old is None else 'a finding'} before, {'nothing' if new is None else 'a finding'} now"
    for name in sorted({*old.values, *new.values}):
        if old.values.get(name) != new.values.get(name):
            return f"{name} was {old.values.get(name)!r} and is {new.values.get(name)!r}"
    return "another problem" if old.problem != new.problem else "other links"
