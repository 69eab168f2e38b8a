"""The chunks of a PNG (ISO 15948, third edition)."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import exif, icc
from rushes_media.stills.still import Still

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 100_000
MOST_BYTES = 1 << 22


def read(stream: BinaryIO, size: int) -> Still:
    """What a PNG of `size` bytes says."""
    values: dict[str, Scalar] = {"container": "png"}
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        stream.seek(at)
        header = stream.read(8)
        if len(header) < 8:
            break
        length, kind = struct.unpack(">I4s", header)
        at += 12 + length
        if at > size:
            return Still(
                values,
                f"truncated: its {kind.decode('latin-1')!r} chunk ends {at - size} bytes after the file",
            )
        if kind == b"IEND":
            return Still(values)
        if kind in {b"IHDR", b"eXIf", b"iCCP", b"cICP", b"sRGB"} and length <= MOST_BYTES:
            values |= _chunk(kind, stream.read(length), values)
    return Still(values, "truncated: no IEND chunk")


def _chunk(kind: bytes, content: bytes, known: dict[str, Scalar]) -> dict[str, Scalar]:
    if kind == b"IHDR" and len(content) >= 9:
        width, height, depth = struct.unpack(">IIB", content[:9])
        return {"width": width, "height": height, "bit_depth": depth}
    if kind == b"eXIf":
        return {**exif.payload(content), **known}
    if kind == b"cICP" and len(content) >= 2:
        return icc.coded(content[0], content[1])
    if kind == b"sRGB":
        return icc.named("sRGB")
    if kind == b"iCCP":
        packed = content.partition(b"\0")[2][1:]
        try:
            return icc.read(zlib.decompressobj().decompress(packed, MOST_BYTES))
        except zlib.error:
            return {}
    return {}
