"""Open, close, open again: in turn, after a failure, cancelled at every checkpoint of opening and closing."""

from __future__ import annotations

from rushes.testing.bench import Bench, must_have
from rushes.testing.cuts import call_cut, spread
from rushes.testing.promises import broken, works


class _BodyError(Exception):
    """What happens to the engine while it holds a component."""


async def check_lives(bench: Bench, verb: str, cuts: int) -> None:
    """Two lives in turn, one that ends by a failure, one cut at each checkpoint, and one that still works."""
    name = bench.spec.name
    for number in ("", " a second time"):
        with works(f"opening {name}{number}"):
            async with bench.life() as part:
                must_have(part, verb, bench.spec)
    await _fails(bench)

    async def whole_life() -> None:
        async with bench.life():
            pass

    whole = await call_cut(f"opening {name}", whole_life)
    for at in spread(whole.steps, cuts):
        await call_cut(f"opening {name}", whole_life, at)
    with works(f"opening {name} after it was cancelled while opening"):
        await whole_life()


async def _fails(bench: Bench) -> None:
    """A failure of the engine's goes through the life, which closes; then it opens again."""
    name, failure = bench.spec.name, _BodyError("the engine's own")
    try:
        async with bench.life():
            raise failure
    except _BodyError:
        pass
    except (Exception, BaseExceptionGroup) as other:  # noqa: BLE001 - which one is what matters
        if not _holds(other, failure):
            broken(
                f"closing {name} replaced the failure it was closed by with {type(other).__name__}: {other}",
                other,
            )
    else:
        broken(f"the life of {name} swallowed the failure it was closed by; let it through")
    with works(f"opening {name} after it was closed by a failure"):
        async with bench.life():
            pass


def _holds(group: BaseException, failure: BaseException) -> bool:
    """Whether it is the failure, alone in whatever groups a nursery wrapped it in."""
    while isinstance(group, BaseExceptionGroup) and len(group.exceptions) == 1:
        group = group.exceptions[0]
    return group is failure
