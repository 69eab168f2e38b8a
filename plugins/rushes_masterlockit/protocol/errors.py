"""What can go wrong on a connection: the peer's fault, or ours."""

from __future__ import annotations


class ProtocolError(Exception):
    """The peer broke the protocol so that nothing after it can be trusted: one line. The connection is dead.

    A server whose handshake was not over may still `send` one Refusal with this text.
    """


class LocalError(Exception):
    """We tried to send what the role, the state or the wire does not allow: one line. Nothing changed."""


class UnreadableError(ValueError):
    """One message whose bytes do not have their layout; the connection goes on."""
