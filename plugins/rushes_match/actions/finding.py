"""Which clip or record a person means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rushes import Context, NotFound, Permanent

#: So many are named where several are meant.
_MOST_NAMED = 4

_CLIPS = """
    SELECT id, CASE WHEN extension = '' THEN name ELSE parse_filename(path) END AS file, card, path, kind, role
    FROM clips WHERE NOT superseded AND parent = ''
    AND (id = ? OR parse_filename(path) = ? OR name = ? OR path = ? OR (length(?) > 5 AND starts_with(id, ?)))
    ORDER BY id
"""
_RECORDS = "SELECT id, kind FROM records WHERE NOT deleted AND id = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Meant:
    """`kind` is video, audio ... of a clip; "record" of a record. `role`, `card` and `path` are a clip's."""

    id: str
    name: str
    kind: str
    role: str = ""
    card: str = ""
    path: str = ""


async def find(context: Context, said: str) -> Meant:
    """The clip of that id, start of an id, file name or path, or the record of that id.

    Raises NotFound, and Permanent where several are meant.
    """
    rows = await context.catalog.query(_CLIPS, [said] * 6) if said else []
    by_id = [row for row in rows if row[0] == said]
    for found in (by_id, rows):
        if len(found) == 1:
            id_, name, card, path, kind, role = found[0]
            return Meant(id_, name, kind, role, card, path)
    if rows:
        raise Permanent(f"{len(rows)} clips are called {said}; give the id of one: {_named(rows)}")
    if said and (records := await context.catalog.query(_RECORDS, [said])):
        return Meant(records[0][0], records[0][0], "record")
    raise NotFound(f"no clip or record {said or 'is named'}; see: pipeline match FILE list --all")


def _named(rows: Sequence[Sequence[str]]) -> str:
    told = ", ".join(f"{row[0]} ({row[2]}: {row[3]})" for row in rows[:_MOST_NAMED])
    more = len(rows) - _MOST_NAMED
    return told + (f" and {more} more" if more > 0 else "")
