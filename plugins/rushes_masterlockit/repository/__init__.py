"""The set's memory: clips by vector clock, slates and claps, durable in the ledger; pages of it for clients."""

from rushes_masterlockit.repository.archive import Alike, Archive, Head, LedgerArchive, Note
from rushes_masterlockit.repository.batch import Outcome
from rushes_masterlockit.repository.by_hand import by_hand, now_ms
from rushes_masterlockit.repository.notes import NoteKind
from rushes_masterlockit.repository.repository import Repository
from rushes_masterlockit.repository.views import LIVE, Views

__all__ = [
    "LIVE",
    "Alike",
    "Archive",
    "Head",
    "LedgerArchive",
    "Note",
    "NoteKind",
    "Outcome",
    "Repository",
    "Views",
    "by_hand",
    "now_ms",
]
