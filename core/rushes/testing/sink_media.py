"""What becomes of a delivery whose file is not there, is another one, or goes while it is read."""

from __future__ import annotations

from collections.abc import Callable

from rushes.errors import MediaGone, NotYet, Unavailable
from rushes.model import Clip
from rushes.testing.bench import VOLUME, Bench
from rushes.testing.delivering import Deliveries, Landed
from rushes.testing.promises import broken, expected
from rushes.testing.reporting import WatchedReport


async def check_media(bench: Bench, landed: Landed | None) -> None:
    """A pulled card, a deleted and a changed file, before the call and in the middle of it."""
    async with Deliveries(bench, landed) as deliveries:
        for what, trouble in _TROUBLES.items():
            for begun in (False, True):
                await _trouble(bench, deliveries, what, trouble, begun=begun)


async def _trouble(
    bench: Bench, deliveries: Deliveries, what: str, trouble: Callable[[Bench, Clip], None], *, begun: bool
) -> None:
    clip = bench.clip()
    content = bench.bytes_of(clip)
    bench.spoiled(clip)
    when = "while it was sent" if begun else "before the call"
    doing = f"deliver of a clip that {what} {when}"
    report = WatchedReport(at_proceed=(lambda _count: trouble(bench, clip)) if begun else None)
    if not begun:
        trouble(bench, clip)
    card = bench.context.volumes.get(VOLUME)
    try:
        receipt = await deliveries.once(clip, report)
    except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - judged by `expected`
        cause = expected(failure, doing)
        if isinstance(cause, Unavailable | NotYet):
            broken(
                f"{doing} raised {type(cause).__name__}, which holds up every other clip of the sink: {cause}; "
                "it is MediaGone, Permanent or Transient",
                cause,
            )
        if what == _PULLED and not begun and not isinstance(cause, MediaGone):
            broken(
                f"{doing} raised {type(cause).__name__}; let MediaGone of context.path and context.open through"
            )
    else:
        # A sink that needs no byte of the file may well have delivered it: then it is there as it was admitted.
        await deliveries.judge(clip, receipt, content, doing)
    finally:
        bench.context.volumes[VOLUME] = card or bench.card


def _pull(bench: Bench, _clip: Clip) -> None:
    bench.context.volumes.pop(VOLUME, None)


def _delete(bench: Bench, clip: Clip) -> None:
    bench.file(clip).unlink(missing_ok=True)


def _change(bench: Bench, clip: Clip) -> None:
    """Other bytes of the same length, as a camera that formats and records again leaves."""
    with bench.file(clip).open("r+b") as file:
        file.write(bytes(clip.size))


def _shorten(bench: Bench, clip: Clip) -> None:
    with bench.file(clip).open("r+b") as file:
        file.truncate(clip.size // 3)


_PULLED = "lost its card"
_TROUBLES: dict[str, Callable[[Bench, Clip], None]] = {
    _PULLED: _pull,
    "was deleted": _delete,
    "was changed": _change,
    "became shorter": _shorten,
}
