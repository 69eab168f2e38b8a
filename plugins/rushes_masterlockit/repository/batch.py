"""What one write holds: what was said, absorbed in order over what is held. Nothing else changes by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from rushes import Record
from rushes_masterlockit.formats import Facts, FormatError, clip_rate, facts
from rushes_masterlockit.repository.index import Entry, Index
from rushes_masterlockit.repository.notes import NewNote, is_note
from rushes_masterlockit.versions import Stored, Verdict, absorb, bury, edit

DeleteVsEdit = Literal["edit", "delete"]

_encode = msgspec.json.Encoder().encode


class Outcome(Struct, frozen=True, gc=False):
    """What became of a clip that was said, edited or deleted.

    `body` is the clip as it stands now, as JSON; b"" where nothing changed or it is deleted. Where it was refused
    `problem` says why in one line and `verdict` is None.
    """

    id: str
    verdict: Verdict | None
    body: bytes = b""
    problem: str = ""


class Change(Struct, frozen=True, gc=False):
    """A clip to be written, and what the index is to know of it."""

    entry: Entry
    stored: Stored


class Batch:
    """Absorbs over `held`: every clip that is known, but those that are only said in an older version."""

    def __init__(
        self,
        index: Index,
        held: Mapping[str, Stored],
        *,
        own: str,
        rate: str,
        bodies: bool,
        delete_vs_edit: DeleteVsEdit,
    ) -> None:
        self.changes: dict[str, Change] = {}
        self.notes: dict[str, NewNote] = {}
        #: What changed and who said it, in order.
        self.told: list[tuple[Outcome, str]] = []
        self._index = index
        self._held = held
        self._own = own
        self._rate = rate
        self._bodies = bodies
        self._delete_vs_edit = delete_vs_edit

    def say(self, clip: Mapping[str, Any], by: str) -> Outcome:
        """Absorb a clip that the device `by` said."""
        identity = clip.get("id")
        try:
            seen = facts(clip, by)
        except FormatError as error:
            return Outcome(identity if isinstance(identity, str) else "", None, problem=str(error))
        assert isinstance(identity, str)
        if is_note(identity):
            return Outcome(identity, None, problem=f"clip {identity[:64]!r} has an id of our own")
        stored = self._standing(identity)
        if stored is None and identity in self._index.entries:
            return Outcome(identity, Verdict.BURIED if self._index.deleted(identity) else Verdict.KNOWN)
        try:
            after, verdict = absorb(stored, clip, self._own, delete_vs_edit=self._delete_vs_edit)
            if after is stored:
                return Outcome(identity, verdict)
            return self._keep(identity, after, verdict, by, seen if stored is None else None)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            return Outcome(identity, None, problem=f"clip {identity[:64]!r}: {error}")

    def edit(self, identity: str, changes: Mapping[str, Any]) -> Outcome:
        """Change a clip ourselves, or make one."""
        stored = self._standing(identity)
        try:
            after = edit(stored, {**changes, "id": identity}, self._own)
            return self._keep(identity, after, _edited(stored), self._own)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            return Outcome(identity, None, problem=f"clip {identity[:64]!r}: {error}")

    def bury(self, identity: str) -> bool:
        """Make a tombstone of a clip; False where it is one already, or its clock has no room for one more edit."""
        stored = self._standing(identity)
        if stored is None or stored.deleted:
            return False
        try:
            self._keep(identity, bury(stored, self._own), Verdict.BURIED, self._own)
        except ValueError:
            return False
        return True

    def settle(self, identity: str) -> bool:
        """Forget what else was said of a clip; False where nothing was."""
        stored, entry = self._standing(identity), self._entry(identity)
        if stored is None or entry is None or not stored.conflicts:
            return False
        self.changes[identity] = Change(entry, msgspec.structs.replace(stored, conflicts=[]))
        return True

    def records(self, source: str, now: float) -> list[Record]:
        """All of it, for the archive."""
        known = self._index.entries
        clips = [
            Record(
                id=identity, source=source, kind=change.entry.facts.type, device=change.entry.facts.device,
                clock=change.stored.clock, data=change.stored.data, rate=change.entry.rate,
                rate_from=change.entry.rate_from, seen=now, deleted=change.stored.deleted,
                history=change.stored.history, conflicts=change.stored.conflicts, new=identity not in known,
            )
            for identity, change in self.changes.items()
        ]  # fmt: skip
        return clips + [note.record(source, now) for note in self.notes.values()]

    def _standing(self, identity: str) -> Stored | None:
        change = self.changes.get(identity)
        return self._held.get(identity) if change is None else change.stored

    def _entry(self, identity: str) -> Entry | None:
        change = self.changes.get(identity)
        return self._index.entries.get(identity) if change is None else change.entry

    def _keep(
        self, identity: str, stored: Stored, verdict: Verdict, by: str, seen: Facts | None = None
    ) -> Outcome:
        before = self._entry(identity)
        body = _encode(stored.data)
        if seen is None:
            device = by if before is None else before.facts.device
            seen = facts(stored.data, device, deleted=stored.deleted)
        rate, rate_from = clip_rate(stored.data, self._rate)
        if before is not None and before.rate_from == "project":
            # Whatever the project is set to by now: in that rate the labels were counted.
            rate, rate_from = before.rate, "project"
        entry = Entry(seen, rate, rate_from, body if self._bodies and not stored.deleted else None)
        self.changes[identity] = Change(entry, stored)
        outcome = Outcome(identity, verdict, b"" if stored.deleted else body)
        self.told.append((outcome, by))
        return outcome


def _edited(before: Stored | None) -> Verdict:
    if before is None:
        return Verdict.NEW
    return Verdict.REVIVED if before.deleted else Verdict.REPLACED
