"""Opening the DuckDB file: locked down, versioned; a damaged one is refused in one sentence and kept."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

from rushes.errors import LedgerError
from rushes.ledger.schema import TABLES, VERSION

FILE_NAME = "ledger.duckdb"
MEMORY = Path(":memory:")

Connection = duckdb.DuckDBPyConnection


def open_database(path: Path, *, read_only: bool = False, patience: float = 0.0) -> duckdb.DuckDBPyConnection:
    """The one connection to a ledger's file (or to MEMORY), its tables made when it is new.

    `patience` is how many seconds to wait for another process's lock. Raises LedgerError with the reason:
    in use, damaged (the file is kept as it is), of another version, not writable.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = _connect(path, read_only=read_only)
            break
        except LedgerInUseError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
    try:
        _lock_down(connection, path)
        _check_version(connection, path, read_only=read_only)
    except duckdb.Error as error:
        connection.close()
        raise _damaged(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


class LedgerInUseError(LedgerError):
    """Another process owns the file."""


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if path != MEMORY and not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    if read_only and not path.exists():
        raise LedgerError(f"{path}: there is no ledger yet; start the pipeline first")
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        text = str(error)
        if "Could not set lock" in text:
            raise LedgerInUseError(f"{path}: in use by another process; stop that pipeline first") from error
        if "Permission denied" in text or "Read-only file system" in text:
            raise LedgerError(f"{path}: may not be opened; correct its permissions") from error
        if "No space left" in text:
            raise LedgerError(f"{path}: the disk is full; free some space") from error
        raise _damaged(path, error) from error


def _damaged(path: Path, error: duckdb.Error) -> LedgerError:
    fact = " ".join(str(error).split())[:160]
    return LedgerError(
        f"{path}: the ledger is damaged and was left as it is ({fact}); "
        f"restore it, or move it and its .wal aside to start anew"
    )


def _lock_down(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """No rule or query reads files; in this order, since the last line freezes the others (design, 5)."""
    if path != MEMORY:
        folder = str(path.resolve().parent).replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{folder}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _check_version(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables and not read_only:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE ledger (version INTEGER)")
        for table in TABLES:
            connection.execute(table.ddl)
        connection.execute("INSERT INTO ledger VALUES (?)", [VERSION])
        connection.execute("COMMIT")
        return
    row = connection.execute("SELECT version FROM ledger").fetchone() if "ledger" in tables else None
    if row is None:
        raise LedgerError(f"{path}: not a ledger of rushes; name another state folder")
    if row[0] != VERSION:
        raise LedgerError(
            f"{path}: ledger version {row[0]}, this rushes writes version {VERSION}; use the rushes that made it"
        )
