"""Two peers on a real socket of this machine, and a raw socket where one of them is to misbehave."""

from __future__ import annotations

import socket
import struct
from contextlib import asynccontextmanager

import trio

from rushes_masterlockit.link import Peer
from rushes_masterlockit.protocol import NEED_DATA, ByteOrder, Challenge, Connection, Hello, Role, Welcome

CHALLENGE = Challenge(bytes(range(8)))
HELLO = Hello(timestamp=1, device=7, alias="A-Cam", versions=b"\1", key=b"k" * 24, signature=b"s" * 32)
WELCOME = Welcome(1)


class Side:
    """One end: what it was told, how its `run` ended. `answer` is what its handler does."""

    def __init__(self, peer: Peer, answer=None) -> None:
        self.peer = peer
        self.answer = answer
        self.told = []
        self.end: BaseException | None = None
        self.over = trio.Event()
        self._news = trio.lowlevel.ParkingLot()

    def handle(self, message):
        self.told.append(message)
        self._news.unpark_all()
        return None if self.answer is None else self.answer(message)

    async def run(self) -> None:
        try:
            await self.peer.run(self.handle)
        except Exception as end:  # noqa: BLE001 - a test looks at it
            self.end = end
        finally:
            self.over.set()

    async def heard(self, count: int) -> list:
        """Its messages, once there are so many."""
        while len(self.told) < count:
            await self._news.park()
        return self.told


async def sockets(*, receive: int | None = None) -> tuple[trio.SocketStream, trio.SocketStream]:
    """Both ends of a TCP connection: the accepted one and the one that connected.

    `receive` bounds what the kernel keeps unread at the latter.
    """
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        connecting = trio.socket.socket()
        if receive is not None:
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        await connecting.connect(listener.socket.getsockname())
        return await listener.accept(), trio.SocketStream(connecting)


def introduced() -> tuple[Connection, Connection]:
    """Server's and client's, their handshake behind them."""
    server, client = Connection(Role.SERVER, byte_order=ByteOrder.LITTLE), Connection(Role.CLIENT)
    for speaker, listener, message in (
        (server, client, CHALLENGE),
        (client, server, HELLO),
        (server, client, WELCOME),
    ):
        listener.receive_data(speaker.send(message))
        assert listener.next_event() == message
    return server, client


@asynccontextmanager
async def pair(hub_answer=None, device_answer=None, **options):
    """A hub's and a device's side, both running."""
    ours, theirs = await sockets()
    server, client = introduced()
    hub = Side(Peer(ours, server, name="the device", **options), hub_answer)
    device = Side(Peer(theirs, client, name="the hub", **options), device_answer)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        nursery.start_soon(device.run)
        yield hub, device
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def against_raw(hub_answer=None, *, receive: int | None = None, **options):
    """A hub's side that runs, and what its device has: a stream, and a connection to make bytes with."""
    ours, theirs = await sockets(receive=receive)
    server, client = introduced()
    hub = Side(Peer(ours, server, name="the device", **options), hub_answer)
    async with trio.open_nursery() as nursery, theirs:
        nursery.start_soon(hub.run)
        yield hub, theirs, client
        nursery.cancel_scope.cancel()


async def read_all(stream: trio.SocketStream, connection: Connection) -> list:
    """Every event until the other end closes."""
    events = []
    while True:
        data = await stream.receive_some()
        connection.receive_data(data)
        while (event := connection.next_event()) is not NEED_DATA:
            events.append(event)
            if not data:
                return events


def reset(stream: trio.SocketStream) -> None:
    """As a device does whose power went and came."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
