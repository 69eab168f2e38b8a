"""Connections: the protocol over TCP, for either side."""

from rushes_masterlockit.link.accept import serve
from rushes_masterlockit.link.errors import LinkError, NoAnswerError, PeerLost, RefusedError
from rushes_masterlockit.link.guard import Guard
from rushes_masterlockit.link.handling import Handler
from rushes_masterlockit.link.peer import Peer

__all__ = ["Guard", "Handler", "LinkError", "NoAnswerError", "Peer", "PeerLost", "RefusedError", "serve"]
