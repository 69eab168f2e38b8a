"""A hub on a real socket, its repository in memory, and a device made of plain bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from rushes.testing import FakeIntake, StandIn
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.hub import Hub
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.repository import Repository

from .client_rig import Shelf, eventually

__all__ = ["Device", "Gone", "Rig", "clip", "eventually", "hub"]

KEY, SECRET = b"LOCKIT-TEST-API-KEY-0001", b"not-a-real-secret"
OWN = 0x00FF00FF00FF00FF
CAMERA, SOUND, TIMECODE, SLATE_INFO, SLATE, STORAGE, LENS = range(1, 8)

PING = (0x11, b"\2")


class Gone(Exception):
    """The hub closed the connection."""


class Device:
    """What any client would do, byte by byte. It acknowledges what it is told unless `dumb`."""

    def __init__(self, stream, id_=0x0102030405060708, order="<"):
        self.stream = stream
        self.id = id_
        self.order = order
        self.dumb = False
        self.first = "<"
        self.nonce = b""
        self.inbox = []
        self.sent = []
        self._bytes = b""

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def frame(self, type_, payload=b""):
        return self.pack("IB", len(payload) + 1, type_) + payload

    async def write(self, data):
        await self.stream.send_all(data)

    async def read(self):
        """The next frame: its type and what follows. Raises Gone at the end."""
        while (
            len(self._bytes) < 4 or len(self._bytes) < 4 + struct.unpack(self.order + "I", self._bytes[:4])[0]
        ):
            try:
                data = await self.stream.receive_some(65536)
            except trio.BrokenResourceError:
                raise Gone from None
            if not data:
                raise Gone
            self._bytes += data
        (size,) = struct.unpack(self.order + "I", self._bytes[:4])
        frame, self._bytes = self._bytes[: 4 + size], self._bytes[4 + size :]
        if frame[4] == 0x11 and not self.dumb:
            await self.write(self.frame(0x03, hashlib.sha1(frame).digest()))
        return frame[4], frame[5:]

    async def challenged(self):
        """A hub that speaks as its clients do begins in little, unless told otherwise (`first`)."""
        wanted, self.order = self.order, self.first
        type_, rest = await self.read()
        self.order = wanted
        assert (type_, rest[0], len(rest)) == (0x1F, 0, 9)
        self.nonce = rest[1:]

    def hello(self, *, alias="A-Cam", versions=b"\1", key=KEY, secret=SECRET, nonce=None, id_=None):
        name = alias if isinstance(alias, bytes) else alias.encode()
        signature = hmac.new(secret, key + (nonce or self.nonce), hashlib.sha256).digest()
        payload = self.pack("QQ", int(time.time() * 1000), self.id if id_ is None else id_)
        payload += self.pack("I", len(name)) + name + self.pack("I", len(versions)) + versions
        return self.frame(0x0F, payload + key + signature)

    async def enter(self, **hello):
        await self.challenged()
        await self.write(self.hello(**hello))
        assert await self.read() == (0x1F, b"\1\1")
        return self

    async def ask(self, code, payload=b""):
        """A request's frame is written; its digest."""
        frame = self.frame(0x01, bytes([code]) + payload)
        await self.write(frame)
        return hashlib.sha1(frame).digest()

    async def answer(self, digest):
        """The acknowledgement's data, or the nack's code and text. What else comes goes to the inbox."""
        while True:
            type_, rest = await self.read()
            if type_ in (0x13, 0x14) and rest[:20] == digest:
                if type_ == 0x13:
                    return rest[20:]
                return struct.unpack(self.order + "I", rest[20:24])[0], rest[24:].decode()
            if (type_, rest) != PING:
                self.inbox.append((type_, rest))

    async def request(self, code, payload=b""):
        with trio.fail_after(15):
            return await self.answer(await self.ask(code, payload))

    async def told(self):
        """The next thing that is no answer, as (type and code, device, type of device, data)."""
        with trio.fail_after(15):
            while not self.inbox:
                self.inbox.append(await self.read())
        type_, rest = self.inbox.pop(0)
        if len(rest) < 10:
            return (type_, rest[0]), None, None, rest[1:]
        return (type_, rest[0]), struct.unpack(self.order + "Q", rest[1:9])[0], rest[9], rest[10:]

    async def quiet(self):
        """That the hub has told nothing up to now: a harmless request is answered first."""
        assert await self.request(0x04, b"\6") == b""
        return not self.inbox

    # Requests by name

    async def register(self, type_):
        return await self.request(0x05, bytes([type_]))

    async def watch(self, type_):
        return await self.request(0x03, bytes([type_]))

    async def subscribe(self, device, type_, *, volatile=False):
        return await self.request(0x0B if volatile else 0x01, self.pack("QB", device, type_))

    async def say(self, type_, data):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return await self.request(0x07, bytes([type_]) + body)

    async def meta(self, type_, told):
        await self.write(self.frame(0x02, bytes([1, type_]) + json.dumps(told).encode()))

    async def fetch(self, demand=None, *, start=0, length=0, list_type=1, view=bytes(16)):
        payload = self.pack("IIB", start, length, list_type) + view + json.dumps(demand or {}).encode()
        answer = await self.request(0x08, payload)
        return json.loads(answer) if isinstance(answer, bytes) else answer

    async def export(self, kind, **configuration):
        return await self.request(0x0A, bytes([kind]) + json.dumps(configuration).encode())

    async def ended(self):
        """Whether the hub closes, after whatever else it says."""
        with trio.fail_after(15):
            try:
                while True:
                    await self.read()
            except Gone:
                return True


@dataclass(eq=False)
class Rig:
    hub: Hub
    repository: Repository
    shelf: Shelf
    context: StandIn
    intake: FakeIntake
    port: int
    first: str
    streams: list = field(default_factory=list)

    async def connect(self, id_=0x0102030405060708, order="<"):
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        self.streams.append(stream)
        device = Device(stream, id_, order)
        device.first = self.first
        return device

    async def device(self, id_=0x0102030405060708, order="<", **hello):
        return await (await self.connect(id_, order)).enter(**hello)

    def present(self):
        newest = {device.id: device for device in self.intake.seen_devices}
        return {device.name: device.type for device in newest.values() if device.present}


@asynccontextmanager
async def hub(folder, *, context=None, shelf=None, credentials=True, **options):
    """A hub that listens; `options` as in a pipeline file."""
    context = context or StandIn(folder, None, "set")
    shelf = shelf or Shelf()
    intake = FakeIntake()
    chosen = MasterlockitOptions(listen="127.0.0.1:0", alias="Hub", **options)
    repository = Repository(shelf, f"{OWN:016x}", bodies=True, rate=lambda: "25", now=time.time)
    await repository.load()
    held = Credentials(KEY, SECRET) if credentials else None
    made = Hub(chosen, held, repository, own=OWN, context=context, tell_devices=intake.devices)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    first = ">" if chosen.byte_order == "big" else "<"
    rig = Rig(made, repository, shelf, context, intake, port, first)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(repository.run)
            nursery.start_soon(made.serve, listeners)
            yield rig
            nursery.cancel_scope.cancel()
    finally:
        for closing in (*rig.streams, *listeners):
            closing.socket.close()


def clip(number, version=None, type_="video", **members):
    """A clip as a device says it."""
    return {
        "id": f"{number:032x}",
        "type": type_,
        "version": version or {"0102030405060708": 1},
        "created": 1_700_000_000_000 + number,
        "updated": 1_700_000_000_000 + number,
        **members,
    }
