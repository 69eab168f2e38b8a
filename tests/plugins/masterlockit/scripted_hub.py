"""A hub that does what a test's script says. Written from the seed alone, with nothing of our protocol package."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

KEY = b"LOCKIT-TEST-API-KEY-0001"
SECRET = b"not-a-real-secret"
NONCE = bytes(range(8))
CAMERA, RECORDER, GENERATOR, SLATE_INFO, SLATE, STORAGE, LENS = range(1, 8)

#: Codes of client requests.
SUB_DATA, UNSUB_DATA, SUB_DEVICES, REGISTER, UNREGISTER, DATA, FETCH = (
    0x01,
    0x02,
    0x03,
    0x05,
    0x06,
    0x07,
    0x08,
)
DELETE, SUB_VOLATILE, CJAM, RENAME, REMOVE = 0x09, 0x0B, 0x0E, 0x0F, 0x10


@dataclass(frozen=True)
class Frame:
    """What a client sent: `raw` with its size, `code` None where the type has none."""

    raw: bytes
    type: int
    code: int | None
    body: bytes


@dataclass(eq=False)
class Line:
    """One client's connection."""

    stream: trio.SocketStream
    order: str
    frames: list[Frame] = field(default_factory=list)
    hello: dict[str, Any] = field(default_factory=dict)
    answers: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    answered: trio.Event = field(default_factory=trio.Event)
    heard: trio.Event = field(default_factory=trio.Event)
    buffer: bytearray = field(default_factory=bytearray)
    sending: trio.Lock = field(default_factory=trio.Lock)
    over: trio.Event = field(default_factory=trio.Event)

    def pack(self, layout: str, *values: int) -> bytes:
        return struct.pack(self.order + layout, *values)

    def unpack(self, layout: str, data: bytes) -> tuple[Any, ...]:
        return struct.unpack(self.order + layout, data)

    def frame(self, kind: int, body: bytes) -> bytes:
        return self.pack("I", len(body) + 1) + bytes([kind]) + body

    async def send(self, *frames: bytes) -> None:
        async with self.sending:
            await self.stream.send_all(b"".join(frames))

    async def read(self) -> Frame | None:
        """The next frame; None at the end."""
        while True:
            if len(self.buffer) >= 4:
                (size,) = self.unpack("I", bytes(self.buffer[:4]))
                if len(self.buffer) >= 4 + size:
                    raw = bytes(self.buffer[: 4 + size])
                    del self.buffer[: 4 + size]
                    coded = raw[4] in {0x01, 0x02}
                    frame = Frame(raw, raw[4], raw[5] if coded else None, raw[6 if coded else 5 :])
                    self.frames.append(frame)
                    return frame
            data = await self.stream.receive_some(65536)
            if not data:
                return None
            self.buffer += data

    async def challenge(self) -> None:
        await self.send(self.frame(0x1F, b"\x00" + NONCE))

    async def greet(self) -> None:
        frame = await self.read()
        if frame is None:
            raise trio.BrokenResourceError("closed before its hello")
        body = frame.body
        assert frame.type == 0x0F, frame
        timestamp, device, length = self.unpack("QQI", body[:20])
        alias, rest = body[20 : 20 + length], body[20 + length :]
        (count,) = self.unpack("I", rest[:4])
        versions, rest = rest[4 : 4 + count], rest[4 + count :]
        signature = hmac.new(SECRET, rest[:24] + NONCE, "sha256").digest()
        self.hello = {
            "timestamp": timestamp, "device": device, "alias": alias.decode(), "versions": versions,
            "key": rest[:24], "signed": rest[24:] == signature,
        }  # fmt: skip

    async def ack(self, frame: Frame, data: bytes = b"") -> None:
        await self.send(self.frame(0x13, hashlib.sha1(frame.raw).digest() + data))

    async def nack(self, frame: Frame, code: int, text: str = "") -> None:
        await self.send(
            self.frame(0x14, hashlib.sha1(frame.raw).digest() + self.pack("I", code) + text.encode())
        )

    def appeared(self, device: int, type_: int) -> bytes:
        return self.frame(0x12, b"\x01" + self.pack("Q", device) + bytes([type_]))

    def disappeared(self, device: int, type_: int) -> bytes:
        return self.frame(0x12, b"\x02" + self.pack("Q", device) + bytes([type_]))

    def meta(self, device: int, type_: int, meta: Mapping[str, Any] | bytes) -> bytes:
        data = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
        return self.frame(0x12, b"\x04" + self.pack("Q", device) + bytes([type_]) + data)

    def volatile(self, device: int, type_: int, data: Mapping[str, Any] | bytes) -> bytes:
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.frame(0x12, b"\x05" + self.pack("Q", device) + bytes([type_]) + data)

    def data(self, device: int, type_: int, data: Mapping[str, Any] | bytes) -> bytes:
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.frame(0x11, b"\x01" + self.pack("Q", device) + bytes([type_]) + data)

    def ping(self) -> bytes:
        return self.frame(0x11, b"\x02")

    async def answer(self, *frames: bytes) -> list[tuple[int, bytes]]:
        """Ask; what the client answered to each: its type and what follows the digest."""
        digests = [hashlib.sha1(frame).digest() for frame in frames]
        for digest in digests:
            self.answers.pop(digest, None)
        await self.send(*frames)
        while not all(digest in self.answers for digest in digests):
            self.answered = trio.Event()
            await self.answered.wait()
        return [self.answers[digest] for digest in digests]

    async def until(self, code: int, *, count: int = 1, kind: int = 0x01) -> list[Frame]:
        """The frames of this kind, once there are so many."""
        while len(found := [f for f in self.frames if f.type == kind and f.code == code]) < count:
            self.heard = trio.Event()
            await self.heard.wait()
        return found

    def subscribed(self, code: int) -> list[tuple[int, int]]:
        """(device, type) of each subscription of this kind."""
        bodies = [frame.body for frame in self.frames if frame.type == 0x01 and frame.code == code]
        return [(*self.unpack("Q", body[:8]), body[8]) for body in bodies]


