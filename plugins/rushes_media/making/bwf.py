"""Broadcast WAVE of sound alone: the start in samples, and what its recorder wrote, kept (EBU Tech 3285, iXML).

ffmpeg writes the samples and leaves room for a bext chunk of the right size; when it is done the chunk is put
there and iXML behind the samples, where many recorders have it too. The original's bext is kept byte for byte but
for its TimeReference. Sizes above 4 GB are those of RF64.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from rushes import RushesError
from rushes.timecode import Rate
from rushes_media.making.recipe import IXML_PLACES, Recipe
from rushes_media.recordings.ixml import Ixml
from rushes_media.words import tags

#: The fixed part of a bext chunk, behind which its coding history stands, and where TimeReference stands in it.
FIXED, REFERENCE = 602, 338
#: An argument of a command cannot be longer than 128 KiB; no recorder's coding history is.
LONGEST_HISTORY = 100_000
BITS = 24
#: In a 32-bit size field: the true size stands in the ds64 chunk.
IN_DS64 = 0xFFFFFFFF
_DEPTH = re.compile(rb"(<AUDIO_BIT_DEPTH>)\s*\d+\s*(?=</AUDIO_BIT_DEPTH>)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def room(recipe: Recipe) -> dict[str, Any]:
    """The options of ffmpeg for a WAVE file that `finish` can finish."""
    options: dict[str, Any] = {"rf64": "auto", "map_metadata": -1, "fflags": "+bitexact"}
    bext = _bext(recipe)
    if bext is None:
        return options
    history = min(len(bext) - FIXED, LONGEST_HISTORY)
    # It writes a zero behind the history.
    return (
        options
        | {"write_bext": 1}
        | ({"metadata:g:0": f"coding_history={'-' * (history - 1)}"} if history > 1 else {})
    )


def finish(path: str, recipe: Recipe) -> None:
    """Put bext in its place and iXML behind the samples of the file that ffmpeg made; OSError as files have it."""
    with Path(path).open("r+b") as stream:
        bext = _bext(recipe)
        if bext is not None:
            place, length = _chunk(stream, b"bext")
            stream.seek(place)
            stream.write(bext[:length].ljust(length, b"\0"))
        ixml = _ixml(recipe)
        if ixml:
            stream.seek(0, 2)
            stream.write(b"iXML" + struct.pack("<I", len(ixml)) + ixml + bytes(len(ixml) % 2))
        _sizes(stream)


def _chunk(stream: BinaryIO, wanted: bytes) -> tuple[int, int]:
    """Where the payload of a chunk stands, and its length."""
    position = 12
    while True:
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            raise RushesError(f"ffmpeg wrote no {wanted.decode()} chunk")
        name, length = struct.unpack("<4sI", header)
        if name == wanted:
            return position + 8, length
        position += 8 + length + length % 2


def _sizes(stream: BinaryIO) -> None:
    """The file is longer than ffmpeg said."""
    size = stream.seek(0, 2) - 8
    stream.seek(0)
    if stream.read(4) == b"RIFF" and size < IN_DS64:
        stream.write(struct.pack("<I", size))
        return
    place, _ = _chunk(stream, b"ds64")
    stream.seek(place)
    stream.write(struct.pack("<Q", size))


def _bext(recipe: Recipe) -> bytes | None:
    """The original's with the start of the recipe; a new one where there is a start and no chunk."""
    bext, start = recipe.material.bext, recipe.start.sample
    if len(bext) < FIXED:
        if start is None:
            return None
        shot = str(recipe.recorded)
        bext = struct.pack(
            "<256s32s32s10s8s",
            recipe.name.encode()[:256],
            b"Rushes",
            b"",
            shot[:10].encode(),
            shot[11:19].encode(),
        ).ljust(FIXED, b"\0")
        bext = bext[: REFERENCE + 8] + struct.pack("<H", 1) + bext[REFERENCE + 10 :]
    if start is not None:
        bext = bext[:REFERENCE] + struct.pack("<Q", start) + bext[REFERENCE + 8 :]
    return bext


def _ixml(recipe: Recipe) -> bytes:
    """The original's, with the depth the samples have now; with what people and records say differently."""
    told = _DEPTH.sub(rb"\g<1>%d" % BITS, recipe.material.ixml)
    said = Ixml(told)
    if told and not any(_said(said, name) != value for name, value in recipe.tags.items()):
        return told
    if not (told or recipe.tags or recipe.start.rate):
        return b""
    # Recovered where it is broken, and nothing outside of it is looked at.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(told.strip(b"\0 \r\n\t"), parser) if told else None
    if root is None:
        root = etree.Element("BWFXML")
        _set(root, "IXML_VERSION", "3.01")
    for name, value in recipe.tags.items():
        _set(root, IXML_PLACES[name], value.upper() if name == "circled" else value)
    if recipe.start.rate:
        rate = Rate.parse(recipe.start.rate)
        _set(root, "SPEED/TIMECODE_RATE", f"{rate.exact.numerator}/{rate.exact.denominator}")
        _set(root, "SPEED/TIMECODE_FLAG", "DF" if rate.dropped else "NDF")
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _said(ixml: Ixml, name: str) -> str:
    text = " ".join(ixml.text(IXML_PLACES[name]).split())  # tags are one line
    return str(tags.flag(text)) if name == "circled" else text


def _set(root: Any, place: str, text: str) -> None:
    """Give the element at a place that text."""
    at = root
    for name in place.split("/"):
        found = at.find(name)
        at = etree.SubElement(at, name) if found is None else found
    at.text = _CONTROL.sub(" ", text)
