"""The handshake: the signature that proves the secret, and the layouts of its four messages (seed 1.2)."""

from __future__ import annotations

import hashlib
import hmac
from struct import Struct

from rushes_masterlockit.protocol.codes import (
    KEY_BYTES,
    NONCE_BYTES,
    SIGNATURE_BYTES,
    FailureCode,
    MessageType,
    Role,
)
from rushes_masterlockit.protocol.errors import LocalError, UnreadableError
from rushes_masterlockit.protocol.events import Challenge, Hello, Refusal, Welcome

_CHALLENGE, _SUCCESS, _FAILURE = 0, 1, 2
_PROOF_BYTES = KEY_BYTES + SIGNATURE_BYTES
_KNOWN_FAILURES = frozenset(FailureCode)


def sign(secret: bytes, key: bytes, nonce: bytes) -> bytes:
    """HMAC-SHA-256 of key and nonce, 32 bytes."""
    return hmac.digest(secret, key + nonce, hashlib.sha256)


def verify(secret: bytes, key: bytes, nonce: bytes, signature: bytes) -> bool:
    """Whether the signature is right, in a time that does not tell how much of it is."""
    return hmac.compare_digest(sign(secret, key, nonce), signature)


def write_handshake(message: Challenge | Hello | Welcome | Refusal, order: str) -> bytes:
    """The type byte and the payload, without the size; `order` is that of struct."""
    match message:
        case Challenge(nonce):
            _sized("nonce", nonce, NONCE_BYTES)
            return bytes((MessageType.SERVER_HANDSHAKE, _CHALLENGE)) + nonce
        case Welcome(version):
            return bytes((MessageType.SERVER_HANDSHAKE, _SUCCESS, version))
        case Refusal(code, data):
            return bytes((MessageType.SERVER_HANDSHAKE, _FAILURE, code)) + data
        case Hello(timestamp, device, alias, versions, key, signature):
            _sized("key", key, KEY_BYTES)
            _sized("signature", signature, SIGNATURE_BYTES)
            name = alias.encode()
            head = Struct(order + "BQQI").pack(MessageType.CLIENT_HANDSHAKE, timestamp, device, len(name))
            return b"".join((head, name, Struct(order + "I").pack(len(versions)), versions, key, signature))


def read_handshake(frame: bytes, role: Role, order: str) -> Challenge | Hello | Welcome | Refusal:
    """What a peer of this role said, from a whole frame of its handshake type; UnreadableError else."""
    if role is Role.CLIENT:
        return _hello(frame, order)
    match frame[5:6], len(frame) - 6:
        case b"\x00", 8:
            return Challenge(frame[6:])
        case b"\x01", 1:
            return Welcome(frame[6])
        case b"\x02", length if length >= 1:
            code = frame[6]
            return Refusal(FailureCode(code) if code in _KNOWN_FAILURES else code, frame[7:])
    raise UnreadableError(f"a handshake of {len(frame) - 4} bytes is neither challenge, success nor failure")


def _hello(frame: bytes, order: str) -> Hello:
    head, count = Struct(order + "QQI"), Struct(order + "I")
    end = len(frame)
    at = 5 + head.size
    if end < at:
        raise UnreadableError("a hello that is too short")
    timestamp, device, length = head.unpack_from(frame, 5)
    if length > end - at - count.size - _PROOF_BYTES:
        raise UnreadableError("a hello with an alias larger than itself")
    alias = frame[at : at + length]
    at += length
    (offered,) = count.unpack_from(frame, at)
    at += count.size
    if offered != end - at - _PROOF_BYTES:
        raise UnreadableError("a hello whose count of versions does not fit its size")
    if device == 0:
        raise UnreadableError("a hello of device 0")
    try:
        name = alias.decode().rstrip("\0")
    except UnicodeDecodeError:
        raise UnreadableError("a hello whose alias is not UTF-8") from None
    versions, at = frame[at : at + offered], at + offered
    return Hello(timestamp, device, name, versions, frame[at : at + KEY_BYTES], frame[at + KEY_BYTES :])


def _sized(name: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise LocalError(f"a {name} of {len(value)} bytes, not {length}")
