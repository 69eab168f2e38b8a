"""TIFF, DNG and the photo raw formats made of TIFF (TIFF 6.0, DNG 1.6, CinemaDNG 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from rushes import Scalar
from rushes_media.stills import exif, tiff
from rushes_media.stills.still import Still
from rushes_media.words import label, text

KIND, WIDTH, HEIGHT, DEPTH, PHOTOMETRIC = 0x00FE, 0x0100, 0x0101, 0x0102, 0x0106
STRIPS, STRIP_BYTES, TILES, TILE_BYTES = 0x0111, 0x0117, 0x0144, 0x0145
DNG_VERSION, DNG_MODEL, DNG_SERIAL = 0xC612, 0xC614, 0xC62F
TIME_CODES, FRAME_RATE, T_STOP, REEL, CAMERA_LABEL = 0xC763, 0xC764, 0xC772, 0xC789, 0xC7A1
PANASONIC_BORDERS = (0x0007, 0x0005, 0x0006, 0x0004)  # right, left, bottom, top
PANASONIC_ISO = 0x0017
_WANTED = exif.WANTED | {
    *(
        KIND,
        WIDTH,
        HEIGHT,
        DEPTH,
        PHOTOMETRIC,
        STRIPS,
        STRIP_BYTES,
        TILES,
        TILE_BYTES,
        DNG_VERSION,
        DNG_MODEL,
    ),
    *(DNG_SERIAL, TIME_CODES, FRAME_RATE, T_STOP, REEL, CAMERA_LABEL, *PANASONIC_BORDERS, PANASONIC_ISO),
}
#: A colour filter array, or linear values that were one: nobody's finished picture.
_RAW_PICTURES = frozenset({32803, 34892})
#: Who makes cameras whose raw files are TIFF; any other is told as "TIFF raw".
MAKERS: Mapping[str, str] = {
    "canon": "CR2",
    "nikon": "NEF",
    "sony": "ARW",
    "pentax": "PEF",
    "ricoh": "PEF",
    "samsung": "SRW",
    "hasselblad": "3FR",
    "phase one": "IIQ",
    "leica": "RWL",
    "olympus": "ORF",
    "om digital": "ORF",
    "panasonic": "RW2",
    "epson": "ERF",
    "mamiya": "MEF",
    "leaf": "MOS",
    "kodak": "DCR",
}


def read(stream: BinaryIO, size: int, head: bytes) -> Still:
    """What a picture made of TIFF directories says."""
    told = tiff.read(stream, size, _WANTED)
    values = exif.read(told)
    if not told.main:
        return Still({"container": "tiff"}, told.problem or "damaged: no picture in it")
    first = told.main[0]
    pictures = [*told.main, *told.subs]
    raw = _raw(head, first, pictures)
    values["container"] = raw.lower() if raw and raw != "TIFF raw" else "tiff"
    if raw:
        values["raw"] = raw
    if raw != "IIQ":  # the directories hold a thumbnail, the picture stands in its maker's own
        values |= _size(pictures, first)
    if raw in {"DNG", "CinemaDNG"}:
        values |= _dng(first, values)
        values["container"] = "dng"
    return Still(values, told.problem or _cut(pictures, size))


def _raw(head: bytes, first: tiff.Directory, pictures: list[tiff.Directory]) -> str:
    if first.numbers(DNG_VERSION):
        cinema = first.tags.keys() & {TIME_CODES, FRAME_RATE, REEL}
        return "CinemaDNG" if cinema else "DNG"
    if head[2:4] in {b"RO", b"OR", b"RS", b"SR"}:
        return "ORF"
    if head[2:4] == b"U\0":
        return "RW2"
    if head[8:10] == b"CR":
        return "CR2"
    if head[8:12] == b"IIII":  # Phase One, and Leaf and Mamiya by it
        return "IIQ"
    if not any(one.whole(PHOTOMETRIC) in _RAW_PICTURES for one in pictures):
        return ""
    make = text.line(first.text(exif.MAKE)).lower()
    return next((name for maker, name in MAKERS.items() if make.startswith(maker)), "TIFF raw")


def _size(pictures: list[tiff.Directory], first: tiff.Directory) -> dict[str, Scalar]:
    """Of the full picture: the one that says it is, else the largest; previews stand beside it."""
    right, left, bottom, top = (first.whole(tag) for tag in PANASONIC_BORDERS)
    if right and bottom and left is not None and top is not None:
        values: dict[str, Scalar] = {"width": right - left, "height": bottom - top}
        return values | {"iso": iso} if (iso := first.whole(PANASONIC_ISO)) else values
    sized = [one for one in pictures if one.whole(WIDTH) and one.whole(HEIGHT)]
    if not sized:
        return {}
    full = [one for one in sized if one.whole(KIND) == 0] or sized
    best = max(full, key=lambda one: (one.whole(WIDTH) or 0) * (one.whole(HEIGHT) or 0))
    values = {"width": best.whole(WIDTH) or 0, "height": best.whole(HEIGHT) or 0}
    return values | {"bit_depth": depth} if (depth := best.whole(DEPTH)) else values


def _dng(first: tiff.Directory, known: Mapping[str, Scalar]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    pairs = (("model", DNG_MODEL), ("serial", DNG_SERIAL), ("reel", REEL), ("camera", CAMERA_LABEL))
    for name, tag in pairs:
        if name not in known and (told := text.line(first.text(tag))):
            values[name] = told
    if (stop := first.number(T_STOP)) and stop > 0:
        values["t_stop"] = exif.decimal(stop)
    rate = first.number(FRAME_RATE)
    told_rate = rate if rate and 0 < rate < 100_000 else None
    if told_rate:
        values["rate"] = label.written(told_rate)
    codes = bytes(int(one) & 255 for one in first.numbers(TIME_CODES)[:8])
    if len(codes) == 8:
        values |= label.told(packed(codes[:4]), told_rate, "dng")
        values["user_bits"] = codes[4:].hex()
    return values


def packed(code: bytes) -> str:
    """A timecode as SMPTE ST 331 packs it: frames, seconds, minutes, hours in binary coded decimal with flags."""
    frames, seconds, minutes, hours = (
        (byte & mask) >> 4 for byte, mask in zip(code, (0x3F, 0x7F, 0x7F, 0x3F), strict=True)
    )
    ones = [byte & 15 for byte in code]
    mark = ";" if code[0] & 0x40 else ":"
    return f"{hours}{ones[3]}:{minutes}{ones[2]}:{seconds}{ones[1]}{mark}{frames}{ones[0]}"


def _cut(pictures: list[tiff.Directory], size: int) -> str:
    """One line where the strips or tiles of a picture lie behind the end of the file."""
    ends = [0]
    for one in pictures:
        for places, lengths in ((STRIPS, STRIP_BYTES), (TILES, TILE_BYTES)):
            pairs = zip(one.numbers(places), one.numbers(lengths), strict=False)
            ends += [int(at) + int(length) for at, length in pairs if at < 0xFFFFFFFF]
    last = max(ends)
    return f"truncated: its picture ends at byte {last}, the file has {size}" if last > size else ""
