"""A hub of the set: an independent server, written from the seed alone. What it keeps is in memory."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from journeys.masterlockit.seed_wire import KEY, SECRET, frame, hello, packed, sha1, take_frame

NAMES = dict(
    enumerate(
        [
            "data",
            "undata",
            "devices",
            "undevices",
            "register",
            "unregister",
            "event",
            "fetch",
            "delete",
            "export",
            "volatile",
            "unvolatile",
            "lens",
            "cjam",
            "rename",
            "remove",
        ],
        1,
    )
)


class Asked(NamedTuple):
    """A request that came, or the notification `meta`."""

    name: str
    payload: bytes


class SeedHub:
    """Serves in threads until its `with` ends.

    `devices` are (id, type) with their metadata, `clips` by id. `nacks` has codes for requests that are
    refused, `deaf` names requests that are never answered, `page_of` caps a page.
    """

    def __init__(self, order: str, *, port: int = 0) -> None:
        self.order = order
        self.devices: dict[tuple[int, int], Mapping[str, Any]] = {}
        self.clips: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self.answered: list[tuple[int, bytes, bytes]] = []
        self.connections = 0
        self.refuses: bytes | None = None
        self.digest_from = 0
        self.nacks: dict[str, int] = {}
        self.deaf: set[str] = set()
        self.page_of = 1 << 31
        self.subscribed: set[tuple[str, bytes]] = set()
        self.registered: set[tuple[int, int]] = set()
        self.alias = ""
        self._sock: socket.socket | None = None
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Reset the client's connection."""
        if sock := self._sock:
            self._sock = None
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RD)  # its thread wakes and closes it

    def send(self, message: bytes) -> None:
        """Any bytes."""
        with self._sending, suppress(OSError, AttributeError):
            self._sock.sendall(message)  # type: ignore[union-attr]

    def push(self, device: int, kind: int, data: Any) -> bytes:
        """DataEvent; its digest."""
        message = frame(self.order, 0x11, b"\x01" + self.at(device, kind) + packed(data))
        self.send(message)
        return sha1(message)

    def ping(self) -> bytes:
        message = frame(self.order, 0x11, b"\x02")
        self.send(message)
        return sha1(message)

    def notify(self, code: int, device: int, kind: int, data: Any = b"") -> None:
        self.send(frame(self.order, 0x12, bytes([code]) + self.at(device, kind) + packed(data)))

    def appear(self, device: int, kind: int, alias: str, /, **members: Any) -> None:
        meta = {"common": {"alias": alias, "connected": True, "energyLevel": -1}, "device": {}, "vendor": {}}
        self.devices[device, kind] = meta | {"vendorTyped": {}} | members
        self.notify(1, device, kind)
        self.notify(4, device, kind, self.devices[device, kind])

    def disappear(self, device: int, kind: int) -> None:
        self.devices.pop((device, kind), None)
        self.notify(2, device, kind)

    def at(self, device: int, kind: int) -> bytes:
        return struct.pack(f"{self.order}QB", device, kind)

    def wait(self, true: Callable[[], Any], what: str, within: float = 30) -> None:
        """Until it is so; looked at whenever something came."""
        until = time.monotonic() + within
        with self._news:
            while not true():
                left = until - time.monotonic()
                assert left > 0, (what, self.connections, self.asked[-5:], self.answered[-3:])
                self._news.wait(left)

    def wait_answer(self, digest: bytes, within: float = 30) -> tuple[int, bytes]:
        """The type and the rest of what answers a request of ours."""
        self.wait(lambda: any(one[1] == digest for one in self.answered), "an answer", within)
        kind, _, rest = next(one for one in self.answered if one[1] == digest)
        self.answered.remove((kind, digest, rest))
        return kind, rest

    def names(self) -> list[str]:
        return [asked.name for asked in self.asked]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, EOFError), sock:
            nonce = os.urandom(8)
            sock.sendall(frame(self.order, 0x1F, b"\x00" + nonce))
            came = take_frame(sock, self.order)
            _, device, length = struct.unpack_from(f"{self.order}QQI", came, 5)
            alias = came[25 : 25 + length]
            time = struct.unpack_from(f"{self.order}Q", came, 5)[0]
            versions = came[29 + length : -56]
            # The seed's rule makes one message of these: byte by byte what came.
            wanted = hello(
                self.order,
                nonce,
                device,
                alias=alias,
                versions=versions,
                key=KEY,
                secret=SECRET,
                time=time,
            )
            if came != wanted or b"\x01" not in versions:
                sock.sendall(frame(self.order, 0x1F, b"\x02\x03"))
                return
            if self.refuses is not None:
                with self._news:
                    self.connections += 1
                    self._news.notify_all()
                sock.sendall(frame(self.order, 0x1F, b"\x02" + self.refuses))
                return
            sock.sendall(frame(self.order, 0x1F, b"\x01\x01"))
            with self._news:
                self._sock, self.alias = sock, alias.decode()
                self.connections += 1
                self.subscribed, self.registered = set(), set()
                self._news.notify_all()
            while True:
                message = take_frame(sock, self.order)
                with self._news:
                    if self._sock is not sock:  # what it still had to say when it was followed by another
                        return
                    self._take(message, device)
                    self._news.notify_all()

    def _take(self, message: bytes, device: int) -> None:
        kind, body = message[4], message[5:]
        if kind in (0x03, 0x04):
            self.answered.append((kind, body[:20], body[20:]))
        elif kind == 0x02:
            self.asked.append(Asked("meta", body[1:]))
        else:
            assert kind == 0x01, message
            self._answer(message, NAMES[body[0]], body[1:], device)

    def _answer(self, message: bytes, name: str, payload: bytes, device: int) -> None:
        self.asked.append(Asked(name, payload))
        if name in self.deaf:
            return
        digest = sha1(message[self.digest_from :])
        if name in self.nacks:
            self.send(frame(self.order, 0x14, digest + struct.pack(f"{self.order}I", self.nacks[name])))
            return
        data = self.page(payload) if name == "fetch" else b""
        if name in ("data", "devices", "volatile"):
            self.subscribed.add((name, payload))
        elif name == "register":
            self.registered.add((device, payload[0]))
        elif name == "event":
            self._event(payload[1:])
        self.send(frame(self.order, 0x13, digest + data))
        if name == "devices":
            for (known, kind), meta in list(self.devices.items()):
                if kind == payload[0]:
                    self.notify(1, known, kind)
                    self.notify(4, known, kind, meta)

    def page(self, payload: bytes) -> bytes:
        """The answer to FetchClips."""
        start, length, form = struct.unpack_from(f"{self.order}IIB", payload)
        demand = json.loads(payload[25:] or b"{}")
        ids = [name for name in self.clips if name in demand.get("clips", self.clips)]
        page = [self.clips[name] for name in ids[start : start + min(length, self.page_of)]]
        if form == 2:
            page = [{member: clip[member] for member in ("id", "type", "version")} for clip in page]
        return packed(page)

    def _event(self, data: bytes) -> None:
        said = json.loads(data)
        if said.get("type") in ("video", "sound"):
            self.clips[said["id"]] = said
