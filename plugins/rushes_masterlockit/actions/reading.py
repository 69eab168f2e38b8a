"""What the set remembers, for an action: the running source's, else what the ledger holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from rushes import Context
from rushes_masterlockit.client import buried_later, edited_at_rest
from rushes_masterlockit.repository import LedgerArchive, Repository

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource


async def repository_of(
    options: MasterlockitOptions, context: Context, part: MasterlockitSource | None
) -> Repository:
    """Readable always; to be written to only while the source runs."""
    if part is not None and part.repository is not None:
        return part.repository
    repository = Repository(
        LedgerArchive(context.catalog, None, context.id),
        "",
        bodies=False,
        rate=lambda: options.project_rate or "",
        now=time.time,
    )
    await repository.load()
    return repository


def rate_of(options: MasterlockitOptions, part: MasterlockitSource | None, repository: Repository) -> str:
    """The project's timecode rate: by the options, else by the set; of a set that is not there, what it last was."""
    told = options.project_rate if part is None else part.rate
    return told or repository.project_rate


async def bodies_of(
    repository: Repository, context: Context, part: MasterlockitSource | None, ids: Sequence[str]
) -> Sequence[bytes]:
    """The clips as JSON; at rest without those that a person has deleted since, and as a person has edited them."""
    if part is not None and part.repository is not None:
        return await repository.bodies(ids)
    gone, edited = await buried_later(context), await edited_at_rest(context)
    live = [id_ for id_ in ids if id_ not in gone]
    bodies = await repository.bodies(live)
    if not edited:
        return bodies
    return [
        msgspec.json.encode(edited[id_]) if id_ in edited else body
        for id_, body in zip(live, bodies, strict=True)
    ]
