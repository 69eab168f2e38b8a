"""The header of a DPX (SMPTE ST 268) and of its parent Cineon: the frames that scanners and labs pass on."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import exif
from rushes_media.stills.photo import packed
from rushes_media.stills.still import Still
from rushes_media.words import label, text

HEADER_BYTES = 2048
UNDEFINED = 0xFFFFFFFF
MAGICS: Mapping[bytes, str] = {
    b"SDPX": ">",
    b"XPDS": "<",
    b"\x80\x2a\x5f\xd7": ">",
    b"\xd7\x5f\x2a\x80": "<",
}
#: Codes of ST 268: as ffmpeg names them.
TRANSFERS: Mapping[int, str] = {
    2: "linear",
    3: "log100",
    5: "bt709",
    6: "bt709",
    7: "gamma28",
    8: "smpte170m",
    14: "bt2020-10",
    16: "iec61966-2-4",
    17: "smpte2084",
    19: "arib-std-b67",
    22: "iec61966-2-1",
}
PRIMARIES: Mapping[int, str] = {
    5: "bt709",
    6: "bt709",
    7: "bt470bg",
    8: "smpte170m",
    9: "smpte170m",
    10: "bt470bg",
    14: "bt2020",
    15: "smpte432",
    16: "smpte431",
}
#: Orientation by the directions of lines and pixels: the EXIF one that looks the same.
_ORIENTATIONS = (1, 4, 2, 3, 5, 6, 8, 7)


def read(stream: BinaryIO, size: int) -> Still:
    """What the header says of a file of `size` bytes."""
    stream.seek(0)
    head = stream.read(HEADER_BYTES)
    order = MAGICS[head[:4]]
    if head[:4] not in {b"SDPX", b"XPDS"}:
        return _cineon(head, order)
    if len(head) < HEADER_BYTES:
        return Still({"container": "dpx"}, f"truncated: its header has 2048 bytes, the file has {size}")
    width, height = struct.unpack(f"{order}II", head[772:780])
    values: dict[str, Scalar] = {"container": "dpx", "width": width, "height": height, "bit_depth": head[803]}
    if (orientation := struct.unpack(f"{order}H", head[768:770])[0]) < len(_ORIENTATIONS):
        values |= exif.turned(_ORIENTATIONS[orientation])
    named = (("transfer", TRANSFERS.get(head[801])), ("colour_space", PRIMARIES.get(head[802])))
    values |= {name: told for name, told in named if told}
    texts = (("software", 160, 100), ("project", 260, 200), ("model", 1556, 32), ("serial", 1588, 32))
    for name, at, length in (*texts, ("slate", 1764, 100)):
        if told := _text(head[at : at + length]):
            values[name] = told
    at_, zone = exif.moment(_date(_text(head[136:160])))
    if at_ is not None:
        values |= exif.moments(at_, zone)
    values |= _motion(head, order)
    (whole,) = struct.unpack(f"{order}I", head[16:20])
    cut = whole != UNDEFINED and whole > size
    return Still(values, f"truncated: it says it has {whole} bytes, the file has {size}" if cut else "")


def _motion(head: bytes, order: str) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    film, shutter = struct.unpack(f"{order}ff", head[1724:1732])
    (television,) = struct.unpack(f"{order}f", head[1940:1944])
    rate = next((Fraction(one) for one in (television, film) if 1 <= one < 10_000), None)
    if rate is not None:
        values["rate"] = label.written(rate)
    if 0 < shutter <= 360:
        values["shutter"] = exif.decimal(shutter)
    code, bits = struct.unpack(f"{order}II", head[1920:1928])
    # A header whose television part nobody filled is zero, as a start at midnight is: then the rate is zero too.
    if code != UNDEFINED and (code or rate is not None):
        values |= label.told(packed(code.to_bytes(4, "little")), rate, "dpx")
        if bits not in {0, UNDEFINED}:
            values["user_bits"] = f"{bits:08x}"
    if head[1928] in {0, 1} and code != UNDEFINED and rate is not None:
        values["interlaced"] = head[1928] == 1
    return values


def _cineon(head: bytes, order: str) -> Still:
    values: dict[str, Scalar] = {"container": "cineon", "transfer": "log100"}
    if len(head) < 1024:
        return Still(values, "truncated: its header is cut")
    width, height = struct.unpack(f"{order}II", head[200:208])
    values |= {"width": width, "height": height, "bit_depth": head[198]}
    if head[192] < len(_ORIENTATIONS):
        values |= exif.turned(_ORIENTATIONS[head[192]])
    return Still(values)


def _text(raw: bytes) -> str:
    return "" if raw.startswith(b"\xff") else text.line(raw)


def _date(told: str) -> str:
    """`yyyy:mm:dd:hh:mm:ssLTZ` as EXIF writes it; the zone is letters or hours, of which only Z is certain."""
    day, clock, zone = told[:10], told[11:19], told[19:].strip(" :")
    return f"{day} {clock}{zone if zone == 'Z' else ''}"
