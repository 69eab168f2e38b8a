"""The ledger: the only importer of duckdb."""

from rushes.ledger.database import FILE_NAME, MEMORY, Connection, LedgerInUseError, open_database
from rushes.ledger.ledger import Ledger, LedgerStore, Query, open_ledger, read_only

__all__ = ["FILE_NAME", "MEMORY", "Connection", "Ledger", "LedgerInUseError", "LedgerStore", "Query", "open_database", "open_ledger", "read_only"]
