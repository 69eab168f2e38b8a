"""Everything known of one clip: why it went where it did."""

from __future__ import annotations

from dataclasses import asdict

from rushes.columns import COLUMNS
from rushes.engine.decisions import decisions
from rushes.engine.links import links
from rushes.engine.queue import load_jobs
from rushes.engine.tellers import tellers
from rushes.engine.values import told
from rushes.engine.views.document import Document
from rushes.engine.views.jobs import job_document, lay_over
from rushes.engine.views.last import Waits, last_pipeline
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.rows import StoredFinding, read_event, read_finding

MOST_NAMED = 6
MOST_EVENTS = 500

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


def clip(query: Query, reference: str, waits: Waits) -> Document:
    """Everything known of one clip: why it went where it did."""
    name = find_clip(query, reference)
    columns = ", ".join(f'"{column.name}"' for column in COLUMNS)
    row = query(f"SELECT {columns} FROM clips WHERE id = ?", [name])[0]  # noqa: S608 - our own names
    values = {column.name: told(column.name, value) for column, value in zip(COLUMNS, row, strict=True)}
    rows = query(
        "SELECT clip, annotator, basis, data, problem FROM findings WHERE clip = ? ORDER BY annotator", [name]
    )
    found = [read_finding(row) for row in rows]
    loaded = load_jobs(query, "clip = ?", [name], meta=False)
    jobs = [job_document(each) for each in loaded]
    lay_over(jobs, waits)
    events = query(
        f"SELECT * FROM events WHERE clip = ? ORDER BY seq DESC LIMIT {MOST_EVENTS + 1}",  # noqa: S608 - a number
        [name],
    )
    return {
        "clip": values,
        "tellers": tellers(query, name, found),
        "findings": [_finding(stored) for stored in found],
        "routes": decisions(query, name, last_pipeline(query)),
        "jobs": jobs,
        "links": links(query, name),
        "events": [asdict(read_event(row)) for row in reversed(events[:MOST_EVENTS])],
        "earlier": len(events) > MOST_EVENTS,
    }


def _finding(stored: StoredFinding) -> Document:
    finding = stored.finding
    return {
        "annotator": stored.annotator,
        "basis": finding.basis,
        "values": {name: told(name, value) for name, value in finding.values.items()},
        "problem": finding.problem,
    }
