"""EXIF (CIPA DC-008) to columns. Where a picture was taken and who took it are private and are not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from io import BytesIO

from rushes import Scalar
from rushes_media.stills import icc, tiff, xmp
from rushes_media.words import text
from rushes_media.words.moments import zoned

MAKE, MODEL, ORIENTATION, SOFTWARE, DESCRIPTION = 0x010F, 0x0110, 0x0112, 0x0131, 0x010E
EXPOSURE_TIME, F_NUMBER, ISO, ORIGINAL, DIGITIZED = 0x829A, 0x829D, 0x8827, 0x9003, 0x9004
SENSITIVITIES = (0x8832, 0x8831, 0x8833)
ZONE_ORIGINAL, ZONE_DIGITIZED, FRACTION_ORIGINAL, FRACTION_DIGITIZED = 0x9011, 0x9012, 0x9291, 0x9292
SHUTTER_APEX, APERTURE_APEX, FOCAL, FOCAL_35, COLOURS = 0x9201, 0x9202, 0x920A, 0xA405, 0xA001
BIAS, BALANCE, SERIAL, LENS_RANGE, LENS, LENS_SERIAL = 0x9204, 0xA403, 0xA431, 0xA432, 0xA434, 0xA435
XMP, PROFILE, DNG_LENS = 0x02BC, 0x8773, 0xC630
WANTED = frozenset(
    {
        *(MAKE, MODEL, ORIENTATION, SOFTWARE, DESCRIPTION, EXPOSURE_TIME, F_NUMBER, ISO, ORIGINAL, DIGITIZED),
        *(*SENSITIVITIES, ZONE_ORIGINAL, ZONE_DIGITIZED, FRACTION_ORIGINAL, FRACTION_DIGITIZED, SHUTTER_APEX),
        *(APERTURE_APEX, FOCAL, FOCAL_35, COLOURS, BIAS, BALANCE, SERIAL, LENS_RANGE, LENS, LENS_SERIAL),
        *(XMP, PROFILE, DNG_LENS, 0x0001),
    }
)
#: Orientation: degrees clockwise, and whether it is a mirror image (EXIF 2.32, 4.6.4).
TURNS: Mapping[int, tuple[int, bool]] = {
    1: (0, False),
    2: (0, True),
    3: (180, False),
    4: (180, True),
    5: (270, True),
    6: (90, False),
    7: (90, True),
    8: (270, False),
}
_CLOCK = re.compile(
    r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:\d\d)?"
)


def payload(content: bytes) -> dict[str, Scalar]:
    """What an EXIF payload says that begins with its TIFF header; one that does not says nothing."""
    if not tiff.is_tiff(content):
        return {}
    return read(tiff.read(BytesIO(content), len(content), WANTED))


def read(told: tiff.Tiff) -> dict[str, Scalar]:
    """Columns and meta keys from the directories of a picture."""
    if not told.main:
        return {}
    first = told.main[0]
    exif = (
        told.exif if told.exif.tags else first
    )  # TIFF/EP and some editors keep it all in the first directory
    extra, clock = xmp.read(first.text(XMP)) if first.text(XMP) else ({}, "")
    values: dict[str, Scalar] = {}
    texts = (("make", first, MAKE), ("model", first, MODEL), ("software", first, SOFTWARE))
    for name, place, tag in (
        *texts,
        ("description", first, DESCRIPTION),
        ("lens", exif, LENS),
        ("serial", exif, SERIAL),
        ("lens_serial", exif, LENS_SERIAL),
    ):
        if value := text.line(place.text(tag)):
            values[name] = value
    values |= turned(first.whole(ORIENTATION))
    values |= _exposure(exif)
    values |= _colours(told)
    values |= clocks(exif, clock)
    values = {**extra, **values}
    if "lens" not in values and (lens := _range(exif.numbers(LENS_RANGE) or first.numbers(DNG_LENS))):
        values["lens"] = lens
    return values


def turned(orientation: int | None) -> dict[str, Scalar]:
    """`rotation`, and `mirrored` where it is; an orientation that nobody defines says nothing."""
    degrees, mirrored = TURNS.get(orientation or 0, (None, False))
    values: dict[str, Scalar] = {} if degrees is None else {"rotation": degrees}
    return values | {"mirrored": "true"} if mirrored else values


def clocks(exif: tiff.Directory, elsewhere: str = "") -> dict[str, Scalar]:
    """`recorded` by the camera's clock; `created` where the zone is told, by EXIF or by the same moment in XMP."""
    pairs = (
        (ORIGINAL, ZONE_ORIGINAL, FRACTION_ORIGINAL),
        (DIGITIZED, ZONE_DIGITIZED, FRACTION_DIGITIZED),
    )
    for tag, zone_tag, fraction_tag in pairs:
        fraction = text.line(exif.text(fraction_tag))
        at, _ = moment(
            text.line(exif.text(tag)) + (f".{fraction}" if re.fullmatch(r"\d+", fraction, re.ASCII) else "")
        )
        if at is None:
            continue
        told, zone = moment(elsewhere)
        same = told is not None and told.replace(microsecond=0) == at.replace(microsecond=0)
        return moments(at, text.line(exif.text(zone_tag)) or (zone if same else ""))
    at, zone = moment(elsewhere)
    return {} if at is None else moments(at, zone)


