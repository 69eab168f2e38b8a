"""What people decided, remembered in the component's store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rushes import Store
from rushes_match.items import Decision

_KEY = "decisions"


async def decisions(store: Store) -> Sequence[Decision]:
    """In the order in which they were made; of one pair the last."""
    return [Decision(**told) for told in await store.get(_KEY, [])]


async def decide(store: Store, decision: Decision) -> None:
    """Remember it in place of what was decided of the pair before."""
    kept = [asdict(one) for one in await decisions(store) if not _same(one, decision)]
    await store.set(_KEY, [*kept, asdict(decision)])


async def forget(store: Store, decision: Decision) -> bool:
    """Whether anything was decided of that pair."""
    known = await decisions(store)
    kept = [asdict(one) for one in known if not _same(one, decision)]
    if len(kept) < len(known):
        await store.set(_KEY, kept)
    return len(kept) < len(known)


def _same(one: Decision, other: Decision) -> bool:
    return (one.picture, one.sound) == (other.picture, other.sound)
