"""Slate infos and claps: said once and kept as they were said, for the reports; no clips, so no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from rushes import Record

NoteKind = Literal["slate", "clap"]


class NewNote(Struct, frozen=True, gc=False):
    """What the device `device` said, to be written."""

    id: str
    kind: NoteKind
    device: str
    data: Mapping[str, Any]

    def record(self, source: str, now: float) -> Record:
        """For the archive."""
        return Record(id=self.id, source=source, kind=self.kind, device=self.device, data=self.data, seen=now)


def note_of(kind: NoteKind, data: Mapping[str, Any], device: str) -> NewNote:
    """The same content of the same device has the same id: said again after a lost answer, it is no second clap."""
    said = msgspec.json.encode([kind, device, data], order="sorted")
    return NewNote(f"{kind}:{hashlib.sha256(said).hexdigest()[:32]}", kind, device, data)


def is_note(identity: str) -> bool:
    """Whether an id is one that `note_of` could make."""
    return identity.startswith(("slate:", "clap:"))
