"""The ledger: what holds every clip, record, job and checkpoint."""

from rushes.ledger.database import FILE_NAME, MEMORY, Database, LedgerInUseError, Query, open_database
from rushes.ledger.ledger import Ledger, LedgerStore, open_ledger

__all__ = [
    "FILE_NAME",
    "MEMORY",
    "Database",
    "Ledger",
    "LedgerInUseError",
    "LedgerStore",
    "Query",
    "open_database",
    "open_ledger",
]
