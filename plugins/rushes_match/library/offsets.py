"""What was learned of clocks, remembered for people to see: by session, the newest kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from rushes import Store
from rushes_match.items import Offset
from rushes_match.library.shelf import Session

_KEY = "offsets"
#: About two months of shooting.
_MOST = 60


@dataclass(frozen=True, slots=True)
class Learned:
    """The offsets of one session; `first` and `last` are when it began and ended, in seconds since the epoch."""

    first: float
    last: float
    offsets: tuple[Offset, ...]


class Offsets:
    """Writes only what changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: list[Learned] | None = None

    async def all(self) -> Sequence[Learned]:
        """The newest session last."""
        if self._known is None:
            told = await self._store.get(_KEY, [])
            self._known = [
                Learned(one["first"], one["last"], tuple(Offset(**offset) for offset in one["offsets"]))
                for one in told
            ]
        return self._known

    async def keep(self, learned: Mapping[Session, Sequence[Offset]]) -> None:
        """In place of what was known of sessions that these have become."""
        known = await self.all()
        told = [
            Learned(session.first, session.last, tuple(offsets))
            for session, offsets in learned.items()
            if offsets
        ]
        now = [
            one
            for one in known
            if not any(one.first <= session.last and session.first <= one.last for session in learned)
        ]
        now = sorted([*now, *told], key=lambda one: one.first)[-_MOST:]
        if now != known:
            self._known = now
            await self._store.set(
                _KEY,
                [
                    {"first": one.first, "last": one.last, "offsets": [asdict(each) for each in one.offsets]}
                    for one in now
                ],
            )
