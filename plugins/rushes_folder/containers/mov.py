"""QuickTime and MP4: a chain of atoms, each a 32-bit big-endian size and a type (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Atoms that a file may start with. Old QuickTime files start with wide or mdat, segments with styp.
FIRST = frozenset(
    {
        b"ftyp",
        b"moov",
        b"mdat",
        b"wide",
        b"free",
        b"skip",
        b"pnot",
        b"styp",
        b"sidx",
        b"moof",
        b"uuid",
        b"junk",
    }
)
#: A chain longer than this is no camera's; a hostile one could go on for every eight bytes of the file.
MOST_ATOMS = 100_000


def problem(read: Callable[[int, int], bytes], size: int) -> str:
    """Whole: a moov atom, and no atom that ends behind the end of the file."""
    offset, moov = 0, False
    for _ in range(MOST_ATOMS):
        header = read(offset, 16)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if offset == 0 and kind not in FIRST:
            return "not a QuickTime file"
        if len(header) < 8 or not kind.isascii() or not kind.decode("ascii").isprintable():
            break  # the end, or padding that some writers leave there
        if length == 0:  # up to the end of the file
            length = size - offset
        elif length == 1:
            length = int.from_bytes(header[8:16], "big") if len(header) == 16 else size + 1
        if length < 8:
            break
        moov = moov or kind == b"moov"
        if offset + length > size:
            missing = f"{kind.decode('ascii')} atom lacks {offset + length - size} bytes"
            return f"truncated: {missing}" if moov else "truncated: no moov atom"
        offset += length
        if offset == size:
            break
    return "" if moov else "truncated: no moov atom"
