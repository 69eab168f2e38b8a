"""Recordings that only their maker's software decodes: recognised by their header, whatever they are called.

What their header and their name tell is told; that nobody here decodes them is no problem.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO

from rushes import Scalar
from rushes_media import stills
from rushes_media.containers import boxes
from rushes_media.facts import Facts
from rushes_media.recordings import red
from rushes_media.words import names, text

#: Their names, where the header of the file does not tell or is not described.
EXTENSIONS: Mapping[str, str] = {
    "ari": "ARRIRAW",
    "arx": "ARRIRAW",
    "braw": "BRAW",
    "cine": "Phantom Cine",
    "crm": "Canon RAW",
    "nev": "N-RAW",
    "r3d": "R3D",
    "rmf": "Canon RAW",
    "zraw": "ZRAW",
    "krw": "KineRAW",
    "vrw": "Vision Research",
}
#: Sample descriptions of a film in boxes that hold raw pictures; Blackmagic has one for each quality.
_CODES: Mapping[bytes, str] = {b"aprn": "ProRes RAW", b"aprh": "ProRes RAW", b"CRAW": "Canon RAW"}
_DESCRIPTIONS = (b"trak", b"mdia", b"minf", b"stbl", b"stsd")
#: Whose MXF picture is raw where no decoder knows it.
_MXF: Mapping[str, str] = {"sony": "X-OCN", "arri": "ARRIRAW"}
#: What says that a reader gave up, which nobody can help here.
_UNREADABLE = ("not readable as media: ", "no picture and no sound in it")


def complete(facts: Facts, path: str, stream: BinaryIO, head: bytes, size: int) -> Facts:
    """What a look told of a recording, with what its header as camera raw and its name tell beside it."""
    kind, told = _recognised(facts, path, stream, head, size)
    values = {**_named(path, told), **told, **facts.values}
    problem = facts.problem
    if kind:
        values["raw"] = kind
        if not head.strip(b"\0"):
            problem = f"damaged: its first {len(head)} bytes are zero"
        elif problem.startswith(_UNREADABLE):
            problem = ""
    return replace(facts, values=values, problem=problem)


def header(stream: BinaryIO, head: bytes) -> tuple[str, dict[str, Scalar]]:
    """The kind of raw by its header alone and what it says; "" where it is none of these."""
    if head[4:8] in {b"RED1", b"RED2"}:
        return "R3D", {"container": "r3d", **red.read(stream)}
    if head.startswith(b"ARRI"):
        return "ARRIRAW", {"container": "ari", **_arri(head)}
    if head.startswith(b"CI") and head[2:4] == b"\x2c\0":  # the length of its file header
        return "Phantom Cine", {"container": "cine"}
    return "", {}


def _recognised(
    facts: Facts, path: str, stream: BinaryIO, head: bytes, size: int
) -> tuple[str, dict[str, Scalar]]:
    kind, values = header(stream, head)
    if kind:
        return kind, values
    extension = PurePath(path).suffix.lower().removeprefix(".")
    if head[8:12] == b"crx ":  # a film is one of the same boxes as a photo
        told = dict(stills.read(stream, size, head, extension).values)
        kind = str(told.get("raw", "Canon RAW"))
        return kind, told | ({"container": "crm"} if kind == "Canon RAW" else {})
    if facts.picture is None and (still := stills.read(stream, size, head, extension)).values:
        return str(still.values.get("raw", "")), dict(still.values)
    unknown = "codec" not in facts.values or "video" in str(facts.values.get("streams", "")).split(", ")
    if unknown and (known := _film(stream, head, size) or _mxf(facts)):
        return known, {}
    if facts.values.get("codec") == "prores_raw":
        return "ProRes RAW", {}
    return EXTENSIONS.get(extension, ""), {}


def _named(path: str, told: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What the camera's own name for the file says, else the name it has now."""
    for name in (str(told.get("file_name", "")), PurePath(path).name):
        if name and (found := names.parse(name)):
            return found.values()
    return {}


def _arri(head: bytes) -> dict[str, Scalar]:
    """The picture's size and the camera's name, which stand where every reader of them looks (SMPTE RDD 30)."""
    values: dict[str, Scalar] = {"make": "ARRI"}
    if len(head) >= 732:
        width, height = struct.unpack("<II", head[20:28])
        if 0 < width < 65_536 and 0 < height < 65_536:
            values |= {"width": width, "height": height}
        if model := text.line(head[668:732]):
            values["model"] = model
    return values


def _film(stream: BinaryIO, head: bytes, size: int) -> str:
    """By the sample descriptions of a film in boxes."""
    if not boxes.is_movie(head):
        return ""
    moov = boxes.layout(stream, size).moov
    for table in boxes.at(moov, *_DESCRIPTIONS):
        code = moov[table.start + 12 : table.start + 16]
        if code.startswith(b"br") and len(code) == 4:
            return "BRAW"
        if code in _CODES:
            return _CODES[code]
    return ""


def _mxf(facts: Facts) -> str:
    if facts.values.get("container") != "mxf":
        return ""
    maker = str(facts.values.get("company_name", "")).lower()
    return next((kind for name, kind in _MXF.items() if maker.startswith(name)), "")
