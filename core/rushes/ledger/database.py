"""The DuckDB file: locked down, versioned, sealed; a damaged one is refused in one sentence and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import duckdb

from rushes.errors import LedgerError
from rushes.ledger.schema import TABLES, VERSION
from rushes.ledger.seal import Seal
from rushes.ledger.write import BrokenPromiseError, Change, apply

FILE_NAME = "ledger.duckdb"
MEMORY = Path(":memory:")
#: Texts of which the parsed statements are kept.
_MOST_STATEMENTS = 256

T = TypeVar("T")


class Query(Protocol):
    """Rows of a SQL query."""

    def __call__(self, sql: str, parameters: Sequence[Any] = (), /) -> list[tuple[Any, ...]]: ...


class LedgerInUseError(LedgerError):
    """Another process owns the file."""


class LedgerRefusedError(LedgerError):
    """The database will never take these values: trying again is no use."""


class Database:
    """One connection that writes, and short-lived cursors that read. Not thread-safe but for `read`."""

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, seal: Seal | None, commits: int
    ) -> None:
        self.path = path
        self._connection = connection
        self._seal = seal
        self._commits = commits
        self._statements: dict[str, list[duckdb.Statement]] = {}

    def commit(self, changes: Iterable[Change]) -> None:
        """Make all changes durable in one transaction, or none of them; `acknowledge` it next.

        Raises LedgerRefusedError where the values themselves cannot be stored, LedgerError where the disk
        will not take them.
        """
        changes = list(changes)
        try:
            try:
                self._transact(changes, trusting=True)
            except (duckdb.ConstraintException, BrokenPromiseError):
                # A row that was promised to be new, or there, was not: correctness must not hang on the promise.
                self._transact(changes, trusting=False)
        except (
            duckdb.DataError,
            duckdb.ProgrammingError,
            duckdb.IntegrityError,
            ValueError,
            TypeError,
        ) as error:
            raise LedgerRefusedError(f"{self.path}: a value was refused ({one_line(error)})") from error
        except duckdb.Error as error:
            raise LedgerError(f"{self.path}: cannot be written ({one_line(error)})") from error
        self._commits += 1

    def acknowledge(self) -> None:
        """Put the number of commits under the seal: only now may anyone be told. Raises LedgerError."""
        if self._seal is not None:
            try:
                self._seal.write(self._commits)
            except OSError as error:
                raise LedgerError(f"{self.path}: its seal cannot be written ({error.strerror})") from error

    def _transact(self, changes: Sequence[Change], *, trusting: bool) -> None:
        self._connection.execute("BEGIN")
        try:
            apply(self._execute, changes, trusting=trusting)
            self._execute("UPDATE ledger SET commits = ?", [self._commits + 1])
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _execute(self, sql: str, parameters: Sequence[Any]) -> duckdb.DuckDBPyConnection:
        [statement] = self._parsed(self._connection, sql)
        return self._connection.execute(statement, list(parameters))

    def _parsed(self, connection: duckdb.DuckDBPyConnection, sql: str) -> list[duckdb.Statement]:
        """The statements of a text: to read one of a wide row takes DuckDB a millisecond, and the same come again."""
        statements = self._statements.get(sql)
        if statements is None:
            statements = connection.extract_statements(sql)
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            self._statements[sql] = statements
        return statements

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:
            # A failed COMMIT has already ended the transaction; the first error is the one to tell.
            return

    def read(self, view: Callable[[Query], T]) -> T:
        """What `view` makes of its queries, in one read-only snapshot. Raises LedgerError.

        Each query is one SELECT: a COPY writes in a read-only transaction too, and a COMMIT ends it.
        """
        cursor = self._connection.cursor()

        def query(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            statements = self._parsed(cursor, sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise LedgerError("query refused: it must be one SELECT")
            return cursor.execute(statements[0], list(parameters)).fetchall()

        try:
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            answer = view(query)
            cursor.execute("COMMIT")
        except duckdb.Error as error:
            raise LedgerError(f"query failed: {one_line(error)}") from error
        finally:
            cursor.close()
        return answer

    def well(self) -> bool:
        """Whether it can still be read: a failed commit can leave it invalid until it is opened again."""
        try:
            self._connection.execute("SELECT 1 FROM ledger").fetchone()
        except duckdb.Error:
            return False
        return True

    def close(self) -> None:
        """Close the file; DuckDB folds the log into it."""
        self._connection.close()
        if self._seal is not None:
            self._seal.close()


def open_database(path: Path, *, read_only: bool = False, patience: float = 0.0) -> Database:
    """The ledger's file (or MEMORY), its tables made when it is new.

    `patience` is how many seconds to wait for another process's lock. Raises LedgerError with the reason:
    in use, damaged (the file is kept as it is), of another version, not writable.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            if not read_only and _log_of(path).exists():
                # A log is left by a crash: look at it before an opening that writes folds it into the file.
                open_database(path, read_only=True).close()
            connection = _connect(path, read_only=read_only)
            break
        except LedgerInUseError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
    seal = Seal(path.with_suffix(".seal")) if path != MEMORY else None
    try:
        _lock_down(connection, path)
        commits = _check(connection, path, seal, read_only=read_only)
    except duckdb.Error as error:
        connection.close()
        raise _damaged(path, one_line(error)) from error
    except BaseException:
        connection.close()
        raise
    return Database(path, connection, seal, commits)


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


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
            who = "a pipeline that runs or starts, or a verb such as pair"
            raise LedgerInUseError(f"{path}: in use by another process: {who}; end it, or wait") from error
        if "Permission denied" in text or "Read-only file system" in text:
            raise LedgerError(f"{path}: may not be opened; correct its permissions") from error
        if "No space left" in text:
            raise LedgerError(f"{path}: the disk is full; free some space") from error
        raise _damaged(path, one_line(error)) from error


