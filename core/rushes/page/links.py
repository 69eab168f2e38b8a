"""One-time links: a long code for a link or a QR code, a short one to be typed.

Wrong tries make the short ones void, since they could be guessed; a link stays good, so that a stranger on the
network who tries codes cannot keep people out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

GOOD_S = 600.0
MOST_WRONG = 5
#: The newest links; an older one is void.
MOST_LINKS = 8
#: No letter that looks like a digit, nor the other way round.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
TYPED = 8
#: Wrong tries of one peer within WINDOW_S; of what it tries beyond only a link is looked at.
MOST_TRIES = 10
WINDOW_S = 60.0
MOST_PEERS = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """`secret` is the code of the link, `typed` the one for people."""

    secret: str
    typed: str


@dataclass(slots=True)
class _Open:
    secret: bytes
    typed: bytes
    until: float
    wrong: int = 0


class Links:
    """The links that are good now: in memory alone, a restart voids them. `now` counts seconds, never backwards."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._open: list[_Open] = []

    def make(self, good_s: float = GOOD_S) -> Link:
        """A link that is good once, for so long."""
        typed = "".join(secrets.choice(ALPHABET) for _ in range(TYPED))
        link = Link(secrets.token_urlsafe(16), f"{typed[:4]}-{typed[4:]}")
        entry = _Open(_digest(link.secret), _digest(typed), self._now() + good_s)
        self._open = [*self._good(), entry][-MOST_LINKS:]
        return link

    def take(self, code: str, *, by_link_alone: bool = False) -> bool:
        """Whether that is a good code, which it is no longer afterwards. A wrong one counts against every short one.

        `by_link_alone`: no short one is looked at, and nothing counts.
        """
        self._open = self._good()
        said, typed = _digest(code.strip()), _digest(_plain(code))
        taken = None
        for entry in self._open:  # all of them, whichever is the right one: the time tells nothing
            by_link = hmac.compare_digest(said, entry.secret)
            by_hand = hmac.compare_digest(typed, entry.typed) and entry.wrong < MOST_WRONG
            if by_link or (by_hand and not by_link_alone):
                taken = entry
        if taken is None:
            for entry in self._open:
                entry.wrong += not by_link_alone
            return False
        self._open.remove(taken)
        return True

    def void(self) -> None:
        """None is good any more."""
        self._open = []

    def _good(self) -> list[_Open]:
        return [entry for entry in self._open if entry.until > self._now()]


class Tries:
    """How often each peer was wrong of late."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._peers: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, peer: str) -> float:
        """In how many seconds it may try again, 0 for at once."""
        since, count = self._of(peer)
        return 0.0 if count < MOST_TRIES else since + WINDOW_S - self._now()

    def wrong(self, peer: str) -> None:
        """Count one that was wrong."""
        since, count = self._of(peer)
        self._peers.pop(peer, None)
        self._peers[peer] = (since, count + 1)
        if len(self._peers) > MOST_PEERS:
            self._peers.popitem(last=False)

    def _of(self, peer: str) -> tuple[float, int]:
        """Since when it has tried how often."""
        now = self._now()
        since, count = self._peers.get(peer, (now, 0))
        return (since, count) if now - since < WINDOW_S else (now, 0)


def _plain(code: str) -> str:
    """A typed code without what people put between its letters."""
    return "".join(code.upper().replace("-", " ").split())


def _digest(code: str) -> bytes:
    """Of one length, whatever was sent."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
