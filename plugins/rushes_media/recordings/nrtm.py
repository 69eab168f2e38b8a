"""Sony's NonRealTimeMeta, which stands in XAVC files and beside them: time with zone, device, exposure, timecode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wavinfo.wave_ixml_reader import WavIXMLFormat

from rushes import Scalar
from rushes_media.words import moments, tags

#: Our name: Sony's names of acquisition items, best first.
ITEMS: Mapping[str, tuple[str, ...]] = {
    "gamma": ("CaptureGammaEquation",),
    "gamut": ("CaptureColorPrimaries",),
    "colour_coding": ("CodingEquations",),
}


def is_nrtm(document: bytes) -> bool:
    """Whether a document is of this kind."""
    return b"<NonRealTimeMeta" in document[:1000]


def read(document: bytes) -> dict[str, Scalar]:
    """What the document says; a broken one says what comes before the break. Never raises on XML."""
    text = document.strip(b"\0 \r\n\t")
    root = (
        WavIXMLFormat(text).parsed.getroot() if text else None
    )  # the reader that recovers iXML recovers this
    if root is None:
        return {}
    values: dict[str, Scalar] = {}
    for element in _named(root, "CreationDate"):
        values |= moments.zoned(element.get("value", ""), "nrtm")
    for element in (
        *_named(root, "Device"),
        *_named(root, "Camera"),
    ):  # the recorder, and what it is bolted to
        for ours, theirs in (("make", "manufacturer"), ("model", "modelName"), ("serial", "serialNo")):
            if told := element.get(theirs, "").strip():
                values[ours] = told
    for element in _named(root, "Lens"):
        if told := element.get("modelName", "").strip():
            values["lens"] = told
    told_items = {one.get("name", ""): one.get("value", "").strip() for one in _named(root, "Item")}
    for ours, names in ITEMS.items():
        if found := next((told_items[name] for name in names if told_items.get(name)), ""):
            values[ours] = found
    values |= tags.exposure({name.lower(): value for name, value in told_items.items() if value})
    return values | _timecode(root)


def _timecode(root: Any) -> dict[str, Scalar]:
    """`nrtm_timecode` and `nrtm_fps`: the first entry of the LTC table, whose digits stand from frames to hours."""
    for table in _named(root, "LtcChangeTable"):
        for change in _named(table, "LtcChange"):
            digits = change.get("value", "")
            if change.get("frameCount") == "0" and re.fullmatch(r"[0-9A-Fa-f]{8}", digits):
                # Beside the digits stand flags of the code; bit 6 of the frames tells drop frame (SMPTE ST 12-1).
                fields = [int(digits[place : place + 2], 16) for place in (0, 2, 4, 6)]
                frames, seconds, minutes, hours = (
                    f"{field & mask:02x}"
                    for field, mask in zip(fields, (0x3F, 0x7F, 0x7F, 0x3F), strict=True)
                )
                code = f"{hours}:{minutes}:{seconds}{';' if fields[0] & 0x40 else ':'}{frames}"
                return {"nrtm_timecode": code, "nrtm_fps": table.get("tcFps", "")}
    return {}


def _named(root: Any, name: str) -> Iterator[Any]:
    """Elements of that name in whatever version of Sony's namespace."""
    return (one for one in root.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name)
