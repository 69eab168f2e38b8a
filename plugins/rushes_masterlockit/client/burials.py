"""Clips that were deleted on the hub while nothing ran here: deleted here too, as soon as something does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from rushes import Context
from rushes_masterlockit.formats import parse_demand

if TYPE_CHECKING:
    from rushes_masterlockit.repository import Repository

_DUE = "deleted_at_rest"


async def bury(repository: Repository, ids: Sequence[str]) -> None:
    """Durable when it returns."""
    if ids:
        await repository.delete(parse_demand(msgspec.json.encode({"clips": ids})))


async def bury_later(context: Context, ids: Sequence[str]) -> None:
    """Durable when it returns; see `bury_due`."""
    if ids:
        await context.store.set(_DUE, [*await context.store.get(_DUE, []), *ids])


async def buried_later(context: Context) -> Collection[str]:
    """The clips that `bury_due` would delete."""
    return frozenset(await context.store.get(_DUE, []))


async def bury_due(context: Context, repository: Repository) -> None:
    """Before anything is given to the hub: it would be given back what was deleted there."""
    if due := await context.store.get(_DUE, []):
        await bury(repository, due)
        await context.store.delete(_DUE)
