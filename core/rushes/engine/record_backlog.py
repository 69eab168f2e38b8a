"""Admitted records whose effect nobody was asked about yet: the table is the queue, however many come."""

from __future__ import annotations

from collections.abc import Sequence

from rushes.ledger import Ledger
from rushes.ledger.rows import drop_record_backlog, put_record_backlog
from rushes.ledger.write import Change

#: Admissions that are read at a time; one may hold many records.
ADMISSIONS = 64

_NEXT = "SELECT batch, records FROM record_backlog ORDER BY batch LIMIT ?"


class RecordBacklog:
    """Knows whether the table may have rows."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # Counts admissions. The last run may have left some.
        self._come, self._gone = 1, 0

    def __bool__(self) -> bool:
        return self._come > self._gone

    def put(self, admission: int, records: Sequence[str]) -> list[Change]:
        """The rows to write with records that are admitted; `come` is to be called once they are durable."""
        return [put_record_backlog(admission, records)]

    def come(self) -> None:
        """There are more."""
        self._come += 1

    async def next(self) -> tuple[list[str], list[Change]]:
        """The ids of the oldest records, each once, and what is to be written when all were asked about them."""
        come = self._come
        rows = await self._ledger.query(_NEXT, [ADMISSIONS])
        if not rows:
            self._gone = come
        records = dict.fromkeys(record for _, admitted in rows for record in admitted)
        return list(records), [drop_record_backlog(batch) for batch, _ in rows]
