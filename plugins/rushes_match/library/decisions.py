"""What people decided, remembered in the component's store, and whose findings are to change by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict

import trio

from rushes import Context, Store
from rushes_match.items import Decision

_KEY = "decisions"
_CONCERNED = "decided_of"
#: What is decided is read, changed and written: one after the other.
TURN = trio.Lock()


async def decisions(store: Store) -> Sequence[Decision]:
    """In the order in which they were made; of one pair the last."""
    return [Decision(**told) for told in await store.get(_KEY, [])]


async def decide(store: Store, decision: Decision) -> None:
    """Remember it in place of what was decided of the pair before."""
    kept = [asdict(one) for one in await decisions(store) if not _same(one, decision)]
    await store.set(_KEY, [*kept, asdict(decision)])


async def forget(store: Store, gone: Collection[Decision]) -> None:
    """As if nobody had decided these."""
    await store.set(_KEY, [asdict(one) for one in await decisions(store) if one not in gone])


@asynccontextmanager
async def concerning(context: Context, ids: Collection[str]) -> AsyncIterator[None]:
    """A change of decisions about these: they are annotated again after it, by the next run if this one dies.

    Who they are is written first. A death in between names them once too often, which changes nothing; the other
    order would leave a decision that nobody heeds.
    """
    await context.store.set(_CONCERNED, sorted({*await context.store.get(_CONCERNED, []), *ids}))
    yield
    await name_concerned(context)


async def name_concerned(context: Context) -> None:
    """Have the clips annotated again that a change of decisions concerned and nobody has named yet."""
    if ids := await context.store.get(_CONCERNED, []):
        await context.again(ids)
        await context.store.delete(_CONCERNED)


def _same(one: Decision, other: Decision) -> bool:
    return (one.picture, one.sound) == (other.picture, other.sound)
