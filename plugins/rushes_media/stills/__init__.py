"""Stills: what their headers say. Nothing is decoded, and every read has a bound."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import dpx, exr, heif, jpeg, photo, png, tiff
from rushes_media.stills.still import Still

__all__ = ["CERTAIN", "Still", "read"]

_FUJI = b"FUJIFILMCCD-RAW "
#: Other heads that are pictures of their own kind, of which only ffmpeg tells.
_OTHERS = (
    *(
        b"GIF8",
        b"BM",
        b"8BPS",
        b"RIFF",
        b"\xff\x0a",
        b"\0\0\0\x0cJXL ",
        b"\0\0\0\x0cjP  ",
        b"\xff\x4f\xff\x51",
    ),
    *(b"FOVb", b"\0MRM"),
)
#: Names whose files begin as their readers above know it: another head under them is no such picture.
CERTAIN = frozenset(
    {"jpg", "jpeg", "png", "tif", "tiff", "dng", "heic", "heif", "hif", "avif", "dpx", "exr", "cin", "raf"}
)


def read(stream: BinaryIO, size: int, head: bytes, extension: str) -> Still:
    """What a still of `size` bytes with this `head` says of itself, whatever its `extension` is.

    A picture whose head nobody here knows says nothing, which is a problem only where its extension claims a
    kind that is known.
    """
    if jpeg.is_jpeg(head):
        return jpeg.read(stream, size)
    if head.startswith(png.SIGNATURE):
        return png.read(stream, size)
    if heif.is_still(head):
        return heif.read(stream, size)
    if tiff.is_tiff(head):
        return photo.read(stream, size, head)
    if head[:4] in dpx.MAGICS:
        return dpx.read(stream, size)
    if head.startswith(exr.MAGIC):
        return exr.read(stream)
    if head.startswith(_FUJI):
        return _fuji(stream, size, head)
    if extension in CERTAIN and not head.startswith(_OTHERS) and head[4:8] != b"ftyp":
        return Still(problem=f"not a picture: its header is not that of a .{extension}")
    return Still()


def _fuji(stream: BinaryIO, size: int, head: bytes) -> Still:
    """RAF: a whole JPEG stands in it and says what the camera did; the raw picture's size is its maker's."""
    values: dict[str, Scalar] = {"container": "raf", "raw": "RAF"}
    if len(head) < 92:
        return Still(values, "truncated: its header is cut")
    at, length = struct.unpack(">II", head[84:92])
    if at + length > size:
        return Still(values, f"truncated: its preview ends at byte {at + length}, the file has {size}")
    stream.seek(at)
    preview = stream.read(min(length, heif.MOST_BYTES))
    if not jpeg.is_jpeg(preview):
        return Still(values, "damaged: no preview where it should be")
    told = jpeg.read(BytesIO(preview), len(preview)).values
    sizes = {"width", "height", "bit_depth", "container"}
    return Still({key: value for key, value in told.items() if key not in sizes} | values)
