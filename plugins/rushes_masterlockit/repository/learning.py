"""Reading 200,000 clips at a start: of each only what the index holds, and what many of them share once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rushes_masterlockit.formats import Facts
from rushes_masterlockit.formats.facts import moment
from rushes_masterlockit.repository.archive import Alike
from rushes_masterlockit.repository.index import Entry


def entries(alike: Alike, bodies: Mapping[str, bytes]) -> Iterator[Entry]:
    """What the index is to know of archived clips, the clock being one for all of them."""
    kind, clock, device, deleted = alike.kind, alike.clock, alike.device, alike.deleted
    rate, rate_from = alike.rate, alike.rate_from
    for head in alike.heads:
        created = head.created if type(head.created) is int else None
        start = moment(head.start_seconds, head.start_frames)
        stop = moment(head.stop_seconds, head.stop_frames)
        facts = Facts(head.id, kind, clock, device, start, stop, created, deleted)
        yield Entry(facts, rate, rate_from, bodies.get(head.id))
