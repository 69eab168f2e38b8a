"""A device's connection to a hub, byte by byte, from the reference alone: nothing here is the plugin's."""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

KEY, SECRET = b"LOCKIT-TEST-API-KEY-0001", b"not-a-real-secret"
CAMERA, SOUND, TIMECODE, SLATE_INFO, SLATE, STORAGE, LENS = range(1, 8)

SUBSCRIBE_DATA, REGISTER, DATA, FETCH, DELETE = 0x01, 0x05, 0x07, 0x08, 0x09
FULL, VERSIONS = 1, 2


class GoneError(Exception):
    """The connection ended: whoever waited for an answer does not know what became of the request."""


@dataclass(frozen=True)
class Answer:
    """`code` is the nack's, None for an acknowledgement."""

    data: bytes
    code: int | None = None


class Wire:
    """One connection. `hear(type, data)` is called with each data event, which is acknowledged afterwards."""

    def __init__(self, stream: trio.SocketStream, hear: Callable[[int, bytes], None]) -> None:
        self.over = trio.Event()
        self._stream = stream
        self._hear = hear
        self._waiting: dict[bytes, deque[Callable[[Answer | None], None]]] = defaultdict(deque)
        self._bytes = bytearray()
        self._writing = trio.Lock()

    async def ask(self, code: int, payload: bytes, answered: Callable[[Answer | None], None]) -> None:
        """Send a request; `answered` gets the answer, None when the connection ends before that."""
        request = _frame(0x01, bytes([code]) + payload)
        async with self._writing:
            if self.over.is_set():
                answered(None)
                return
            self._waiting[hashlib.sha1(request).digest()].append(answered)
            await self._write(request)

    async def request(self, code: int, payload: bytes = b"") -> Answer:
        """Raises GoneError."""
        came, answers = trio.Event(), list[Answer | None]()

        def answered(answer: Answer | None) -> None:
            answers.append(answer)
            came.set()

        await self.ask(code, payload, answered)
        await came.wait()
        if answers[0] is None:
            raise GoneError
        return answers[0]

    async def greet(self, device: int, alias: str) -> None:
        """Answer the challenge. Raises GoneError where the hub does not welcome us."""
        _, challenge = await self._read()
        name = alias.encode()
        signature = hmac.new(SECRET, KEY + challenge[1:], hashlib.sha256).digest()
        said = struct.pack("<QQI", int(time.time() * 1000), device, len(name)) + name
        await self._write(_frame(0x0F, said + struct.pack("<I", 1) + b"\1" + KEY + signature))
        if await self._read() != (0x1F, b"\1\1"):
            raise GoneError

    async def run(self) -> None:
        """Read until the connection ends."""
        try:
            while True:
                type_, rest = await self._read()
                if type_ in (0x13, 0x14):
                    self._answered(type_, rest)
                elif type_ == 0x11:
                    if rest[0] == 0x01:
                        self._hear(rest[9], rest[10:])
                    request = _frame(type_, rest)
                    async with self._writing:
                        await self._write(_frame(0x03, hashlib.sha1(request).digest()))
        except GoneError:
            return
        finally:
            self.over.set()
            waiting, self._waiting = self._waiting, defaultdict(deque)
            for answered in [each for several in waiting.values() for each in several]:
                answered(None)

    def _answered(self, type_: int, rest: bytes) -> None:
        code = struct.unpack("<I", rest[20:24])[0] if type_ == 0x14 else None
        self._waiting[rest[:20]].popleft()(Answer(rest[20 if code is None else 24 :], code))

    async def _write(self, data: bytes) -> None:
        try:
            await self._stream.send_all(data)
        except trio.BrokenResourceError:
            raise GoneError from None

    async def _read(self) -> tuple[int, bytes]:
        while len(self._bytes) < 4 or len(self._bytes) < 4 + struct.unpack_from("<I", self._bytes)[0]:
            try:
                data = await self._stream.receive_some(65536)
            except trio.BrokenResourceError:
                raise GoneError from None
            if not data:
                raise GoneError
            self._bytes += data
        end = 4 + struct.unpack_from("<I", self._bytes)[0]
        frame = bytes(self._bytes[:end])
        del self._bytes[:end]
        return frame[4], frame[5:]


@asynccontextmanager
async def connected(
    port: int, device: int, alias: str, hear: Callable[[int, bytes], None] = lambda _type, _data: None
) -> AsyncIterator[Wire]:
    """A connection that is welcome; it ends with the block. Raises OSError, GoneError."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        wire = Wire(stream, hear)
        await wire.greet(device, alias)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wire.run)
            try:
                yield wire
            finally:
                nursery.cancel_scope.cancel()


def page(start: int, length: int, list_type: int, view: bytes, demand: bytes) -> bytes:
    """What FetchClips says."""
    return struct.pack("<IIB", start, length, list_type) + view + demand


def _frame(type_: int, payload: bytes) -> bytes:
    return struct.pack("<IB", len(payload) + 1, type_) + payload
