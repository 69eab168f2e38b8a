"""What a hub does wrong, told once and not a thousand times."""

from __future__ import annotations

from dataclasses import dataclass

import trio

from rushes import Context

AGAIN_S = 60.0
#: Kinds that are kept apart; a hub that invents more shares the last.
MOST_KINDS = 1024


@dataclass(slots=True)
class _Told:
    at: float
    more: int = 0


class Troubles:
    """One line in the log for each kind of trouble, at most once a minute; the newest is the fact `trouble`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[str, _Told] = {}

    def tell(self, kind: str, text: str) -> None:
        """`text` is one line for people."""
        now = trio.current_time()
        if kind not in self._told and len(self._told) >= MOST_KINDS:
            kind = ""
        told = self._told.get(kind)
        if told is not None and now - told.at < AGAIN_S:
            told.more += 1
            return
        more = f" (and {told.more} more)" if told is not None and told.more else ""
        self._told[kind] = _Told(now)
        self._context.log.warning("%s%s", text, more)
        self._context.show(trouble=text)

    def over(self) -> None:
        """A new connection: what was wrong may be right."""
        self._told.clear()
        self._context.show(trouble=None)
