"""The contract of a transform: `check_transform`."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rushes.contract import AnySpec
from rushes.model import WORK, Clip, Role, Scalar
from rushes.testing.bench import Bench, Ready, bench_of, digest
from rushes.testing.cuts import call_cut, spread
from rushes.testing.leaks import nothing_left
from rushes.testing.lives import check_lives
from rushes.testing.media import damaged, missing, tolerated
from rushes.testing.options import check_options
from rushes.testing.promises import demand, judged, works


@judged
async def check_transform(
    spec: AnySpec,
    options: Mapping[str, Any],
    *,
    folder: Path,
    media: Path | None = None,
    meta: Mapping[str, Scalar] | None = None,
    ready: Ready | None = None,
    size: int = 200_000,
    cuts: int = 20,
    secrets: Collection[str] = (),
) -> None:
    """See that a transform keeps every promise of `rushes.contract`; raises AssertionError with the one it breaks.

    `options` are what a pipeline file would say, `folder` is the test's own. It is given copies of `media`, or `size`
    random bytes, with `meta` as their metadata; `ready(context)` is called with each StandIn before it opens. Made
    twice of the same clip its files must have the same names, ids and bytes. A call is cancelled at each of its
    checkpoints, at `cuts` of them where there are more. `secrets` are texts that may be seen nowhere. Needs the
    real clock.
    """
    checked = check_options("transform", spec, options, secrets)

    def bench(name: str) -> AbstractAsyncContextManager[Bench]:
        return bench_of(
            spec, checked, folder / f"kit-{name}", ready=ready, size=size, media=media, secrets=secrets
        )

    async with bench("first") as first:
        made = await _twice(first, meta)
    async with (
        nothing_left(f"{spec.name}, applied and cancelled again and again,"),
        bench("second") as second,
    ):
        await check_lives(second, "apply", cuts)
        await _cancelled(second, meta, made, cuts)
        async with second.life() as transform:
            for what, clip in [*damaged(second)]:
                doing = f"apply to a clip whose file {what}"
                outputs = await tolerated(doing, lambda clip=clip: transform.apply(clip))  # type: ignore[misc]
                if outputs is not None:
                    _look(second, clip, outputs, doing)
            for what, clip in missing(second):
                await tolerated(
                    f"apply to a clip that {what}",
                    lambda clip=clip: transform.apply(clip),  # type: ignore[misc]
                )


@dataclass(frozen=True, slots=True)
class _Made:
    """One output, as it must be each time."""

    id: str
    path: str
    content: str
    meta: Mapping[str, Scalar]


async def _twice(bench: Bench, meta: Mapping[str, Scalar] | None) -> Sequence[_Made]:
    """Applied to one clip in a fresh workspace, over what is there, and in another life with nothing there."""
    clip = bench.clip(meta=meta)
    async with bench.life() as transform:
        with works("apply"):
            first = _look(bench, clip, await transform.apply(clip), "apply")
        with works("apply, called again as after a crash,"):
            over = _look(bench, clip, await transform.apply(clip), "apply, called again")
    _same(first, over, "apply, called again as after a crash,")
    shutil.rmtree(bench.context.workspace())
    async with bench.life() as transform:
        with works("apply in another life"):
            anew = _look(bench, clip, await transform.apply(clip), "apply in another life")
    _same(first, anew, "apply in another life")
    return first


async def _cancelled(
    bench: Bench, meta: Mapping[str, Scalar] | None, made: Sequence[_Made], cuts: int
) -> None:
    """Cut at each checkpoint, then called again over what that left: the same files as if nothing had happened."""
    clip = bench.clip(meta=meta)
    async with bench.life() as transform:
        whole = await call_cut("apply", lambda: transform.apply(clip))
        for at in spread(whole.steps, cuts):
            shutil.rmtree(bench.context.workspace())
            await call_cut("apply", lambda: transform.apply(clip), at)
            doing = f"apply, called again after a cancellation at checkpoint {at},"
            with works(doing):
                _same(made, _look(bench, clip, await transform.apply(clip), doing), doing)


def _look(bench: Bench, clip: Clip, outputs: object, doing: str) -> Sequence[_Made]:
    """The outputs, each judged: derived of the clip, a whole file in the workspace."""
    demand(
        isinstance(outputs, Sequence) and all(isinstance(output, Clip) for output in outputs),
        f"{doing} returned {outputs!r}; it returns a list of clips",
    )
    assert isinstance(outputs, Sequence)
    made = []
    for output in outputs:
        if output == clip:
            continue
        demand(
            output.volume == WORK and output.parent == clip.id and output.revision == clip.revision,
            f"{doing} returned {output.path}, which is no derived clip; make it with context.derive",
        )
        demand(
            output.role is not Role.ORIGINAL,
            f"{doing} returned {output.filename} as an original; name its role",
        )
        path = bench.context.volumes[WORK] / output.path
        demand(path.is_file(), f"{doing} returned {output.filename}, but no such file is in the workspace")
        status = path.stat()
        demand(
            (output.size, output.mtime_ns) == (status.st_size, status.st_mtime_ns) and output.complete,
            f"{doing} returned {output.filename} before it was whole: its size or mtime is another one now",
        )
        odd = [
            name for name, value in output.meta.items() if not isinstance(value, str | int | float | datetime)
        ]
        demand(
            not odd, f"{doing} returned {output.filename} with metadata that is no scalar: {', '.join(odd)}"
        )
        made.append(_Made(output.id, output.path, digest(path), dict(output.meta)))
    names = [each.path for each in made]
    demand(len(set(names)) == len(names), f"{doing} returned one file twice: {', '.join(sorted(names))}")
    return made


def _same(before: Sequence[_Made], after: Sequence[_Made], doing: str) -> None:
    paths = [each.path for each in before], [each.path for each in after]
    demand(
        paths[0] == paths[1],
        f"{doing} made {paths[1]} of the same clip, not {paths[0]}; it makes the same files",
    )
    for old, new in zip(before, after, strict=True):
        demand(old.id == new.id, f"{doing} gave {old.path} another id; take it from context.derive")
        demand(old.content == new.content, f"{doing} made {old.path} with other bytes of the same clip")
        demand(old.meta == new.meta, f"{doing} gave {old.path} other metadata of the same clip")