Rule = Callable[[Line, Frame], Awaitable[None]]


@dataclass(eq=False)
class Hub:
    """Lists `clips`, tells of `devices` ((id, type) to metadata); `rules` by request code replace what it does."""

    order: str = "<"
    refuse: tuple[int, bytes] | None = None
    clips: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[tuple[int, int], Mapping[str, Any] | None] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)
    #: Called before each frame is answered, with its number in the connection; True means it is dealt with.
    before: Callable[[Line, Frame, int], Awaitable[bool]] | None = None
    greet: Callable[[Line], Awaitable[None]] | None = None
    lines: list[Line] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    port: int = 0
    connected: trio.Event = field(default_factory=trio.Event)
    given: list[dict[str, Any]] = field(default_factory=list)
    deaf: bool = False

    @property
    def line(self) -> Line:
        return self.lines[-1]

    async def nth(self, count: int) -> Line:
        """That connection, once its handshake is through."""
        while len(self.lines) < count or not self.lines[count - 1].hello:
            self.connected = trio.Event()
            await self.connected.wait()
        return self.lines[count - 1]

    async def serve(self, stream: trio.SocketStream) -> None:
        line = Line(stream, self.order)
        self.lines.append(line)
        self.times.append(trio.current_time())
        try:
            async with stream:
                if self.greet is not None:
                    await self.greet(line)
                    return
                await line.challenge()
                await line.greet()
                if self.refuse is not None:
                    code, text = self.refuse
                    await line.send(line.frame(0x1F, bytes([2, code]) + text))
                    return
                await line.send(line.frame(0x1F, b"\x01\x01"))
                self.connected.set()
                number = 0
                while (frame := await line.read()) is not None:
                    number += 1
                    await self.handle(line, frame, number)
                    line.heard.set()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            line.over.set()

    async def handle(self, line: Line, frame: Frame, number: int) -> None:
        if frame.type in {0x03, 0x04}:
            line.answers[frame.body[:20]] = (frame.type, frame.body[20:])
            line.answered.set()
            return
        if self.before is not None and await self.before(line, frame, number):
            return
        if self.deaf or frame.type != 0x01:
            return
        assert frame.code is not None
        if frame.code in self.rules:
            await self.rules[frame.code](line, frame)
        elif frame.code == FETCH:
            await line.ack(frame, json.dumps(self.page(line, frame)).encode())
        elif frame.code == DATA:
            clip = json.loads(frame.body[1:])
            self.given.append(clip)
            if "id" in clip:
                self.clips[clip["id"]] = clip
            await line.ack(frame)
        else:
            await line.ack(frame)
            if frame.code == SUB_DEVICES:
                for (device, type_), meta in self.devices.items():
                    if type_ == frame.body[0]:
                        told = [line.appeared(device, type_)]
                        if meta is not None:
                            told.append(line.meta(device, type_, meta))
                        await line.send(*told)

    def page(self, line: Line, frame: Frame) -> list[dict[str, Any]]:
        start, length = line.unpack("II", frame.body[:8])
        list_type, demand = frame.body[8], json.loads(frame.body[25:] or b"{}")
        ids = [id_ for id_ in self.clips if id_ in demand.get("clips", self.clips)]
        chosen = [self.clips[id_] for id_ in ids[start : start + length]]
        if list_type == 2:
            return [{name: clip[name] for name in ("id", "type", "version")} for clip in chosen]
        return chosen


@asynccontextmanager
async def scripted(hub: Hub) -> AsyncIterator[Hub]:
    """The hub, listening on a free port of 127.0.0.1."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(hub.port, host="127.0.0.1")
        hub.port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, hub.serve, listeners)
        try:
            yield hub
        finally:
            nursery.cancel_scope.cancel()


def clip(id_: str, version: Mapping[str, int] | None = None, **more: Any) -> dict[str, Any]:
    """A video clip as a camera says it."""
    return {
        "id": id_, "type": "video", "version": dict(version or {"00000000000000c1": 1}), "clipName": f"A{id_}",
        "created": 1325376000000, "updated": 1325376000000, **more,
    }  # fmt: skip
