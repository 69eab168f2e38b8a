"""Files that no component expects, and what a component may say to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import TypeVar

from rushes.errors import MediaGone, NotYet, Unavailable
from rushes.model import Clip
from rushes.testing.bench import VOLUME, Bench
from rushes.testing.promises import broken, expected

T = TypeVar("T")


def damaged(bench: Bench) -> Iterator[tuple[str, Clip]]:
    """Clips whose file is empty, cut short or full of noise, admitted as they are."""
    for what, spoil in (
        ("is empty", lambda _content: b""),
        ("ends in the middle", lambda content: content[: len(content) // 2]),
        ("is noise", lambda content: Random(len(content)).randbytes(min(len(content), 100_000))),
        ("has noise in it", _with_noise),
    ):
        whole = bench.clip()
        file = bench.file(whole)
        file.write_bytes(spoil(file.read_bytes()))
        yield what, bench.admit(file, whole.id)


def _with_noise(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + Random(middle).randbytes(min(1000, middle)) + content[middle + 1000 :]


def missing(bench: Bench) -> Iterator[tuple[str, Clip]]:
    """Clips whose card is pulled, whose file is deleted, whose file is another one by now."""
    clip = bench.clip()
    bench.spoiled(clip)
    card = bench.context.volumes.pop(VOLUME)
    try:
        yield "lost its card", clip
    finally:
        bench.context.volumes[VOLUME] = card
    clip = bench.clip()
    bench.spoiled(clip)
    bench.file(clip).unlink()
    yield "was deleted", clip
    clip = bench.clip()
    bench.spoiled(clip)
    bench.file(clip).write_bytes(b"another recording under the same name")
    yield "is another file by now", clip


async def tolerated(doing: str, operation: Callable[[], Awaitable[T]]) -> T | None:
    """The answer, or None where it was an expected failure that concerns this clip alone."""
    try:
        return await operation()
    except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - judged by `expected`
        cause = expected(failure, doing)
        if isinstance(cause, Unavailable) or (isinstance(cause, NotYet) and not cause.until):
            broken(f"{doing} raised {type(cause).__name__}, which holds up every other clip: {cause}", cause)
        if isinstance(cause, MediaGone) and "card" not in doing:
            broken(f"{doing} raised MediaGone although its card is there: {cause}", cause)
        return None