def moments(at: datetime, zone: str) -> dict[str, Scalar]:
    """The columns of a moment by a device's clock and of its zone ("+01:00", "Z" or "")."""
    return {"recorded": at, "recorded_basis": "exif", **zoned(f"{at.isoformat()}{zone}", "exif")}


def moment(told: str) -> tuple[datetime | None, str]:
    """A moment without its zone, and the zone as it is written; None for the zeros of a camera without a clock."""
    match = _CLOCK.fullmatch(told.strip())
    if match is None:
        return None, ""
    *parts, fraction, zone = match.groups()
    numbers = [int(part or 0) for part in parts]
    try:
        at = datetime(*numbers[:6], microsecond=int((fraction or "0").ljust(6, "0")))  # type: ignore[arg-type,misc]  # noqa: DTZ001 - its zone is nobody's
        return (at, zone or "") if 1900 < at.year < 2200 else (None, "")
    except ValueError:
        return None, ""


def decimal(number: float | Fraction) -> str:
    """A number for people: "2.8", "50"."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def seconds(number: float | Fraction) -> str:
    """An exposure time as a fraction: "1/400", "13/10", "2/1"."""
    exact = Fraction(number).limit_denominator(100_000)
    if 0 < exact < Fraction(3, 10):
        return f"1/{round(1 / exact)}"
    exact = exact.limit_denominator(10)
    return f"{exact.numerator}/{exact.denominator}"


def _exposure(exif: tiff.Directory) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    time = exif.number(EXPOSURE_TIME)
    apex = exif.number(SHUTTER_APEX)
    if time is None and apex is not None and abs(apex) < 30:
        time = Fraction(2 ** -float(apex))
    if time is not None and 0 < time < 10**6:
        values["shutter"] = seconds(time)
    iso = exif.whole(ISO)
    if iso in {None, 0, 65535}:  # what does not fit into 16 bits stands in another tag
        iso = next((told for tag in SENSITIVITIES if (told := exif.whole(tag))), iso)
    if iso:
        values["iso"] = iso
    aperture = exif.number(F_NUMBER)
    apex = exif.number(APERTURE_APEX)
    if not aperture and apex is not None and 0 <= apex < 30:
        aperture = Fraction(2 ** (float(apex) / 2))
    for name, number in (("aperture", aperture), ("focal_length", exif.number(FOCAL))):
        if number and 0 < number < 10**6:
            values[name] = decimal(number)
    if equivalent := exif.whole(FOCAL_35):
        values["focal_length_35"] = str(equivalent)
    if (bias := exif.number(BIAS)) is not None and abs(bias) < 100:
        values["exposure_bias"] = decimal(bias)
    if (balance := exif.whole(BALANCE)) in {0, 1}:
        values["white_balance_mode"] = "manual" if balance else "auto"
    return values


def _colours(told: tiff.Tiff) -> dict[str, Scalar]:
    if profile := told.main[0].text(PROFILE):
        return icc.read(profile)
    space = told.exif.whole(COLOURS)
    if space == 2 or told.interoperability.text(0x0001)[:3] == b"R03":
        return icc.named("Adobe RGB (1998)")
    return icc.named("sRGB") if space == 1 else {}


def _range(numbers: tuple[int | float | Fraction, ...]) -> str:
    """A lens by its focal lengths and apertures: "18-55mm f/3.5-5.6"; a fraction 0/0 has been left out."""
    if len(numbers) < 2 or not all(0 < one < 10_000 for one in numbers[:2]):
        return ""
    lengths = "-".join(dict.fromkeys(decimal(one) for one in numbers[:2]))
    stops = "-".join(dict.fromkeys(decimal(one) for one in numbers[2:4])) if len(numbers) == 4 else ""
    return f"{lengths}mm f/{stops}" if stops and all(one > 0 for one in numbers[2:4]) else f"{lengths}mm"
