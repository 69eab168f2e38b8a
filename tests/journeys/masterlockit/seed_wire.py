"""The frames of `masterlockit-api-1.2.txt`, written from that text alone: nothing here knows the product.

An order is the byte order as `struct` writes it: "<" or ">".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import struct
from typing import Any

KEY, SECRET = b"LOCKIT-TEST-API-KEY-0001", b"not-a-real-secret"
CAMERA, RECORDER, GENERATOR, INFO, SLATE, STORAGE, LENS = range(1, 8)


def frame(order: str, kind: int, body: bytes) -> bytes:
    """One message: its size, its type, the rest."""
    return struct.pack(f"{order}IB", len(body) + 1, kind) + body


def sha1(message: bytes) -> bytes:
    return hashlib.sha1(message, usedforsecurity=False).digest()


def hello(
    order: str,
    nonce: bytes,
    device: int,
    *,
    alias: bytes = b"seed",
    versions: bytes = b"\x01",
    key: bytes = KEY,
    secret: bytes = SECRET,
    time: int = 1325376000000,
) -> bytes:
    """The client's handshake."""
    signature = hmac.new(secret, key + nonce, hashlib.sha256).digest()
    body = struct.pack(f"{order}QQI", time, device, len(alias)) + alias
    return frame(order, 0x0F, body + struct.pack(f"{order}I", len(versions)) + versions + key + signature)


def take(sock: socket.socket, count: int) -> bytes:
    """Exactly so many bytes. Raises EOFError when the peer closes before that, or resets."""
    got = bytearray()
    while len(got) < count:
        try:
            more = sock.recv(count - len(got))
        except ConnectionError as error:
            raise EOFError from error
        if not more:
            raise EOFError
        got += more
    return bytes(got)


def take_frame(sock: socket.socket, order: str) -> bytes:
    """A whole message, its size included."""
    size = take(sock, 4)
    return size + take(sock, struct.unpack(f"{order}I", size)[0])


def packed(value: Any) -> bytes:
    """Bytes as they are, anything else as JSON."""
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def text_of(device: int) -> str:
    """A device's id as JSON has it."""
    return f"{device:016x}"


def video(name: str, device: int, count: int = 1, **members: Any) -> dict[str, Any]:
    """A camera's record with one edit of that device behind it."""
    return {"id": name, "type": "video", "version": {text_of(device): count}, **members}


def sound(name: str, device: int, count: int = 1, **members: Any) -> dict[str, Any]:
    return video(name, device, count, **members) | {"type": "sound"}
