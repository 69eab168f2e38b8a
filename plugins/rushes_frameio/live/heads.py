"""Which files are written from front to back: the head of every other kind is rewritten when it is closed."""

from __future__ import annotations

from collections.abc import Iterator

#: Bytes of a file's beginning that tell its kind.
LOOKED_AT = 64 * 1024
_TS_PACKETS = 3
#: Boxes that only a fragmented MP4 has at its top level before its first samples.
_FRAGMENTS = frozenset({b"moof", b"styp", b"sidx"})


def final_from_start(beginning: bytes) -> bool:
    """Whether what begins so never has its head rewritten: MPEG-TS and fragmented MP4.

    MOV and MP4 get their `mdat` size or `moov`, WAV and RF64 their length, MXF, MKV and AVI their duration and
    index at the end. What is unknown is taken for one of these: to hold a head back costs little, to send it
    twice as well, but only if the change is noticed.
    """
    return _transport_stream(beginning) or _fragmented(beginning)


def _transport_stream(beginning: bytes) -> bool:
    """Packets of 188 bytes that begin with 0x47, in M2TS each after four bytes of time."""
    for packet, first in ((188, 0), (192, 4)):
        marks = beginning[first : first + packet * _TS_PACKETS : packet]
        if marks == b"\x47" * _TS_PACKETS:
            return True
    return False


def _fragmented(beginning: bytes) -> bool:
    for kind, body in _boxes(beginning):
        if kind in _FRAGMENTS:
            return True
        if kind == b"moov":
            return any(inner == b"mvex" for inner, _ in _boxes(body))
        if kind == b"mdat":
            return False
    return False


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box (ISO 14496-12) that begins in `data`; the last body may be cut short."""
    at = 0
    while at + 8 <= len(data):
        size, kind, header = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if size == 1:  # a 64-bit size follows
            size, header = int.from_bytes(data[at + 8 : at + 16]), 16
        end = at + size if size else len(data)
        yield kind, data[at + header : end]
        if end < at + header:
            return
        at = end
