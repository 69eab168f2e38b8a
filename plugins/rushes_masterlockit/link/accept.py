"""Our own accept loop: whatever becomes of one connection, the others and the listeners never learn of it."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Sequence
from logging import Logger

import trio

from rushes_masterlockit.link.errors import LinkError
from rushes_masterlockit.link.sockets import host_of, written

#: The machine has no descriptor or memory left for a connection: another may end meanwhile.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

#: Between attempts while the machine is exhausted, in seconds.
_PAUSE_S = 0.1


async def serve(
    listeners: Sequence[trio.SocketListener],
    handle: Callable[[trio.SocketStream], Awaitable[None]],
    *,
    log: Logger,
) -> None:
    """Accept until cancelled, then close the listeners. Each connection has a task of its own; its stream is closed
    when `handle` is through.

    What `handle` raises is logged: a LinkError as the end of a connection, anything else as a bug.
    """
    async with trio.open_nursery() as nursery:
        for listener in listeners:
            nursery.start_soon(_accept, listener, handle, log, nursery)


async def _accept(
    listener: trio.SocketListener,
    handle: Callable[[trio.SocketStream], Awaitable[None]],
    log: Logger,
    nursery: trio.Nursery,
) -> None:
    exhausted = False
    async with listener:
        while True:
            try:
                stream = await listener.accept()
            except OSError as failure:
                if failure.errno in _EXHAUSTED and not exhausted:
                    log.error(  # noqa: TRY400 - the machine's trouble, not a bug
                        "no connection can be accepted: %s; others must end first", failure.strerror
                    )
                # Any other failure is of the one connection that was about to be accepted.
                exhausted = failure.errno in _EXHAUSTED
                await trio.sleep(_PAUSE_S if exhausted else 0)
                continue
            exhausted = False
            nursery.start_soon(_serve_one, stream, handle, log)


async def _serve_one(
    stream: trio.SocketStream, handle: Callable[[trio.SocketStream], Awaitable[None]], log: Logger
) -> None:
    address = written(*host_of(stream))
    try:
        await handle(stream)
    except LinkError as end:
        log.info("%s", end)
    except Exception:
        log.exception("%s: the connection was ended by a bug of ours", address)
    finally:
        stream.socket.close()
