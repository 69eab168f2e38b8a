"""Edits that a person makes while nothing runs here: a part of the repository as soon as something does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from rushes import Context, NotFound, Permanent
from rushes_masterlockit.client.burials import buried_later
from rushes_masterlockit.repository import LedgerArchive, now_ms
from rushes_masterlockit.versions import absorb, edit

if TYPE_CHECKING:
    from rushes_masterlockit.repository import Repository

#: How long a person who edits is kept waiting for the hub's answer, in seconds.
GIVEN_S = 5.0

#: Why the hub does not have an edit: for good, and for now.
OFF = "send_back is off, the hub does not get it"
LATER = "the hub gets it with the next sync"

_DUE = "edited_at_rest"


async def edited_at_rest(context: Context) -> Mapping[str, dict[str, Any]]:
    """The clips by id as they are since, with our own count in their versions."""
    due: dict[str, dict[str, Any]] = await context.store.get(_DUE, {})
    return due


async def edit_later(context: Context, own: str, clip: str, changes: Mapping[str, Any]) -> bytes:
    """The clip as JSON with these changes; durable when it returns, see `edits_due`. Raises as `by_hand`."""
    archive = LedgerArchive(context.catalog, None, context.id)
    held = (await archive.fetch([clip])).get(clip)
    if held is None or held.deleted or clip in await buried_later(context):
        raise NotFound(f"no clip {clip}; see: pipeline masterlockit clips FILE")
    due = await edited_at_rest(context)
    try:
        if clip in due:
            held, _ = absorb(held, due[clip], own)
        edited = edit(held, {**changes, "id": clip, "updated": now_ms()}, own).data
    except ValueError as error:
        raise Permanent(f"clip {clip[:64]!r}: {error}") from error
    await context.store.set(_DUE, {**due, clip: edited})
    return msgspec.json.encode(edited)


async def edits_due(context: Context, repository: Repository, own: str) -> None:
    """Before the repository is compared with the hub, and before what was deleted at rest is buried."""
    if not (due := await edited_at_rest(context)):
        return
    for outcome in await repository.say(list(due.values()), own):
        if outcome.problem:
            context.log.warning("an edit is lost: %s", outcome.problem)
    await context.store.delete(_DUE)
