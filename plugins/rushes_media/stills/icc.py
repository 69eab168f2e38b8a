"""The name of a colour profile (ICC.1:2022) and what it is in the words of video."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from rushes import Scalar
from rushes_media.words import text

#: The profile's name begins so: primaries and transfer as ffmpeg names them.
KNOWN: Mapping[str, tuple[str, str]] = {
    "srgb": ("bt709", "iec61966-2-1"),
    "display p3": ("smpte432", "iec61966-2-1"),
    "rec. itu-r bt.709": ("bt709", "bt709"),
    "rec. itu-r bt.2020": ("bt2020", "bt2020-10"),
    "rec. itu-r bt.2100 pq": ("bt2020", "smpte2084"),
    "rec. itu-r bt.2100 hlg": ("bt2020", "arib-std-b67"),
    "dci(p3)": ("smpte431", ""),
}
#: Code points of ITU-T H.273: what cameras write, as ffmpeg names it.
PRIMARIES: Mapping[int, str] = {
    1: "bt709",
    5: "bt470bg",
    6: "smpte170m",
    9: "bt2020",
    11: "smpte431",
    12: "smpte432",
}
TRANSFERS: Mapping[int, str] = {
    1: "bt709",
    6: "smpte170m",
    8: "linear",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}


def read(profile: bytes) -> dict[str, Scalar]:
    """`colour_profile`, and `colour_space` and `transfer` where its name is a known one."""
    return named(_description(profile))


def over(told: Mapping[str, Scalar], profile: bytes) -> dict[str, Scalar]:
    """What was told of a picture, with the profile's own word on its colours where it has one."""
    own = read(profile)
    kept = {"colour_profile", "colour_space", "transfer"} if own else set()
    return {key: value for key, value in told.items() if key not in kept} | own


def named(name: str) -> dict[str, Scalar]:
    """The same from a name alone."""
    if not name:
        return {}
    values: dict[str, Scalar] = {"colour_profile": name}
    for known, (space, transfer) in KNOWN.items():
        if name.lower().startswith(known):
            pairs = (("colour_space", space), ("transfer", transfer))
            values |= {key: value for key, value in pairs if value}
    return values


def coded(primaries: int, transfer: int) -> dict[str, Scalar]:
    """From code points; one that says nothing, or nothing we know, is left out."""
    pairs = (("colour_space", PRIMARIES.get(primaries, "")), ("transfer", TRANSFERS.get(transfer, "")))
    return {key: value for key, value in pairs if value}


def _description(profile: bytes) -> str:
    try:
        (count,) = struct.unpack(">I", profile[128:132])
        for number in range(min(count, 100)):
            name, at, length = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
            if name == b"desc":
                return _told(profile[at : at + length])
    except struct.error:
        pass
    return ""


def _told(tag: bytes) -> str:
    if tag[:4] == b"mluc":
        length, at = struct.unpack(">II", tag[20:28])
        return text.line(tag[at : at + length].decode("utf-16-be", "replace"))
    (length,) = struct.unpack(">I", tag[8:12])
    return text.line(tag[12 : 12 + length])
