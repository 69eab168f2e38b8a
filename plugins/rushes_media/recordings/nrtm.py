"""Sony's NonRealTimeMeta, which stands in XAVC files and beside them: time with zone, device, exposure, timecode."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rushes import Scalar
from rushes_media.words import markup, moments, tags
from rushes_media.words.markup import Element

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
    root, _ = markup.parse(document)
    return {} if root is None else of(root)


def of(root: Element) -> dict[str, Scalar]:
    """What the document below that element says."""
    values: dict[str, Scalar] = {}
    for element in root.all("CreationDate"):
        values |= moments.zoned(element.attributes.get("value", ""), "nrtm")
    for element in (*root.all("Device"), *root.all("Camera")):  # the recorder, and what it is bolted to
        for ours, theirs in (("make", "manufacturer"), ("model", "modelName"), ("serial", "serialNo")):
            if value := element.attributes.get(theirs, "").strip():
                values[ours] = value
    for element in root.all("Lens"):
        if value := element.attributes.get("modelName", "").strip():
            values["lens"] = value
    items = {
        one.attributes.get("name", ""): one.attributes.get("value", "").strip() for one in root.all("Item")
    }
    for ours, names in ITEMS.items():
        if found := next((items[name] for name in names if items.get(name)), ""):
            values[ours] = found
    values |= tags.exposure({name.lower(): value for name, value in items.items() if value})
    return values | _timecode(root)


def _timecode(root: Element) -> dict[str, Scalar]:
    """`nrtm_timecode` and `nrtm_fps`: the first entry of the LTC table, whose digits stand from frames to hours."""
    for table in root.all("LtcChangeTable"):
        for change in table.all("LtcChange"):
            digits = change.attributes.get("value", "")
            if change.attributes.get("frameCount") == "0" and re.fullmatch(r"[0-9A-Fa-f]{8}", digits):
                # Beside the digits stand flags of the code; bit 6 of the frames tells drop frame (SMPTE ST 12-1).
                fields = [int(digits[place : place + 2], 16) for place in (0, 2, 4, 6)]
                frames, seconds, minutes, hours = (
                    f"{field & mask:02x}"
                    for field, mask in zip(fields, (0x3F, 0x7F, 0x7F, 0x3F), strict=True)
                )
                code = f"{hours}:{minutes}:{seconds}{';' if fields[0] & 0x40 else ':'}{frames}"
                return {"nrtm_timecode": code, "nrtm_fps": table.attributes.get("tcFps", "")}
    return {}
