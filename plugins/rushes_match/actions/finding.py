"""Which clip or record a person means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rushes import Context, NotFound, Permanent

#: So many are named where several are meant.
_MOST_NAMED = 4

#: By how exactly they are named, as `pipeline explain` does: an id or a place, a whole name, the start of one.
_CLIPS = """
    SELECT id, CASE WHEN extension = '' THEN name ELSE parse_filename(path) END AS file, card, path, kind, role,
        CASE WHEN id = $1 OR path = $1 OR card || '/' || path = $1 THEN 0
        WHEN lower(parse_filename(path)) = lower($1) OR name = $1 OR ends_with(path, '/' || $1) THEN 1
        WHEN (length($1) > 5 AND starts_with(id, $1)) OR starts_with(lower(name), lower($1)) THEN 2
        END AS exactness
    FROM clips WHERE NOT superseded AND parent = '' AND exactness IS NOT NULL
    ORDER BY exactness, card, path, id
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
    """The clip of that id, file name, path, CARD/path, or start of an id or name; or the record of that id.

    Raises NotFound, and Permanent where several are meant.
    """
    rows = await context.catalog.query(_CLIPS, [said]) if said else []
    best = [row for row in rows if row[-1] == rows[0][-1]]
    if len(best) == 1:
        id_, name, card, path, kind, role, _ = best[0]
        return Meant(id_, name, kind, role, card, path)
    if best:
        raise Permanent(f"{len(best)} clips are called {said}; give the id of one: {_named(best)}")
    if said and (records := await context.catalog.query(_RECORDS, [said])):
        return Meant(records[0][0], records[0][0], "record")
    raise NotFound(f"no clip or record {said or 'is named'}; see: pipeline match FILE list --all")


def _named(rows: Sequence[Sequence[str]]) -> str:
    told = ", ".join(f"{row[0]} ({row[2]}: {row[3]})" for row in rows[:_MOST_NAMED])
    more = len(rows) - _MOST_NAMED
    return told + (f" and {more} more" if more > 0 else "")
