"""What people call a clip or a job: an id, the start of one, a name, a path."""

from __future__ import annotations

from collections.abc import Sequence

from rushes.errors import NotFound
from rushes.ledger import Query

MOST_NAMED = 6

#: Clips that a reference names, those first that it names most exactly.
_NAMED = f"""
    SELECT CASE
        WHEN id = $1 OR path = $1 OR card || '/' || path = $1 THEN 0
        WHEN name = $1 OR lower(name || '.' || extension) = lower($1) OR ends_with(path, '/' || $1) THEN 1
        WHEN starts_with(id, $1) OR starts_with(lower(name), lower($1)) THEN 2
        END AS exactness, id, card || '/' || path
    FROM clips WHERE exactness IS NOT NULL AND parent = '' AND NOT superseded
    ORDER BY exactness, card, path LIMIT {MOST_NAMED + 1}
"""  # noqa: S608 - a number


def find_clip(query: Query, reference: str) -> str:
    """The id of the clip that an id, a file name, the start of either, a path or CARD/path names. Raises NotFound."""
    if query("SELECT 1 FROM clips WHERE id = ? AND parent = '' AND NOT superseded", [reference]):
        return reference  # at once: of a long list every name would be looked at
    rows = query(_NAMED, [reference]) if reference else []
    if not rows:
        raise NotFound(f"no clip {reference}; give an id, a file name, a path or CARD/path")
    best = [row for row in rows if row[0] == rows[0][0]]
    if len(best) > 1:
        named = ", ".join(f"{place} ({name})" for _, name, place in best[:MOST_NAMED])
        raise NotFound(f"{reference} names several clips: {named}; give CARD/path or the id")
    return str(best[0][1])


def find_job(query: Query, reference: str) -> str:
    """The id of the one job that `reference` (an id or the start of one) names. Raises NotFound."""
    rows = query("SELECT id FROM jobs WHERE starts_with(id, ?) ORDER BY id LIMIT 3", [reference])
    if not reference or not rows:
        raise NotFound(f"no job {reference}; see pipeline queue FILE list")
    if len(rows) > 1 and reference not in {row[0] for row in rows}:
        raise NotFound(f"{reference} names several jobs; give more of the id")
    return reference if len(rows) > 1 else str(rows[0][0])


def named_jobs(query: Query, references: Sequence[str], *, one: bool) -> list[str]:
    """The job of each id (or start of one), else all jobs of the clip that it names, the oldest first.

    Where `one` of a clip's jobs must be meant and more are not over, a person says which. Raises NotFound.
    """
    found = [name for reference in references for name in _jobs_of(query, reference, one=one)]
    return list(dict.fromkeys(found))


def _jobs_of(query: Query, reference: str, *, one: bool) -> list[str]:
    if reference and query("SELECT 1 FROM jobs WHERE starts_with(id, ?) LIMIT 1", [reference]):
        return [find_job(query, reference)]
    try:
        clip = find_clip(query, reference)
    except NotFound as error:
        if "several" in str(error):
            raise
        raise NotFound(f"no job or clip {reference}; see pipeline queue FILE list") from error
    jobs = query("SELECT id, route, over FROM jobs WHERE clip = ? ORDER BY created, id", [clip])
    if not jobs:
        raise NotFound(f"{reference} has no job: no route took it; see pipeline explain FILE {reference}")
    open_ = [f"{name} ({route})" for name, route, over in jobs if not over]
    if one and len(open_) > 1:
        raise NotFound(f"{reference} has several jobs: {', '.join(open_)}; give the id of one")
    return [name for name, _, _ in jobs]
