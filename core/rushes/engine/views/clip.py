"""Everything known of one clip: why it went where it did."""

from __future__ import annotations

from dataclasses import asdict

from rushes.columns import COLUMNS
from rushes.engine.decisions import decisions
from rushes.engine.links import links
from rushes.engine.queue import load_jobs
from rushes.engine.references import find_clip
from rushes.engine.tellers import tellers
from rushes.engine.values import told
from rushes.engine.views.document import Document
from rushes.engine.views.jobs import job_document, lay_over
from rushes.engine.views.last import Waits, last_pipeline
from rushes.ledger import Query
from rushes.ledger.rows import StoredFinding, read_event, read_finding

MOST_EVENTS = 500


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
