"""How a connection's requests are answered."""

from __future__ import annotations

from logging import Logger

from rushes import Permanent
from rushes_masterlockit.formats import FormatError
from rushes_masterlockit.link import Peer
from rushes_masterlockit.protocol import DIGEST_BYTES, Ack, Malformed, Message, Nack, NackCode, Request

#: What an acknowledgement adds to its data.
_ACK_BYTES = 1 + DIGEST_BYTES


class Answers:
    """To one peer."""

    def __init__(self, peer: Peer, log: Logger) -> None:
        self._peer = peer
        self._log = log

    def ack(self, request: Request, data: bytes = b"") -> None:
        self._peer.send(Ack(request.digest, data))

    def refuse(self, message: Message, error: Exception) -> None:
        """A nack: 2 for what cannot be read, 0 with the reason for what cannot be done. A notification gets none."""
        self._log.debug("%s: %s refused: %s", self._peer.name, type(message).__name__, error)
        if not isinstance(message, Request):
            return
        if isinstance(error, FormatError):
            self._peer.send(Nack(message.digest, NackCode.MALFORMED))
        else:
            self._peer.send(Nack(message.digest, NackCode.FATAL, str(error).encode()))

    def malformed(self, message: Malformed) -> None:
        self._log.debug("%s: %s", self._peer.name, message.reason)
        self._peer.send(Nack(message.digest, message.code))

    def unsupported(self, request: Request) -> None:
        self._peer.send(Nack(request.digest, NackCode.UNSUPPORTED))


def fitting(data: bytes, most: int, remedy: str = "ask for less") -> bytes:
    """Data that an acknowledgement can hold, in a message of `most` bytes; Permanent else."""
    if len(data) + _ACK_BYTES > most:
        raise Permanent(f"the answer has {len(data)} bytes, a message at most {most}; {remedy}")
    return data
