"""What the name of a file says when a camera gave it: letter, reel, clip, day.

The conventions, each from its maker's manual or from real cards:
ARRI `A001C003_221122_R1AB`, Alexa 35 `A_0001C003_221122_101530_a1ABC`; Canon `A001C003_221122AB_CANON`,
`A001C003H221122AB_CANON`; Sony and Panasonic `A001C003_221122AB`; Z CAM and DJI `A001C0003_20221122101530_0001`;
RED `A001_C003_1122AB_001`; Blackmagic `A001_11221015_C003`; GoPro `GX020123`; Sony `C0003`; Lumix `P1000123`;
DJI `DJI_20221122101530_0003_D`; Canon XF `AA000301`; P2 `0003AB.MXF`; photo cameras `IMG_0123`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rushes import Scalar

#: Behind a camera's name: nothing, an extension, a copy's suffix or a frame number.
_END = r"(?=[-._ (]|$)"
_CINEMA = re.compile(
    r"(?P<camera>[A-Z])(?P<gap>_?)(?P<roll>\d{3,4})_?C(?P<index>\d{3,4})(?!\d)"
    r"(?:(?:_|(?=H\d))(?P<rest>H?\d{6}(?:\d{8})?(?:_\d{6})?_?(?:[A-Z0-9]{2,6})?(?:_CANON)?))?"
    rf"(?:_(?P<segment>\d{{2,3}}))?{_END}",
    re.IGNORECASE,
)
_RED = re.compile(
    r"(?P<reel>(?P<camera>[A-Z])\d{3})_[CLR](?P<index>\d{3})_(?P<day>\d{4})[A-Z0-9]{2}"
    rf"(?:_(?P<segment>\d{{3}}))?{_END}",
    re.IGNORECASE,
)
_BLACKMAGIC = re.compile(
    rf"(?P<reel>(?P<camera>[A-Z])\d{{3}})_(?P<day>\d{{4}})\d{{4}}_C(?P<index>\d{{3}}){_END}", re.IGNORECASE
)
_GOPRO = re.compile(rf"G(?:[HXPL](?P<segment>\d{{2}})|OPR)(?P<index>\d{{4}}){_END}", re.IGNORECASE)
_DJI = re.compile(rf"DJI_(?:(?P<date>\d{{8}})\d{{6}}_)?(?P<index>\d{{4}})(?:_[A-Z])?{_END}", re.IGNORECASE)
_CANON_XF = re.compile(rf"(?P<name>[A-Z]{{2}}(?P<index>\d{{4}}))(?P<segment>\d{{2}}){_END}")
_P2 = re.compile(
    r"(?P<name>(?P<index>\d{4})(?=.?[A-Z])[A-Z0-9]{2})(?:\d{2})?(?=\.(?:mxf|xml)$)", re.IGNORECASE
)
_COUNTED = re.compile(
    rf"(?:C|P\d{{3}}|DSC_?|_DSC|MVI_|IMG_|MAH|DSCF|DSCN|CLIP)(?P<index>\d{{4}}){_END}", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """`camera` and `reel` are "" where the convention has none; `day` is ISO, or "11-22" where it has no year."""

    clip_name: str
    index: int
    camera: str = ""
    reel: str = ""
    day: str = ""
    segment: int | None = None

    def values(self) -> dict[str, Scalar]:
        """As findings."""
        told: dict[str, Scalar] = {"clip_name": self.clip_name, "clip_index": str(self.index)}
        pairs = (("camera", self.camera), ("reel", self.reel), ("clip_day", self.day))
        told |= {key: value for key, value in pairs if value}
        if self.segment is not None:
            told["segment"] = str(self.segment)
        return told


def parse(name: str) -> Named | None:
    """`name` with or without extension; None where no camera that we know names files like this."""
    return next(_readings(name), None)


def _readings(name: str) -> Iterator[Named]:
    for pattern, read in ((_RED, _red), (_BLACKMAGIC, _red), (_CINEMA, _cinema)):
        if match := pattern.match(name):
            yield read(match)
    for pattern in (_GOPRO, _DJI, _CANON_XF, _P2, _COUNTED):
        if match := pattern.match(name):
            groups = match.groupdict()
            day = groups.get("date") or ""
            yield Named(
                clip_name=groups.get("name") or match[0],
                index=int(match["index"]),
                day=_iso(day[:4], day[4:6], day[6:]),
                segment=_number(groups.get("segment")),
            )


def _red(match: re.Match[str]) -> Named:
    segment = match.groupdict().get("segment")
    day = match["day"]
    return Named(
        clip_name=match[0][: -len(segment) - 1] if segment else match[0],
        index=int(match["index"]),
        camera=match["camera"].upper(),
        reel=match["reel"].upper(),
        day=_iso("", day[:2], day[2:]),
        segment=_number(segment),
    )


def _cinema(match: re.Match[str]) -> Named:
    rest = re.sub(r"^H", "", match["rest"] or "", flags=re.IGNORECASE)
    digits = re.match(r"\d*", rest)
    assert digits is not None
    day = digits[0]
    # Z CAM and DJI write four digits of the year and the time behind it.
    year, month, dom = (
        (day[:4], day[4:6], day[6:8]) if len(day) >= 14 else (day[:2] and f"20{day[:2]}", day[2:4], day[4:6])
    )
    segment = match["segment"]
    return Named(
        clip_name=match[0][: -len(segment) - 1] if segment else match[0],
        index=int(match["index"]),
        camera=match["camera"].upper(),
        reel=f"{match['camera']}{match['gap']}{match['roll']}".upper(),
        day=_iso(year, month, dom),
        segment=_number(segment),
    )


def _iso(year: str, month: str, day: str) -> str:
    """The day, where it is one; a leap day needs no year."""
    try:
        date(int(year or 2000), int(month), int(day))
    except ValueError:
        return ""
    return "-".join(part for part in (year, month, day) if part)


def _number(text: str | None) -> int | None:
    return int(text) if text else None
