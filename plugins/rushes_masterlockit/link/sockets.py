"""What we ask of the kernel for each connection."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

import trio

#: Probes of a silent link: after so many seconds, so often, so many times; TCP's own default is two hours.
_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}

#: How long what we sent may stay without the other machine's acknowledgement, in ms.
_UNACKNOWLEDGED_MS = 30_000

#: What the kernel may hold for one slow reader: the older it is, the less a timecode is worth.
_SEND_BUFFER = 256 * 1024

#: How long the other end may take to close after us.
_LINGER_S = 0.5


def tune(stream: trio.SocketStream) -> None:
    """Answers leave at once, dead links are found, a slow reader costs the kernel a bounded amount of memory."""
    with suppress(OSError):  # the connection may be over already, which reading will tell
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if (option := getattr(socket, name, None)) is not None:
                stream.setsockopt(socket.IPPROTO_TCP, option, value)
        if (option := getattr(socket, "TCP_USER_TIMEOUT", None)) is not None:
            stream.setsockopt(socket.IPPROTO_TCP, option, _UNACKNOWLEDGED_MS)


def host_of(stream: trio.SocketStream) -> tuple[str, int]:
    """Host and port of the other end; ("unknown", 0) when the connection is over already."""
    try:
        host, port = stream.socket.getpeername()[:2]
    except OSError:
        return "unknown", 0
    return str(host), int(port)


def written(host: str, port: int) -> str:
    """As people write it: 10.0.0.5:42000 or [fe80::1]:42000."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def last_words(stream: trio.SocketStream) -> None:
    """Say that nothing follows, and let the other end read it: a close with unread bytes would be a reset, which
    could destroy our last words on their way.
    """
    with trio.move_on_after(_LINGER_S), suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        await stream.send_eof()
        while await stream.receive_some():
            pass


def give_up(stream: trio.SocketStream) -> None:
    """Close with a reset: what the kernel still holds for the other end is thrown away."""
    with suppress(OSError):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
