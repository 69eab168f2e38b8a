"""A device of the set: an independent client, written from the seed alone."""

from __future__ import annotations

import json
import secrets
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from journeys.masterlockit.seed_wire import frame, hello, packed, sha1, take, take_frame

#: The type and the code of what a server says of its own accord.
DATA, PING = (0x11, 1), (0x11, 2)
APPEARED, DISAPPEARED, META, VOLATILE = (0x12, 1), (0x12, 2), (0x12, 4), (0x12, 5)
#: Addresses of this machine to come from, each taken once: a hub counts the failures of an address.
HOMES = (f"127.{a}.{b}.{c}" for a in range(2, 250) for b in range(250) for c in range(1, 250))


class Answer(NamedTuple):
    """What became of a request: `code` is None where it was acknowledged."""

    code: int | None
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Heard(NamedTuple):
    """A message of the server's own accord."""

    what: tuple[int, int]
    device: int
    type: int
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def dial(port: int, *, host: str = "127.0.0.1", home: str = "127.0.0.1") -> socket.socket:
    """A connection that has said nothing yet, from an address of the loopback net."""
    return socket.create_connection((host, port), 5, (home, 0))


def challenged(sock: socket.socket, order: str) -> bytes:
    """The nonce of the challenge that the server begins with."""
    message = take_frame(sock, order)
    assert message[4:6] == b"\x1f\x00", message
    assert len(message) == 14
    return message[6:]


class SeedClient:
    """Connected and let in; a thread of its own hears, and acknowledges what the server asks unless told not to.

    `pace` sends every frame of the handshake and after in pieces of so many bytes.
    """

    def __init__(
        self, port: int, order: str, device: int, *, home: str = "127.0.0.1", pace: int = 0, **said: Any
    ) -> None:
        self.order, self.device, self._pace = order, device, pace
        self.answers, self.digest_from = True, 0
        self.nacks_with: int | None = None
        self.strays = 0
        self.ended = threading.Event()
        self.heard: list[Heard] = []
        self._waiting: dict[bytes, deque[Callable[[Answer], None]]] = defaultdict(deque)
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self.sock = dial(port, home=home)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(hello(order, challenged(self.sock, order), device, **said))
        reply = take_frame(self.sock, order)
        assert reply[4:] == b"\x1f\x01\x01", reply
        self.sock.settimeout(None)
        self._reading = threading.Event()
        self._reading.set()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._reading.set()
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def reset(self) -> None:
        """Pull the plug: RST, no FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def stop_reading(self) -> None:
        """Read nothing until the end: a slow reader."""
        self._reading.clear()

    def send(self, message: bytes) -> None:
        with self._sending:
            for start in range(0, len(message), self._pace or len(message)):
                self.sock.sendall(message[start : start + (self._pace or len(message))])

    def _read(self) -> None:
        try:
            while True:
                self._reading.wait()
                self._take(take_frame(self.sock, self.order))
        except (EOFError, OSError):
            self.sock.close()
        with self._news:
            self.ended.set()
            self._news.notify_all()

    def _take(self, message: bytes) -> None:
        kind, body = message[4], message[5:]
        if kind in (0x13, 0x14):
            code = struct.unpack_from(f"{self.order}I", body, 20)[0] if kind == 0x14 else None
            with self._news:
                waiting = self._waiting[body[:20]]
                if not waiting:
                    self.strays += 1  # of what was sent without waiting for it
                    return
                done = waiting.popleft()
            done(Answer(code, body[24:] if kind == 0x14 else body[20:]))
            return
        assert kind in (0x11, 0x12), message
        rest = (0, 0, b"")
        if (kind, body[0]) != PING:
            rest = (*struct.unpack_from(f"{self.order}QB", body, 1), body[10:])
        with self._news:
            self.heard.append(Heard((kind, body[0]), *rest))
            self._news.notify_all()
        if kind == 0x11 and self.answers:
            digest = sha1(message[self.digest_from :])
            if self.nacks_with is None:
                self.send(frame(self.order, 0x03, digest))
            else:
                self.send(frame(self.order, 0x04, digest + struct.pack(f"{self.order}I", self.nacks_with)))

    def expect(self, message: bytes) -> Callable[[], Answer]:
        """Be ready for the answer to a request; what it returns waits for that answer."""
        came, box = threading.Event(), []

        def done(answer: Answer) -> None:
            box.append(answer)
            came.set()

        with self._news:
            self._waiting[sha1(message)].append(done)

        def answer() -> Answer:
            assert came.wait(30), (
                f"{message[5:40]!r} was not answered; connection ended: {self.ended.is_set()}"
            )
            return box[0]

        return answer

    def begin(self, code: int, payload: bytes = b"") -> Callable[[], Answer]:
        """Send a request; what it returns waits for its answer."""
        message = frame(self.order, 0x01, bytes([code]) + payload)
        answer = self.expect(message)
        self.send(message)
        return answer

    def ask(self, code: int, payload: bytes = b"") -> Answer:
        return self.begin(code, payload)()

    def do(self, code: int, payload: bytes = b"") -> bytes:
        """The data of its acknowledgement."""
        answer = self.ask(code, payload)
        assert answer.code is None, answer
        return answer.data

    def pack(self, layout: str, *values: Any) -> bytes:
        return struct.pack(self.order + layout, *values)

    def at(self, device: int, kind: int) -> bytes:
        return self.pack("QB", device, kind)

    def register(self, *kinds: int) -> None:
        for kind in kinds:
            self.do(0x05, bytes([kind]))

    def event(self, kind: int, data: Any) -> Answer:
        return self.ask(0x07, bytes([kind]) + packed(data))

    def tell(self, kind: int, data: Any) -> None:
        """DeviceMetaEvent."""
        self.send(frame(self.order, 0x02, bytes([1, kind]) + packed(data)))

    def fetch(
        self,
        demand: Any = None,
        *,
        start: int = 0,
        length: int = 200,
        full: bool = True,
        view: bytes = b"",
    ) -> Answer:
        head = self.pack("IIB", start, length, 1 if full else 2) + (view or secrets.token_bytes(16))
        return self.ask(0x08, head + packed({} if demand is None else demand))

    def ids(self, demand: Any = None, **page: Any) -> list[str]:
        return [clip["id"] for clip in self.fetch(demand, **page).json]

    def export(self, kind: int, **configuration: Any) -> Answer:
        return self.ask(0x0A, bytes([kind]) + packed(configuration))

    def meet(self, what: tuple[int, int], device: int, kind: int, within: float = 5, **members: Any) -> Heard:
        """The first unseen message of that device and type whose JSON has these members; it counts as seen."""
        until = time.monotonic() + within
        with self._news:
            while True:
                for heard in self.heard:
                    if (heard.what, heard.device, heard.type) == (what, device, kind) and (
                        not members or members.items() <= heard.json.items()
                    ):
                        self.heard.remove(heard)
                        return heard
                left = until - time.monotonic()
                assert left > 0, (what, device, kind, members, self.heard[-5:])
                assert not self.ended.is_set(), (what, device, kind, members)
                self._news.wait(left)

    def settle(self) -> list[Heard]:
        """What came until now: an answer is behind everything that was sent before it."""
        self.do(0x02, self.at(1, 1))
        with self._news:
            return list(self.heard)


def closed(sock: socket.socket, within: float = 5) -> bytes:
    """What still comes until the server closes. Raises TimeoutError when it does not."""
    sock.settimeout(within)
    rest = bytearray()
    with suppress(EOFError):
        while True:
            rest += take(sock, 1)
    return bytes(rest)
