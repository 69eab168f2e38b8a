"""The documents that people and programs read, made from one snapshot of the ledger.

The same functions serve a running pipeline (which lays what it knows live on top) and a ledger at rest.
"""

from rushes.engine.views.attention import attention
from rushes.engine.views.cards import cards
from rushes.engine.views.clip import clip
from rushes.engine.views.clips import clips
from rushes.engine.views.counts import counts, route_waits, sent_before
from rushes.engine.views.day import day
from rushes.engine.views.days import days
from rushes.engine.views.document import Document
from rushes.engine.views.jobs import job, jobs
from rushes.engine.views.last import Waits, last_end, last_pipeline, last_waits, switches
from rushes.engine.views.matches import annotator_of, matches
from rushes.engine.views.summary import summary
from rushes.engine.views.timeline import timeline

__all__ = [
    "Document",
    "Waits",
    "annotator_of",
    "attention",
    "cards",
    "clip",
    "clips",
    "counts",
    "day",
    "days",
    "job",
    "jobs",
    "last_end",
    "last_pipeline",
    "last_waits",
    "matches",
    "route_waits",
    "sent_before",
    "summary",
    "switches",
    "timeline",
]
