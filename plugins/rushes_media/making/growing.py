"""Can a recording be read while it grows? Told by its first bytes, whatever it is called. Pure.

Read through a pipe, from front to back, as often as not before its writer knew how long it would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import unpack_from

from rushes_media.containers import boxes, matroska, mxf, riff
from rushes_media.facts import Facts
from rushes_media.making.material import Material

#: Bytes that tell a container apart: three packets of a transport stream.
LEAST_HEAD = 3 * 192
#: Of a WAVE file so much may turn out not to be sound: chunks that its recorder writes behind it as it stops.
TAIL_BYTES = 64 * 1024
_FRONT_TO_BACK = "MXF, MPEG-TS, fragmented MP4, MKV and WAV can"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait` says in a few words why it cannot be read while it grows; `container` is what it is where it can.

    Both are "" where more of it is needed to tell.
    """

    container: str = ""
    wait: str = ""


def verdict(head: bytes) -> Verdict:
    """What the bytes that are there so far, or the first megabytes of them, mean."""
    if boxes.is_movie(head):
        return _movie(head)
    if len(head) < LEAST_HEAD:
        return Verdict()
    if riff.is_riff(head):
        return Verdict("wav")
    if matroska.is_matroska(head):
        return Verdict("matroska")
    if mxf.is_mxf(head):
        return Verdict("mxf")
    if any(
        head[first : first + 3 * packet : packet] == b"\x47" * 3 for packet, first in ((188, 0), (192, 4))
    ):
        return Verdict("mpegts")
    return Verdict(wait=f"only {_FRONT_TO_BACK}")


def _movie(head: bytes) -> Verdict:
    """Fragments begin behind an index that says they will; else the index comes at the end, or tells all samples."""
    fragments = False
    for box in boxes.inside(head):
        if box.type == b"moov" and box.end <= len(head):
            fragments = next(boxes.at(head[box.start : box.end], b"mvex"), None) is not None
            if not fragments:
                return Verdict(wait="a MOV or MP4 without fragments is finished by its index")
        elif box.type == b"mdat" and not fragments:
            return Verdict(wait="a MOV or MP4 with its index at the end cannot be read before")
        elif box.type == b"mdat" and box.end <= len(head):
            return Verdict("mp4")  # its timecode stands in the first fragment
    return Verdict()


def enough(facts: Facts, material: Material) -> bool:
    """Whether a head told all that a proxy is decided by: the size of the picture, the kind of each sound."""
    picture = material.picture
    if facts.picture is not None and (picture is None or not (picture.width and "rate" in facts.values)):
        return False
    heard = all(sound.channels and sound.sample_rate for sound in material.sounds)
    return heard and bool(picture or material.sounds)


def sound_ends(front: bytes, size: int) -> int | None:
    """Where the sound of a complete WAVE file of `size` bytes ends, by its `front`; None where that does not tell."""
    large = 0
    position = 12
    while position + 8 <= len(front):
        name, length = unpack_from("<4sI", front, position)
        if name == b"ds64" and position + 24 <= len(front):
            large = unpack_from("<Q", front, position + 16)[0]
        if name == b"data":
            length = large if length == riff.IN_DS64 else length
            return min(position + 8 + length, size) if length else None
        position += 8 + length + length % 2
    return None
