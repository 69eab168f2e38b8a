"""The repository for an action: the running source's, else what the ledger holds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rushes import Context
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
