"""Whether hub and client hold what devices were acknowledged, and nothing else: by their ledgers."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journeys.hub_said import Deletion, Edit, Log, covers
from rushes.errors import LedgerError
from rushes.ledger import FILE_NAME, open_database
from rushes.ledger.database import Query

Check = Callable[[bool, str], None]


@dataclass
class Figures:
    """What was seen; `failures` is empty when everything holds."""

    kills: Counter[str] = field(default_factory=Counter)
    openings: int = 0
    opening_s: float = 0.0
    peak_mb: dict[str, float] = field(default_factory=dict)
    idle_cpu: dict[str, float] = field(default_factory=dict)
    rest_s: float = 0.0
    rows: list[tuple[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def check(self, holds: bool, text: str) -> None:
        """Note `text` as a failure unless it holds; each once."""
        if not holds and text not in self.failures:
            self.failures.append(text)


@dataclass(frozen=True)
class Row:
    """A record of a ledger."""

    kind: str
    clock: Mapping[str, int]
    data: Mapping[str, Any]
    deleted: bool
    conflicts: Sequence[Mapping[str, Any]]

    @property
    def marks(self) -> set[str]:
        return {entry["comment"] for entry in self.data.get("clipLogs", ())}


def read(state: Path) -> dict[str, Row]:
    """The records of a ledger that nobody has open; raises LedgerError. Without a ledger there are none."""
    if not (state / FILE_NAME).exists():
        return {}
    database = open_database(state / FILE_NAME, read_only=True)
    try:
        rows = database.read(_records)
    finally:
        database.close()
    return {
        identity: Row(kind, json.loads(clock), json.loads(data), deleted, json.loads(conflicts))
        for identity, kind, clock, data, deleted, conflicts in rows
    }


def _records(query: Query) -> list[tuple[Any, ...]]:
    """None where the very first start was killed before it had made a table."""
    made = query("SELECT 1 FROM duckdb_tables() WHERE table_name = 'records'")
    return query("SELECT id, kind, clock, data, deleted, conflicts FROM records") if made else []


def peek(state: Path) -> dict[str, Row] | None:
    """The same of a ledger that is in use, from a copy of its files; None where they changed meanwhile."""
    with tempfile.TemporaryDirectory(prefix="rushes-peek-") as folder:
        try:
            for file in state.glob(f"{FILE_NAME}*"):
                shutil.copy(file, folder)
            return read(Path(folder))
        except (OSError, LedgerError):
            return None


def alike(hub: Mapping[str, Row], client: Mapping[str, Row]) -> bool:
    """Whether the client has every live clip of the hub as the hub has it."""
    return all(
        identity in client and client[identity].clock == row.clock
        for identity, row in hub.items()
        if is_clip(row) and not row.deleted
    )


def is_clip(row: Row) -> bool:
    return row.kind in ("video", "sound")


def opened(figures: Figures, state: Path) -> dict[str, Row]:
    """The ledger of a process that was killed, opened as the next one would."""
    began = time.monotonic()
    try:
        rows = read(state)
    except LedgerError as error:
        figures.check(False, f"{state.name}: {error}")
        return {}
    figures.openings += 1
    figures.opening_s = max(figures.opening_s, time.monotonic() - began)
    return rows


def judge_hub(rows: Mapping[str, Row], log: Log, devices: Mapping[str, str], check: Check) -> None:
    """What was acknowledged is there. `devices` are the names of those that speak, by device text."""
    for identity, edits in log.edits.items():
        said = [edit for edit in edits if edit.acked is not None]
        row = rows.get(identity)
        if row is None:
            check(not said, f"{identity}: {len(said)} acknowledged edits, and no such clip")
            continue
        for edit in said:
            check(covers(row.clock, edit.version), f"{identity}: {edit.mark} is not in its clock {row.clock}")
        check(row.data["version"] == row.clock, f"{identity}: its version is not its clock")
        if row.deleted:
            _judge_tombstone(identity, said, log.deletions[identity], check)
        else:
            _judge_clip(identity, row, edits, log.deletions[identity], check)
    _judge_notes(rows, log, check)
    judge_invented(rows, log, devices, check)


def judge_invented(rows: Mapping[str, Row], log: Log, devices: Mapping[str, str], check: Check) -> None:
    """Nothing is there that nobody said."""
    tags = {note.tag for note in log.notes}
    for identity, row in rows.items():
        if not is_clip(row):
            check(tag_of(row) in tags, f"{row.kind} {tag_of(row)} was said by nobody")
            continue
        check(identity in log.edits, f"clip {identity} was said by nobody")
        edits = log.edits.get(identity, [])
        said = {edit.mark for edit in edits}
        check(row.marks <= said, f"{identity}: nobody said {row.marks - said}")
        most = {
            device: max(
                (edit.version[device] for edit in edits if edit.device == device and edit.attempts), default=0
            )
            for device in devices
        }
        for device, count in row.clock.items():
            check(count <= most.get(device, count), f"{identity}: {count} edits by {devices.get(device)}")
    strangers = {device for row in rows.values() for device in row.clock} - devices.keys()
    check(len(strangers) <= 1, f"edits by {strangers}: only the hub merges")


def _judge_tombstone(
    identity: str, said: Sequence[Edit], deletions: Sequence[Deletion], check: Check
) -> None:
    tried = [deletion for deletion in deletions if deletion.attempts]
    check(bool(tried), f"{identity} was deleted by nobody")
    last = max((deletion.over for deletion in tried), default=0.0)
    late = [edit.mark for edit in said if edit.first > last]
    check(not late, f"{identity} is deleted, and {late} came after that")


def _judge_clip(
    identity: str, row: Row, edits: Sequence[Edit], deletions: Sequence[Deletion], check: Check
) -> None:
    said = [edit for edit in edits if edit.acked is not None]
    last = max((edit.over for edit in edits if edit.attempts), default=0.0)
    stays = [gone for gone in deletions if gone.acked is not None and gone.first > last]
    check(not stays, f"{identity} is back, and nobody edited it since it was deleted")
    missing = [edit.mark for edit in said if edit.mark not in row.marks]
    check(not missing, f"{identity}: {missing} are missing from {sorted(row.marks)}")
    values = {row.data.get("distance")}
    values |= {conflict["lost"] for conflict in row.conflicts if conflict["path"] == "distance"}
    for edit in {edit.device: edit for edit in said}.values():
        seen = any(
            other.attempts and other is not edit and covers(other.version, edit.version) for other in edits
        )
        check(
            seen or edit.mark in values,
            f"{identity}: {edit.mark} is neither what stands ({row.data.get('distance')}) nor a conflict",
        )


def _judge_notes(rows: Mapping[str, Row], log: Log, check: Check) -> None:
    held = Counter(tag_of(row) for row in rows.values() if not is_clip(row))
    for note in log.notes:
        if note.acked is not None:
            check(held[note.tag] >= 1, f"{note.kind} {note.tag} was acknowledged and is missing")
        check(held[note.tag] <= 1, f"{note.kind} {note.tag} counts {held[note.tag]} times")


def judge_pair(hub: Mapping[str, Row], client: Mapping[str, Row], check: Check) -> None:
    """The client holds what the hub holds. The protocol does not tell of deletions: what the hub deleted may be
    there, but in no version that the tombstone has not seen. Nor does it tell of a clap again.
    """
    for identity, row in hub.items():
        if not is_clip(row) or row.deleted:
            continue
        ours = client.get(identity)
        check(ours is not None, f"{identity}: the client does not have it")
        if ours is not None:
            check(not ours.deleted, f"{identity}: deleted at the client alone")
            check(ours.clock == row.clock, f"{identity}: {ours.clock} at the client, {row.clock} at the hub")
            check(ours.data == row.data, f"{identity}: the client has another content under the same clock")
    for identity, row in client.items():
        if is_clip(row):
            theirs = hub.get(identity)
            check(theirs is not None, f"{identity}: the client alone has it")
            seen = theirs is not None and covers(theirs.clock, row.clock)
            check(seen, f"{identity}: the client knows more than the hub")
    held = Counter(tag_of(row) for row in client.values() if not is_clip(row))
    for tag, count in held.items():
        check(count == 1, f"{tag} counts {count} times at the client")


def judge_later(before: Mapping[str, Row], now: Mapping[str, Row], check: Check) -> None:
    """What a ledger held after the last kill it still holds, or something that has seen it."""
    for identity, row in before.items():
        check(
            identity in now and covers(now[identity].clock, row.clock), f"{identity} was there and is no more"
        )


def tag_of(row: Row) -> str:
    """Of a clap or a slate info."""
    slate = row.data["slateInfo"] if row.kind == "clap" else row.data
    return str(slate["scene"])
