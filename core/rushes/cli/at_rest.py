"""A ledger that no pipeline runs on, asked as a running one is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rushes.api.client import PAGE, Order, every_job
from rushes.engine.offline import Offline
from rushes.engine.searches import JobOrder, JobSearch


class AtRest:
    """The documents of a Client, from the file."""

    runs = False

    def __init__(self, ledger: Offline) -> None:
        self._jobs = ledger.jobs
        self.status = ledger.status
        self.clip = ledger.clip
        self.cards = ledger.cards
        self.days = ledger.days
        self.day = ledger.day
        self.history = ledger.history
        self.switch = ledger.switch
        self.queue = ledger.queue

    def jobs(self, states: Collection[str] = (), *, order: Order = "oldest") -> dict[str, Any]:
        """As `Client.jobs`."""

        def page(order: JobOrder, after: str) -> dict[str, Any]:
            search = JobSearch(states=frozenset(states), order=order, limit=PAGE, after=after)
            return self._jobs(search)

        return every_job(page, order)
