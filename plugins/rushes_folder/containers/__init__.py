"""Whether a file's container is whole: pure functions over `read(offset, length)` and the file's size.

Each returns "" for a whole file, else one line that says what is wrong. They read headers, never the essence,
and never raise on any bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rushes_folder.containers import mov, mxf, wav

#: Bytes from an offset; fewer where the file ends.
Read = Callable[[int, int], bytes]

CHECKS: Mapping[str, Callable[[Read, int], str]] = {
    **dict.fromkeys(("360", "3gp", "insv", "m4a", "m4v", "mov", "mp4", "qt"), mov.problem),
    **dict.fromkeys(("bw64", "bwf", "rf64", "wav", "wave"), wav.problem),
    "mxf": mxf.problem,
}


def checkable(extension: str) -> bool:
    """Whether the container itself tells when it is complete."""
    return extension in CHECKS


def problem(extension: str, read: Read, size: int) -> str:
    """Why the file is not whole, or ""; a format without a check is whole as soon as it has a byte."""
    if size == 0:
        return "empty file"
    check = CHECKS.get(extension)
    return check(read, size) if check else ""
