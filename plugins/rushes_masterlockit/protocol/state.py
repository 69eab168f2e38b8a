"""Where a connection is, from its first byte to its end."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The client goes the first way to READY, the server the second; the ends are shared."""

    #: Client: the server has not spoken.
    WAIT_CHALLENGE = "waiting for the challenge"
    #: Client: challenged, its Hello is to be sent.
    GREETING = "the hello is due"
    #: Client: the Hello is sent.
    WAIT_RESULT = "waiting for the handshake's result"

    #: Server: its Challenge is to be sent.
    CHALLENGING = "the challenge is due"
    #: Server: challenged, the client has not answered.
    WAIT_HELLO = "waiting for the hello"
    #: Server: the Welcome or the Refusal is to be sent; what the client says meanwhile waits.
    DECIDING = "the handshake's result is due"

    READY = "ready"
    #: Refused, or the peer broke the protocol.
    FAILED = "failed"
    #: The peer closed the connection.
    CLOSED = "closed"
