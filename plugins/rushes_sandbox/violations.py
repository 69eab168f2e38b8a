"""Every breach of the protocol that was seen, so that a test can assert there was none."""

from __future__ import annotations

from rushes_sandbox.book import Book, Settings, iso
from rushes_sandbox.journal import Fact, Journal

#: More than this are not kept: a client that loops must not fill the disk.
MOST = 1000


class Violations(Book):
    name = "violations"

    def __init__(self, journal: Journal, settings: Settings) -> None:
        super().__init__(journal, settings)
        self.seen: list[dict[str, str]] = []

    def note(self, request: str, what: str) -> None:
        """Keep a breach: `request` is method and path, `what` says in a line what the client did."""
        if len(self.seen) < MOST:
            self.record("noted", at=iso(self.now), request=request, violation=what)

    def apply(self, fact: Fact) -> None:
        self.seen.append({name: fact[name] for name in ("at", "request", "violation")})
