"""How a connection or one of its requests fails; each text is one line for people."""

from __future__ import annotations

from rushes import RushesError
from rushes_masterlockit.protocol import NackCode


class LinkError(RushesError):
    """Base of what a peer may raise."""


class PeerLost(LinkError):
    """The connection is over, and what had not been answered never will be: its outcome is unknown."""


class NoAnswerError(LinkError):
    """The peer did not answer in time. The connection stands, the outcome is unknown."""


class RefusedError(LinkError):
    """The peer refused a request. `text` is its own reason, one line, "" where it gave none."""

    def __init__(self, what: str, code: NackCode | int, data: bytes) -> None:
        self.code = code
        self.text = _line(data)
        super().__init__(f"{what}: {self.text}" if self.text else f"{what} (code {code:d})")


def _line(data: bytes) -> str:
    """What a peer wrote for people, as one line that cannot do anything to a terminal."""
    text = "".join(char if char.isprintable() else " " for char in data[:1000].decode(errors="replace"))
    return " ".join(text.split())[:200]
