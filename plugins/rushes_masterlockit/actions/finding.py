"""Which clip a person means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rushes import Context, NotFound, Permanent
from rushes_masterlockit.formats import clip_key

#: So much of an id names a clip, where no other begins so.
LEAST = 6

#: So many are named where several are meant.
_MOST_NAMED = 4

_FIND = """
    SELECT id, name FROM (
        SELECT id, lower(replace(id, '-', '')) AS key,
            json_extract_string(data, ['$.clipName', '$.fileName', '$.clipLabel.name']) AS name
        FROM records WHERE source = ? AND kind IN ('video', 'sound') AND NOT deleted
    ) WHERE id = ? OR key = ? OR list_contains(name, ?) OR (? AND starts_with(key, ?))
    ORDER BY id
"""


class _Found(NamedTuple):
    id: str
    names: Sequence[str | None]


async def find_clip(context: Context, said: str) -> str:
    """The id of the live clip that is meant by its id, by its clip or file name where only one has it, or by the
    start of its id where no other begins so. Raises NotFound, and Permanent where several are meant.
    """
    start = said.replace("-", "").lower()
    asked = [context.id, said, clip_key(said), said, len(start) >= LEAST, start]
    rows = [_Found(*row) for row in await context.catalog.query(_FIND, asked)] if said else []
    same = [row for row in rows if row.id == said] or [
        row for row in rows if clip_key(row.id) == clip_key(said)
    ]
    named = [row for row in rows if said in row.names]
    for found, what in ((same, "have the id"), (named, "are called"), (rows, "have an id that begins with")):
        if len(found) == 1:
            return found[0].id
        if found:
            ids = ", ".join(row.id for row in found[:_MOST_NAMED])
            more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
            raise Permanent(f"{len(found)} clips {what} {said}; give the id of one: {ids}{more}")
    raise NotFound(f"no clip {said or 'is named'}; see: pipeline masterlockit clips FILE")
