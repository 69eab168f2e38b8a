"""XMP (ISO 16684): what stands there of a picture and nowhere else. Places and people are not read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rushes import Scalar
from rushes_media.words import markup, text
from rushes_media.words.markup import Element

_AUX = "http://ns.adobe.com/exif/1.0/aux/"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_EXIF_EX = "http://cipa.jp/exif/1.0/"
_RAW = "http://ns.adobe.com/camera-raw-settings/1.0/"
_XMP = "http://ns.adobe.com/xap/1.0/"
#: Our name: the properties that mean it, best first.
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "make": (f"{_TIFF} Make",),
    "model": (f"{_TIFF} Model",),
    "lens": (f"{_EXIF_EX} LensModel", f"{_AUX} Lens"),
    "serial": (f"{_EXIF_EX} BodySerialNumber", f"{_AUX} SerialNumber"),
    "lens_serial": (f"{_EXIF_EX} LensSerialNumber", f"{_AUX} LensSerialNumber"),
    "firmware": (f"{_AUX} Firmware",),
    "rating": (f"{_XMP} Rating",),
}
_CLOCKS = (
    f"{_EXIF} DateTimeOriginal",
    "http://ns.adobe.com/photoshop/1.0/ DateCreated",
    f"{_XMP} CreateDate",
)


def read(packet: bytes) -> tuple[dict[str, Scalar], str]:
    """What the packet says, and the moment of the exposure as it wrote it, "" without one."""
    root, _ = markup.parse(packet)  # a broken packet says what it says up to there
    return ({}, "") if root is None else of(root)


def of(root: Element) -> tuple[dict[str, Scalar], str]:
    """What the packet below that element says; see `read`."""
    told: dict[str, str] = {}
    for description in root.all("Description"):
        for name, value in description.attributes.items():
            if " " in name:
                told.setdefault(name, value)
        for one in description.children:
            told.setdefault(f"{one.space} {one.name}", one.text or next((i.text for i in one.all("li")), ""))
    values: dict[str, Scalar] = {}
    for name, properties in _TEXTS.items():
        if value := next((text.line(told[key]) for key in properties if told.get(key, "").strip()), ""):
            values[name] = value
    if values.get("rating") == "0":
        del values["rating"]  # nobody rated it
    # Only what the camera chose: a colourist's temperature is none of the exposure.
    if told.get(f"{_RAW} WhiteBalance") == "As Shot" and re.fullmatch(
        r"\d{4,5}", told.get(f"{_RAW} Temperature", "")
    ):
        values["white_balance"] = int(told[f"{_RAW} Temperature"])
    return values, next((told[key] for key in _CLOCKS if told.get(key)), "")
