"""A set's worth of timecode generators against one hub, once: `devices_once.py PORT COUNT SECONDS` prints JSON.

Each connection says its timecode 25 times a second, on a schedule of its own; an answer's time counts from when
its request was due, so that a hub that stalls us is charged for it. No line of the plugin is used: the frames are
built before the clock starts, and the loop is epoll over plain sockets, which leaves the machine to the hub.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import select
import socket
import struct
import sys
import time
from collections import deque

RATE = 25
LABELS = 60 * RATE
WARM_S = 1.0
GRACE_S = 3.0
KEY = b"RUSHES_MASTERLOCKIT_API_KEY"
SECRET = b"RUSHES_MASTERLOCKIT_API_SECRET"
GENERATOR = 3

Said = tuple[bytes, bytes]


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack("<IB", 1 + len(payload), kind) + payload


def answered(request: bytes) -> Said:
    """A request, and the acknowledgement it deserves."""
    return request, frame(0x13, hashlib.sha1(request).digest())


def labels() -> list[Said]:
    """A minute of timecode as DataEvents."""
    return [
        answered(
            frame(0x01, bytes((0x07, GENERATOR)) + json.dumps(
                {"type": "timecode", "seconds": 36_000 + number // RATE, "frames": number % RATE}
            ).encode())
        )
        for number in range(LABELS)
    ]  # fmt: skip


class Device:
    """One connection: what is on its way, when each was due."""

    def __init__(self, number: int, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key, secret = os.environb[KEY], os.environb[SECRET]
        nonce = self._exactly(14)[6:]
        alias = f"Lockit {number}".encode()
        self.sock.sendall(
            frame(0x0F, struct.pack("<QQI", int(time.time() * 1000), 0x1000 + number, len(alias)) + alias
                  + struct.pack("<IB", 1, 1) + key + hmac.digest(secret, key + nonce, "sha256"))
        )  # fmt: skip
        verdict = self._exactly(7)
        assert verdict == frame(0x1F, b"\1\1"), verdict
        register, ack = answered(frame(0x01, bytes((0x05, GENERATOR))))
        self.sock.sendall(register)
        said = self._exactly(len(ack))
        assert said == ack, said
        self.sock.setblocking(False)
        self.due: deque[tuple[float, bytes]] = deque()
        self.buffer = b""

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            assert more, "the hub closed the connection"
            data += more
        return data

    def say(self, when: float, said: Said) -> None:
        request, ack = said
        assert self.sock.send(request) == len(request), "the hub does not read"
        self.due.append((when, ack))

    def hear(self, now: float, taken: list[float]) -> None:
        data = self.sock.recv(65536)
        assert data, "the hub closed the connection"
        if not self.buffer and self.due and data == self.due[0][1]:
            taken.append(now - self.due.popleft()[0])
            return
        data = self.buffer + data
        start = 0
        while len(data) - start >= 4:
            end = start + 4 + int.from_bytes(data[start : start + 4], "little")
            if end > len(data):
                break
            self._one(data[start:end], now, taken)
            start = end
        self.buffer = data[start:]

    def _one(self, message: bytes, now: float, taken: list[float]) -> None:
        if message[4] == 0x11:
            self.sock.send(frame(0x03, hashlib.sha1(message).digest()))
        elif message[4] in {0x13, 0x14}:
            for place, (when, ack) in enumerate(self.due):
                if ack == message:
                    del self.due[place]
                    taken.append(now - when)
                    return
            raise AssertionError(f"an answer to nothing: {message.hex()}")


def main(port: int, count: int, seconds: float) -> dict[str, float]:
    said = labels()
    devices = [Device(number, port) for number in range(count)]
    poll = select.epoll()
    by_descriptor = {device.sock.fileno(): device for device in devices}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    step = 1 / RATE / count
    total, warm = int(seconds * RATE * count), int(WARM_S * RATE * count)
    taken: list[float] = []
    late: list[float] = []
    clock = time.perf_counter
    started = clock() + 0.05
    number = 0
    measured_from = 0
    used = 0.0
    while number < warm + total:
        now = clock()
        while number < warm + total and started + number * step <= now:
            when = started + number * step
            devices[number % count].say(when, said[(number // count) % LABELS])
            late.append(now - when)
            number += 1
            if number == warm:
                measured_from, used = len(taken), time.process_time()
        wait = started + number * step - clock()
        for descriptor, _event in poll.poll(max(0.0, wait)):
            by_descriptor[descriptor].hear(clock(), taken)
    used = time.process_time() - used
    deadline = clock() + GRACE_S
    while any(device.due for device in devices) and clock() < deadline:
        for descriptor, _event in poll.poll(0.1):
            by_descriptor[descriptor].hear(clock(), taken)
    lost = sum(len(device.due) for device in devices)
    measured = sorted(taken[measured_from:])
    late = sorted(late[warm:])
    return {
        "lost": lost,
        "p50_ms": measured[len(measured) // 2] * 1000,
        "p99_ms": measured[int(len(measured) * 0.99)] * 1000,
        "worst_ms": measured[-1] * 1000,
        "late_p99_ms": late[int(len(late) * 0.99)] * 1000,
        "load_cpu": used / seconds,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