def _damaged(path: Path, fact: str) -> LedgerError:
    return LedgerError(
        f"{path}: the ledger is damaged and was left as it is ({fact}); "
        f"restore it, or move it, its .wal and its .seal aside to start anew"
    )


def _lock_down(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """No rule or query reads files; in this order, since the last line freezes the others."""
    if path != MEMORY:
        # DuckDB's own files and no other: beside them lie the seal and the secrets.
        own = str(path.resolve()).replace("'", "''")
        files = ", ".join(f"'{own}{suffix}'" for suffix in ("", ".wal", ".wal.checkpoint", ".wal.recovery"))
        connection.execute(f"SET allowed_paths = [{files}]")
        connection.execute(f"SET allowed_directories = ['{own}.tmp']")
    # Else what two rules have in common, as a cast, is worked out outside the TRY of either, and fails for all clips.
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _check(connection: duckdb.DuckDBPyConnection, path: Path, seal: Seal | None, *, read_only: bool) -> int:
    """The number of commits, after the version and the seal were found right; a new file gets its tables."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    sealed = seal.read() if seal is not None else 0
    if not tables and not read_only and not sealed:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE ledger (version INTEGER, commits BIGINT)")
        for table in TABLES:
            for statement in table.ddl:
                connection.execute(statement)
        connection.execute("INSERT INTO ledger VALUES (?, 0)", [VERSION])
        connection.execute("COMMIT")
        return 0
    row = connection.execute("SELECT version FROM ledger").fetchone() if "ledger" in tables else None
    if not tables and not sealed:
        # A very first start that was killed before its first commit: the next one that writes makes the tables.
        return 0
    if row is None:
        if sealed:
            raise _damaged(path, f"0 of {sealed} commits are there")
        raise LedgerError(f"{path}: not a ledger of rushes; name another state folder")
    if row[0] != VERSION:
        raise LedgerError(
            f"{path}: ledger version {row[0]}, this rushes writes version {VERSION}; use the rushes that made it"
        )
    found = connection.execute("SELECT commits FROM ledger").fetchone()
    commits = int(found[0]) if found else 0
    if commits < sealed:
        raise _damaged(path, f"{commits} of {sealed} commits are there")
    return commits


def one_line(error: Exception) -> str:
    """An error's text without line breaks, of bounded length."""
    return " ".join(str(error).split())[:400]
