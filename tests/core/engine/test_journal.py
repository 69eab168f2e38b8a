"""Who begins to watch while very much happens misses nothing, and breaks nothing."""

from __future__ import annotations

import pytest
import trio

from rushes.api.events import follow
from rushes.engine import journal
from rushes.engine.journal import Journal


class Busy:
    """A ledger in which much is written while it is asked."""

    def __init__(self, meanwhile: int) -> None:
        self.meanwhile = meanwhile
        self.rows = []
        self.on_commit = None
        self.journal = Journal(self, lambda: 1.0, 0)

    def commit(self, count: int) -> None:
        puts = [self.journal.event("clip.admitted", clip=str(number)) for number in range(count)]
        self.rows += [put.row for put in puts]
        self.on_commit(puts)

    async def query(self, _sql, parameters):
        after, limit = parameters
        found = [row for row in self.rows if row[0] > after][:limit]
        await trio.lowlevel.checkpoint()
        count, self.meanwhile = self.meanwhile, 0
        if count:
            self.commit(count)
        return found

    def events(self, after):
        return self.journal.watch(after)


@pytest.mark.parametrize("meanwhile", [0, 1, 5, 6, 8, 10, 11, 40])
@pytest.mark.parametrize("before", [0, 3, 5, 30])
async def test_a_crowd_of_events_while_the_past_is_read(monkeypatch, autojump_clock, before, meanwhile):
    monkeypatch.setattr(journal, "MOST_BEHIND", 10)
    ledger = Busy(meanwhile)
    ledger.commit(before)
    seen = []

    async def handle(events):
        seen.extend(event.seq for event in events)

    with trio.move_on_after(5):
        await follow(ledger, 0, handle, beat_s=1)
    assert seen == list(range(1, before + meanwhile + 1))
