"""A Broadcast Wave writer: RIFF/WAVE with bext (EBU Tech 3285, version 1) and iXML (gallery.co.uk, 1.61).

Field recorders write exactly this: one interleaved ("poly") PCM file whose bext says when the first sample
was taken, as a count since midnight, and whose iXML says what the take is. RIFF sizes are 32 bits wide; a
file that would need RF64 is refused.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

#: Largest RIFF that 32-bit sizes can describe.
MAX_RIFF_BYTES = 2**32 - 1

#: Fixed part of a bext chunk, version 1: description, originator, its reference, date, time, samples since
#: midnight (low word first), version, UMID, 190 reserved bytes. The coding history follows.
_BEXT = struct.Struct("<256s32s32s10s8sQH64s190x")


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What the samples are: PCM, little endian, interleaved."""

    channels: int
    sample_rate: int = 48_000
    bits: int = 24

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.bits // 8


@dataclass(frozen=True, kw_only=True)
class Take:
    """What a recorder says about a take.

    `date` is YYYY-MM-DD and `time` HH:MM:SS of the first sample; `start_sample` counts samples since
    midnight; `rate` is the timecode's, as iXML spells it ("24000/1001").
    """

    project: str
    scene: str
    take: str
    tape: str
    circled: bool
    tracks: tuple[str, ...]
    date: str
    time: str
    start_sample: int
    rate: str
    drop: bool = False
    note: str = ""
    file_uid: str = ""


def write_bwf(path: Path, sound: Sound, take: Take, frames: int, samples: Iterable[bytes]) -> None:
    """Write a whole file of `frames` sample frames and fsync it.

    Raises ValueError when the samples are not `frames` frames, the tracks not one a channel, or the file too
    large for RIFF; the path then holds an unfinished file.
    """
    if len(take.tracks) != sound.channels:
        raise ValueError(f"{path.name}: {len(take.tracks)} track names for {sound.channels} channels")
    data_bytes = frames * sound.frame_bytes
    with path.open("wb") as file:
        file.write(header(sound, take, data_bytes))
        written = 0
        for piece in samples:
            file.write(piece)
            written += len(piece)
        if written != data_bytes:
            raise ValueError(f"{path.name}: {written} bytes of samples, {frames} frames are {data_bytes}")
        file.write(b"\0" * (data_bytes % 2))
        file.flush()
        os.fsync(file.fileno())


def header(sound: Sound, take: Take, data_bytes: int) -> bytes:
    """All that precedes the samples; the sizes in it are those of the finished file."""
    said = _chunk(b"bext", bext(sound, take)) + _chunk(b"iXML", ixml(sound, take))
    chunks = b"WAVE" + said + _chunk(b"fmt ", _format(sound))
    riff_bytes = len(chunks) + 8 + data_bytes + data_bytes % 2
    if riff_bytes > MAX_RIFF_BYTES:
        raise ValueError(f"{riff_bytes} bytes do not fit RIFF's 32-bit sizes")
    return struct.pack("<4sI", b"RIFF", riff_bytes) + chunks + struct.pack("<4sI", b"data", data_bytes)


def bext(sound: Sound, take: Take) -> bytes:
    """The bext chunk's content; its description holds the `sKEY=value` lines Sound Devices made common."""
    keys = {
        "SCENE": take.scene,
        "TAKE": take.take,
        "TAPE": take.tape,
        "CIRCLED": str(take.circled).upper(),
        **{f"TRK{number}": name for number, name in enumerate(take.tracks, 1)},
        "NOTE": take.note,
    }
    description = "".join(f"s{key}={value}\r\n" for key, value in keys.items())
    mode = {1: "mono", 2: "stereo"}.get(sound.channels, "multi")
    history = f"A=PCM,F={sound.sample_rate},W={sound.bits},M={mode},T=rushes\r\n"
    fixed = _BEXT.pack(
        _ascii(description, 256),
        b"rushes",
        _ascii(take.file_uid, 32),
        _ascii(take.date, 10),
        _ascii(take.time, 8),
        take.start_sample,
        1,
        b"",
    )
    return fixed + history.encode("ascii")


def ixml(sound: Sound, take: Take) -> bytes:
    """The iXML chunk's content: an UTF-8 document."""
    root = ET.Element("BWFXML")
    _texts(
        root,
        IXML_VERSION="1.61",
        PROJECT=take.project,
        SCENE=take.scene,
        TAKE=take.take,
        TAPE=take.tape,
        CIRCLED=str(take.circled).upper(),
        NOTE=take.note,
        FILE_UID=take.file_uid,
    )
    _texts(
        ET.SubElement(root, "SPEED"),
        MASTER_SPEED=take.rate,
        CURRENT_SPEED=take.rate,
        TIMECODE_RATE=take.rate,
        TIMECODE_FLAG="DF" if take.drop else "NDF",
        FILE_SAMPLE_RATE=str(sound.sample_rate),
        AUDIO_BIT_DEPTH=str(sound.bits),
        DIGITIZER_SAMPLE_RATE=str(sound.sample_rate),
        TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI=str(take.start_sample >> 32),
        TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO=str(take.start_sample & 0xFFFF_FFFF),
        TIMESTAMP_SAMPLE_RATE=str(sound.sample_rate),
    )
    listing = ET.SubElement(root, "TRACK_LIST")
    _texts(listing, TRACK_COUNT=str(sound.channels))
    for number, name in enumerate(take.tracks, 1):
        _texts(
            ET.SubElement(listing, "TRACK"),
            CHANNEL_INDEX=str(number),
            INTERLEAVE_INDEX=str(number),
            NAME=name,
        )
    document: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()


def _format(sound: Sound) -> bytes:
    # Tag 1 (plain PCM) rather than EXTENSIBLE: a poly file's tracks have no loudspeaker positions to declare.
    return struct.pack(
        "<HHIIHH",
        1,
        sound.channels,
        sound.sample_rate,
        sound.sample_rate * sound.frame_bytes,
        sound.frame_bytes,
        sound.bits,
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk, padded to an even length; its size does not count the padding."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _ascii(text: str, limit: int) -> bytes:
    return text.encode("ascii", "replace")[:limit]


def _texts(parent: ET.Element, **values: str) -> None:
    for tag, text in values.items():
        ET.SubElement(parent, tag).text = text


def first_sample(path: Path) -> int | None:
    """How many samples after midnight a wave file begins, as its bext says; None without one."""
    with path.open("rb") as file:
        if file.read(12)[8:] != b"WAVE":
            return None
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"bext":
                return int(_BEXT.unpack(file.read(_BEXT.size))[5])
            file.seek(size + size % 2, os.SEEK_CUR)
    return None
