"""What a hub hears, message by message, against the least that any receiver must do with the same bytes.

The data are a device's SlateInfo of about 200 bytes, as DataEvents, in pieces of 64 KiB as a socket gives them.
The bare loop cuts frames out of a bytearray by offset without copying, takes the SHA-1 of each and decodes its
JSON to a msgspec Struct. Ours is `Connection.receive_data` and `next_event`, with the same decoding of what each
event holds. Both in this process, in turns, by processor time; the
ratio is the median of the rounds'.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from hashlib import sha1
from struct import Struct as Layout
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder, encode

from rushes_masterlockit.protocol import (
    NEED_DATA,
    Challenge,
    Connection,
    DataEvent,
    Hello,
    Role,
    Welcome,
)

MESSAGES = 20_000
#: Size, type, code and the type of the device.
HEAD = 7
PIECE = 64 * 1024
ROUNDS = 15
TARGET = 0.7


class Slate(Struct):
    """As a bench of messages needs it: every member is decoded."""

    type: str
    mos: bool
    day: bool
    inside: bool
    fps: int
    cam: str
    date: str
    roll: str
    scene: str
    slate: str
    take: str
    producer: str
    director: str
    dop: str


SLATE = Slate(
    "slate",
    False,
    True,
    True,
    25,
    "A",
    "2026-11-22",
    "A003",
    "12A",
    "104",
    "3",
    "M. Weber",
    "J. Oduya",
    "S. Lind",
)
decode = Decoder(Slate).decode


def pair() -> tuple[Connection, Connection]:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    client.receive_data(server.send(Challenge(bytes(8))))
    client.next_event()
    server.receive_data(client.send(Hello(0, 1, "bench", b"\x01", bytes(24), bytes(32))))
    server.next_event()
    client.receive_data(server.send(Welcome(1)))
    client.next_event()
    return client, server


def pieces(frame: bytes) -> list[bytes]:
    stream = frame * MESSAGES
    return [stream[start : start + PIECE] for start in range(0, len(stream), PIECE)]


def bare(stream: list[bytes]) -> int:
    buffer, size_at, heard = bytearray(), Layout("<I").unpack_from, 0
    for piece in stream:
        buffer += piece
        at, end = 0, len(buffer)
        with memoryview(buffer) as view:
            while end - at >= 4:
                stop = at + 4 + size_at(view, at)[0]
                if stop > end:
                    break
                sha1(view[at:stop]).digest()
                decode(view[at + HEAD : stop])
                heard += 1
                at = stop
        del buffer[:at]
    return heard


def ours(stream: list[bytes], connection: Connection) -> int:
    heard = 0
    for piece in stream:
        connection.receive_data(piece)
        while (event := connection.next_event()) is not NEED_DATA:
            decode(event.data)  # type: ignore[attr-defined]
            heard += 1
    return heard


def run() -> list[dict[str, Any]]:
    client, server = pair()
    stream = pieces(client.send(DataEvent(4, encode(SLATE))))
    took: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for name, hear in (("bare", lambda: bare(stream)), ("ours", lambda: ours(stream, server))):
            started = time.process_time()
            assert hear() == MESSAGES
            took[name].append(time.process_time() - started)
    base, value = (MESSAGES / statistics.median(seconds) for seconds in took.values())
    ratio = statistics.median(theirs / own for theirs, own in zip(took["bare"], took["ours"], strict=True))
    row = {
        "name": "protocol_vs_bare",
        "value": round(value),
        "unit": "messages/s",
        "reference": round(base),
        "ratio": round(ratio, 3),
        "target": f">= {TARGET} x",
        "holds": ratio >= TARGET,
    }
    return [row]


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    print()
