"""What a clip is called at Frame.io.

Its file name: proxies are matched with their heroes, and pictures relinked, by that name alone, so a name that
a camera chose is never changed for beauty. That holds for GoPro's chapters too (GX010034, GX020034), although
they sort by chapter first. Only where the metadata says that a file is one of several, and its name does not
end with its number, the number is added; a proxy inherits that metadata and with it the same name.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from rushes import Clip


def asset_name(clip: Clip) -> str:
    """The file name; as `NAME_02.EXT` where its metadata has `part` and `parts` and NAME does not end with 2."""
    part, parts = (_count(clip.meta.get(key)) for key in ("part", "parts"))
    if not 1 <= part <= parts or parts == 1:
        return clip.filename
    name = PurePosixPath(clip.filename)
    if name.stem.endswith(f"{part:0{len(str(parts))}}"):
        return clip.filename
    return f"{name.stem}_{part:0{max(2, len(str(parts)))}}{name.suffix}"


def _count(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else 0
