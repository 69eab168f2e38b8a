"""The segments of a JPEG before its picture, and whether the picture ends (ITU-T T.81, EXIF, ICC, XMP)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import exif, icc, xmp
from rushes_media.stills.still import Still

#: Frame headers: size and precision stand in them. C4, C8 and CC are tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END = 0xDA, b"\xff\xd9"
_EXIF, _XMP, _PROFILE = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
MOST_SEGMENTS = 2_000
TAIL_BYTES = 1 << 16
PIECE_BYTES = 1 << 20


def is_jpeg(head: bytes) -> bool:
    """Whether a file with this head is a JPEG."""
    return head.startswith(b"\xff\xd8\xff")


def read(stream: BinaryIO, size: int) -> Still:
    """What a JPEG of `size` bytes says."""
    values: dict[str, Scalar] = {"container": "jpeg"}
    told: dict[str, Scalar] = {}
    profile = b""
    stream.seek(2)
    for _ in range(MOST_SEGMENTS):
        kind = _marker(stream)
        if kind is None:
            return Still(told | values, "truncated: it ends before its picture")
        if kind in _ALONE:
            continue
        length = stream.read(2)
        if kind == _SCAN:
            break
        content = stream.read(max(0, int.from_bytes(length) - 2))
        if len(length) < 2 or len(content) < int.from_bytes(length) - 2:
            return Still(told | values, "truncated: it ends before its picture")
        if kind in _FRAMES and len(content) >= 5:
            precision, height, width = struct.unpack(">BHH", content[:5])
            values |= {"width": width, "height": height, "bit_depth": precision}
        elif kind == 0xE1 and content.startswith(_EXIF):
            told = {**exif.payload(content[len(_EXIF) :]), **told}
        elif kind == 0xE1 and content.startswith(_XMP):
            told = _with_packet(told, content[len(_XMP) :])
        elif kind == 0xE2 and content.startswith(_PROFILE):
            profile += content[len(_PROFILE) + 2 :]
    values = icc.over({**told, **values}, profile)
    return Still(values, "" if _ends(stream, size) else "truncated: its picture does not end")


def _marker(stream: BinaryIO) -> int | None:
    """The next marker, behind any fill bytes; None where there is none."""
    byte = stream.read(1)
    if byte != b"\xff":
        return None
    while byte == b"\xff":
        byte = stream.read(1)
    return byte[0] if byte else None


def _with_packet(told: dict[str, Scalar], packet: bytes) -> dict[str, Scalar]:
    extra, clock = xmp.read(packet)
    at, zone = exif.moment(clock)
    if at is not None:
        own = told.get("recorded")
        if own is None or ("created" not in told and own == at):
            extra |= exif.moments(at, zone)
    return {**extra, **told}


def _ends(stream: BinaryIO, size: int) -> bool:
    """Whether an end of image is behind the first scan; phones append megabytes of film behind it."""
    begin = stream.tell()
    stream.seek(max(begin, size - TAIL_BYTES))
    if _END in stream.read(TAIL_BYTES):
        return True
    stream.seek(begin)
    kept = b""
    while piece := stream.read(PIECE_BYTES):
        if _END in kept + piece:
            return True
        kept = piece[-1:]
    return False
