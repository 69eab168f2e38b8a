"""Result views of one connection: pages that hold together while clips come in (A8, A10)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Literal

from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.protocol.codes import VIEW_BYTES
from rushes_masterlockit.repository.repository import Repository

#: A view of zeros is none: each of its pages is asked anew.
LIVE = bytes(VIEW_BYTES)

_MOST = 16
_IDLE = 600.0
#: A length from here on is one that some client wrote as a negative number: to the end.
_ENDLESS = 2**31


class View:
    """What a demand meant when its first page was asked for, looked through only as far as pages ask."""

    def __init__(self, demand: bytes, matching: Iterator[str]) -> None:
        self.demand = demand
        #: When the last page was asked for.
        self.used = 0.0
        self._found: list[str] = []
        self._rest = matching

    def since(self, start: int) -> Iterator[str]:
        """The clips from this position on."""
        for position in count(start):
            if position >= len(self._found):
                self._found.extend(islice(self._rest, position + 1 - len(self._found)))
            if position >= len(self._found):
                return
            yield self._found[position]


class Views:
    """At most 16, of which each is forgotten after ten minutes without a question. `now` is in seconds."""

    def __init__(
        self, repository: Repository, *, now: Callable[[], float], range_zero: Literal["all", "none"] = "all"
    ) -> None:
        self._repository = repository
        self._now = now
        self._range_zero = range_zero
        self._views: OrderedDict[tuple[bytes, int], View] = OrderedDict()

    def page(self, start: int, length: int, list_type: int, view: bytes, demand: bytes) -> list[str]:
        """The ids of a page, all of live clips; raises FormatError for a demand that cannot be read.

        A page is short only at the end of the view. Where clips of the view were deleted meanwhile, it is filled
        from what follows, which the next page may then repeat.
        """
        known = self._view(view, list_type, demand)
        if length == 0 and self._range_zero == "none":
            return []
        most = None if length == 0 or length >= _ENDLESS else length
        live = (clip for clip in known.since(start) if not self._repository.deleted(clip))
        return list(islice(live, most))

    def _view(self, view: bytes, list_type: int, demand: bytes) -> View:
        now = self._now()
        while self._views and now - next(iter(self._views.values())).used > _IDLE:
            self._views.popitem(last=False)
        known = self._views.get((view, list_type))
        if known is None or known.demand != demand:
            known = View(demand, self._repository.matching(parse_demand(demand)))
            if view == LIVE:
                return known
            self._views[view, list_type] = known
        known.used = now
        self._views.move_to_end((view, list_type))
        if len(self._views) > _MOST:
            self._views.popitem(last=False)
        return known
