"""Reading 200,000 clips at a start: of each only what the index holds, and what many of them share once."""

from __future__ import annotations

from sys import intern
from typing import Any

import msgspec
from msgspec import Struct

from rushes_masterlockit.formats import facts
from rushes_masterlockit.repository.archive import Row
from rushes_masterlockit.repository.index import Entry


class Head(Struct):
    """The members of a clip that `facts` looks at, and its names; whoever wrote them may have written anything."""

    id: str
    type: str
    version: msgspec.Raw
    tcStartSeconds: Any = None  # noqa: N815 - as the protocol spells it
    tcStartFrames: Any = None  # noqa: N815
    tcStopSeconds: Any = None  # noqa: N815
    tcStopFrames: Any = None  # noqa: N815
    created: Any = None
    clipName: Any = None  # noqa: N815
    fileName: Any = None  # noqa: N815


_head = msgspec.json.Decoder(Head).decode
_clock = msgspec.json.Decoder(dict[str, int]).decode


class Learning:
    """Makes index entries of archived clips."""

    def __init__(self, *, bodies: bool) -> None:
        self._bodies = bodies
        #: Most clips were edited by one device, once.
        self._clocks: dict[bytes, dict[str, int]] = {}

    def entry(self, row: Row) -> tuple[Entry, dict[str, Any]]:
        """The entry, and the members of `Head`."""
        head = _head(row.data)
        version = bytes(head.version)
        clock = self._clocks.get(version)
        if clock is None:
            clock = self._clocks[version] = _clock(version)
        members = {
            "id": head.id,
            "type": intern(head.type),
            "version": clock,
            "tcStartSeconds": head.tcStartSeconds,
            "tcStartFrames": head.tcStartFrames,
            "tcStopSeconds": head.tcStopSeconds,
            "tcStopFrames": head.tcStopFrames,
            "created": head.created,
            "clipName": head.clipName,
            "fileName": head.fileName,
        }
        known = facts(members, intern(row.device), deleted=row.deleted)
        body = row.data if self._bodies and not row.deleted else None
        return Entry(known, intern(row.rate), row.rate_from, body), members
