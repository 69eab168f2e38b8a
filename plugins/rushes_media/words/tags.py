"""Container and stream tags to columns: many makers' spellings in, our names out.

A tag is looked up by its name in lower case and, where a maker's domain stands before it ("com.arri.camera.
ReelName"), also by the letters and digits of its last part ("reelname").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from rushes import Scalar
from rushes_media.words import moments, text

#: Our name: the tags that mean it, best first.
TAGS: Mapping[str, tuple[str, ...]] = {
    "reel": ("reel_name", "reel", "reelname", "tape", "com.apple.proapps.studio.reel"),
    "scene": ("scene", "scenename", "com.apple.proapps.studio.scene"),
    "slate": ("slate", "slatename"),
    "take": ("take", "takename", "takenumber", "com.apple.proapps.studio.shot", "com.apple.proapps.shot"),
    "camera": ("camera", "cameraindex", "cameraletter", "cameraid", "cameraname"),
    "clip_name": ("clip_name", "clipname", "clipfilename", "clipid"),
    "project": ("project", "project_name", "projectname", "production", "productionname"),
    "note": ("note", "comment", "lognote", "usercomment"),
    "lens": ("lens", "lenstype", "lensmodel", "com.apple.quicktime.camera.lens_model"),
    "make": ("make", "manufacturer", "cameramaker", "cameramanufacturer"),
    "model": ("model", "modelname", "cameramodel", "cameratype"),
    "serial": ("serial", "serialno", "serialnumber", "cameraserialnumber", "sn"),
    "firmware": ("firmware", "firmwareversion", "supversion", "fw", "com.apple.quicktime.software"),
    "gamma": ("gamma", "colorgammasxs", "customgamma", "capturegammaequation"),
    "gamut": ("gamut", "customcolor", "capturecolorprimaries"),
    "look": ("look", "com.arri.camera.look.name", "lookname", "lutname", "lut"),
    "nd": ("ndfilterdensity", "nd", "neutraldensityfilterwheelsetting"),
    "iris": ("iris", "aperture", "fnumber"),
    "focal_length": ("focallength", "lensfocallength"),
    "tint": ("tint", "whitebalancetintcc", "whitebalancetint"),
    "location": ("location", "com.apple.quicktime.location.iso6709"),
    "company_name": ("company_name",),
    "product_name": ("product_name",),
    "product_version": ("product_version",),
    "material_name": ("material_package_name",),
    "material_umid": ("material_package_umid",),
}
ISO = ("iso", "exposureindexasa", "isosensitivity", "exposureindex", "asa", "ei")
ANGLE = ("shutter_angle", "shutterangle", "shutterspeed_angle", "shutterspeedangle")
SPEED = ("shutter", "shutter_speed", "shutterspeed", "shutterspeed_time", "shutterspeedtime", "exposuretime")
WHITE = ("white_balance", "whitebalancekelvin", "whitebalance", "colortemperature", "cct")
SENSOR = ("sensor_rate", "sensorfps", "capturefps", "shootingrate")
USER_BITS = ("user_bits", "userbits", "ubits", "userbitstc")
_FLAGS: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_KELVIN = re.compile(r"(\d{4,5})(?:\.\d*)?\s*[kK]?", re.ASCII)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)", re.ASCII)
_SECONDS = re.compile(r"(\d+)\s*/\s*(\d+(?:\.\d+)?)", re.ASCII)


def read(tags: Mapping[str, str]) -> dict[str, Scalar]:
    """What the tags of a file say; an empty tag says nothing."""
    lower = _lower(tags)
    values: dict[str, Scalar] = {
        name: told for name, spellings in TAGS.items() if (told := _first(lower, spellings))
    }
    circled = flag(_first(lower, ("circled", "isgood")))
    if circled is not None:
        values["circled"] = circled
    if bits := user_bits(_first(lower, USER_BITS)):
        values["user_bits"] = bits
    return values | exposure(lower) | moments.read(lower)


def exposure(lower: Mapping[str, str]) -> dict[str, Scalar]:
    """`iso`, `shutter`, `white_balance` and `sensor_rate` of tags with names in lower case."""
    values: dict[str, Scalar] = {}
    if (match := _NUMBER.search(_first(lower, ISO))) and 0 < float(match[1]) < 10_000_000:
        values["iso"] = round(float(match[1]))
    if told := angle(_first(lower, ANGLE)) or speed(_first(lower, SPEED)):
        values["shutter"] = told
    if match := _KELVIN.fullmatch(_first(lower, WHITE)):
        values["white_balance"] = int(match[1])
    if match := _NUMBER.search(_first(lower, SENSOR)):
        # ARRI counts thousandths of a picture a second.
        rate = float(match[1])
        values["sensor_rate"] = f"{rate / 1000 if rate > 10_000 else rate:g}"
    return values


def angle(told: str) -> str:
    """A shutter angle in degrees, as "172.8"; ARRI writes tenths or thousandths of a degree. "" for none."""
    match = _NUMBER.search(told)
    degrees = float(match[1]) if match else 0.0
    while degrees > 360:
        degrees /= 10
    return f"{degrees:g}" if degrees else ""


def speed(told: str) -> str:
    """An exposure time as "1/48"; an angle where it says degrees. "" for neither."""
    if "deg" in told.lower() or "°" in told:
        return angle(told)
    if (match := _SECONDS.search(told)) and float(match[2]):
        return f"{match[1]}/{float(match[2]):g}"
    match = _NUMBER.fullmatch(told.strip().removesuffix("s").strip())
    seconds = float(match[1]) if match else 0.0
    if not 0 < seconds < 1:
        return ""
    return f"1/{float(Fraction(1) / Fraction(seconds).limit_denominator(100_000)):.4g}"


def flag(told: str) -> bool | None:
    """A yes or no as devices write it; None for anything else."""
    return _FLAGS.get(told.strip().lower())


def user_bits(told: str) -> str:
    """Eight hexadecimal digits; recorders put "$" or "0x" before them. "" for anything else."""
    digits = re.sub(r"[\s:.]", "", told.strip().removeprefix("$").removeprefix("0x")).upper()
    return digits if re.fullmatch(r"[0-9A-F]{8}", digits) else ""


def _lower(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags by their names in lower case and, where not taken, by the last part of a maker's name."""
    lower = {name.lower(): text.line(value) for name, value in tags.items()}
    for name, value in list(lower.items()):
        if name.startswith(("com.", "org.")):
            lower.setdefault(re.sub(r"[^a-z0-9_]", "", name.rpartition(".")[2]), value)
        elif not name.isalnum():
            lower.setdefault(re.sub(r"[^a-z0-9]", "", name), value)
    return lower


def _first(lower: Mapping[str, str], spellings: tuple[str, ...]) -> str:
    return next((lower[spelling] for spelling in spellings if lower.get(spelling)), "")
