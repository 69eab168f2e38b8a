"""Pictures in boxes: HEIF, AVIF and Canon CR3 (ISO 14496-12, ISO 23008-12; CR3 as its readers found it)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from rushes import Scalar
from rushes_media.containers import boxes
from rushes_media.stills import exif, icc, tiff, xmp
from rushes_media.stills.still import Still

MOST_BYTES = 1 << 24
MOST_ITEMS = 50_000
#: Brands of stills; a film in boxes has others.
BRANDS = frozenset(
    {
        *(
            b"heic",
            b"heix",
            b"heim",
            b"heis",
            b"hevc",
            b"hevx",
            b"mif1",
            b"mif2",
            b"msf1",
            b"avif",
            b"avis",
            b"miaf",
            b"avci",
            b"avcs",
            b"j2ki",
            b"vvic",
        ),
        b"crx ",
    }
)
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")


@dataclass(slots=True)
class _Item:
    kind: bytes = b""
    content_type: bytes = b""
    method: int = 0
    extents: list[tuple[int, int]] = field(default_factory=list)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)


def is_still(head: bytes) -> bool:
    """Whether a file with this head is a picture in boxes."""
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def read(stream: BinaryIO, size: int) -> Still:
    """What a picture in boxes of `size` bytes says."""
    top = boxes.layout(stream, size)
    values: dict[str, Scalar] = {
        "container": {b"avif": "avif", b"avis": "avif", b"crx ": "cr3"}.get(top.ftyp[:4], "heif")
    }
    if not top.meta and not top.moov:
        return Still(values, "truncated: no index of its pictures")
    try:
        values |= _meta(stream, size, top.meta[4:])
        values |= _canon(top.moov)
    except (struct.error, IndexError):
        return Still(values, top.problem or "damaged: the index of its pictures cannot be read")
    return Still(values, top.problem)


def _inside(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    return ((box.type, content[box.start : box.end]) for box in boxes.inside(content))


def _meta(stream: BinaryIO, size: int, content: bytes) -> dict[str, Scalar]:
    parts = {
        kind: body for kind, body in _inside(content) if kind in {b"pitm", b"iinf", b"iloc", b"iprp", b"idat"}
    }
    items: dict[int, _Item] = {}
    _names(parts.get(b"iinf", b""), items)
    _places(parts.get(b"iloc", b""), items)
    _properties(parts.get(b"iprp", b""), items)
    primary = parts.get(b"pitm", b"")
    number = int.from_bytes(primary[4:6] if primary[:1] == b"\0" else primary[4:8])
    told: dict[str, Scalar] = {}
    for item in items.values():
        if item.kind == b"Exif":
            payload = _content(stream, size, item, parts.get(b"idat", b""))
            told |= exif.payload(payload[4 + int.from_bytes(payload[:4]) :])
        elif item.kind == b"mime" and item.content_type == b"application/rdf+xml":
            extra, _ = xmp.read(_content(stream, size, item, parts.get(b"idat", b"")))
            told = extra | told
    for turn in ("rotation", "mirrored"):  # EXIF's is to be ignored beside the boxes' own (ISO 23008-12, 6.5)
        told.pop(turn, None)
    shown = _shown(items[number].properties if number in items else [])
    if "colour_profile" in shown or "colour_space" in shown:
        told = {
            key: value
            for key, value in told.items()
            if key not in {"colour_profile", "colour_space", "transfer"}
        }
    return told | shown


def _names(content: bytes, items: dict[int, _Item]) -> None:
    body = content[6:] if content[:1] == b"\0" else content[8:]
    for kind, entry in _inside(body):
        if kind != b"infe" or len(items) >= MOST_ITEMS or entry[0] < 2:
            continue
        wide = entry[0] >= 3
        number = int.from_bytes(entry[4:8] if wide else entry[4:6])
        rest = entry[10:] if wide else entry[8:]
        item = items.setdefault(number, _Item())
        item.kind = rest[:4]
        if item.kind == b"mime":
            item.content_type = rest[4:].partition(b"\0")[2].partition(b"\0")[0]


def _places(content: bytes, items: dict[int, _Item]) -> None:
    if not content:
        return
    version = content[0]
    offset_size, length_size = content[4] >> 4, content[4] & 15
    base_size, index_size = content[5] >> 4, (content[5] & 15) if version else 0
    wide = 4 if version == 2 else 2
    at = 6 + wide
    for _ in range(min(int.from_bytes(content[6:at]), MOST_ITEMS)):
        item = items.setdefault(int.from_bytes(content[at : at + wide]), _Item())
        at += wide
        if version:
            item.method = content[at + 1] & 15
            at += 2
        at += 2
        base = int.from_bytes(content[at : at + base_size])
        at += base_size
        (count,) = struct.unpack(">H", content[at : at + 2])
        at += 2
        for _ in range(count):
            at += index_size
            offset = base + int.from_bytes(content[at : at + offset_size])
            at += offset_size
            if at + length_size > len(content):
                return
            item.extents.append((offset, int.from_bytes(content[at : at + length_size])))
            at += length_size


def _properties(content: bytes, items: dict[int, _Item]) -> None:
    parts = list(_inside(content))
    known = [pair for kind, body in parts if kind == b"ipco" for pair in _inside(body)]
    for kind, body in parts:
        if kind != b"ipma":
            continue
        wide, large = 4 if body[0] else 2, bool(body[3] & 1)
        at = 8
        for _ in range(min(int.from_bytes(body[4:8]), MOST_ITEMS)):
            item = items.setdefault(int.from_bytes(body[at : at + wide]), _Item())
            at += wide
            count = body[at]
            at += 1
            for _ in range(count):
                width = 2 if large else 1
                index = int.from_bytes(body[at : at + width]) & (0x7FFF if large else 0x7F)
                at += width
                if 0 < index <= len(known):
                    item.properties.append(known[index - 1])


def _shown(properties: list[tuple[bytes, bytes]]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for kind, body in properties:
        if kind == b"ispe":
            values["width"], values["height"] = struct.unpack(">II", body[4:12])
        elif kind == b"irot":
            values["rotation"] = (360 - 90 * (body[0] & 3)) % 360  # the box counts the other way round
        elif kind == b"imir":
            values["mirrored"] = "true"
        elif kind == b"pixi" and len(body) > 5:
            values["bit_depth"] = body[5]
        elif kind == b"colr" and body[:4] == b"nclx":
            values |= icc.coded(*struct.unpack(">HH", body[4:8]))
        elif kind == b"colr":
            values = icc.over(values, body[4:])
    return values


def _content(stream: BinaryIO, size: int, item: _Item, held: bytes) -> bytes:
    pieces: list[bytes] = []
    left = MOST_BYTES
    for offset, length in item.extents:
        wanted = min(length, left)
        if item.method == 1:
            pieces.append(held[offset : offset + wanted])
        elif item.method == 0 and offset < size:
            stream.seek(offset)
            pieces.append(stream.read(min(wanted, size - offset)))
        left -= wanted
        if left <= 0:
            break
    return b"".join(pieces)


def _canon(content: bytes) -> dict[str, Scalar]:
    """Canon keeps each EXIF directory as a TIFF of its own: CMT1 the picture, CMT2 the exposure."""
    for kind, body in _inside(content):
        if kind == b"uuid" and body[:16] == _CANON:
            parts = dict(_inside(body[16:]))
            whole, exposure = (_tags(parts.get(name, b"")) for name in (b"CMT1", b"CMT2"))
            size = (whole.whole(0x0100), whole.whole(0x0101))
            values = exif.read(tiff.Tiff(main=[whole], exif=exposure))
            movie = parts.get(b"CNCV", b"").startswith(b"CanonCRM")
            values["raw"] = "Canon RAW" if movie else "CR3"
            return values | {"width": size[0], "height": size[1]} if size[0] and size[1] else values
    return {}


def _tags(content: bytes) -> tiff.Directory:

    if not tiff.is_tiff(content):
        return tiff.Directory()
    told = tiff.read(BytesIO(content), len(content), exif.WANTED | {0x0100, 0x0101})
    return told.main[0] if told.main else tiff.Directory()
