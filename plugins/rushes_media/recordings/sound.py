"""bext and iXML of production sound: start, scene, take, tape, tracks (EBU Tech 3285, iXML 3.01).

Facts of real recorders: TimeReference counts samples since midnight at the *timestamp's* sample rate;
Sound Devices, Metacorder and Zoom repeat much of iXML as lines `sSCENE=`, `gSCENE=`, `SCENE=` of the bext
description (editors make `dSCENE=` of it). Without bext or an iXML timestamp there is no start: zero is a
value, absence is not.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any

from wavinfo.wave_bext_reader import WavBextReader

from rushes import Scalar
from rushes.timecode import Rate, Timecode
from rushes_media.recordings.ixml import Ixml
from rushes_media.words import moments, tags, text

_LINE = re.compile(r"^[a-z]?([A-Z][A-Z0-9]*)=(.*)$", re.MULTILINE)
#: As a recorder's description writes a rate: "023.976-ND", "25.000ND", "29.97DF".
_SPEED = re.compile(r"0*([\d./]+?)\s*-?\s*(N?DF?)?", re.IGNORECASE)
#: Column or meta key: its place in iXML, its key in the bext description.
TEXTS: Mapping[str, tuple[str, str]] = {
    "project": ("PROJECT", "PROJECT"),
    "scene": ("SCENE", "SCENE"),
    "take": ("TAKE", "TAKE"),
    "reel": ("TAPE", "TAPE"),
    "note": ("NOTE", "NOTE"),
    "file_uid": ("FILE_UID", ""),
    "family_uid": ("FILE_SET/FAMILY_UID", ""),
    "family_name": ("FILE_SET/FAMILY_NAME", ""),
    "family_files": ("FILE_SET/TOTAL_FILES", ""),
    "family_index": ("FILE_SET/FILE_SET_INDEX", ""),
    "original_filename": ("HISTORY/ORIGINAL_FILENAME", "FILENAME"),
    "take_type": ("TAKE_TYPE", ""),
    "wild_track": ("WILD_TRACK", ""),
    "pre_record_samples": ("PRE_RECORD_SAMPLECOUNT", ""),
    "speed_note": ("SPEED/NOTE", ""),
}
#: Meta key: the member of wavinfo's bext, of version 2, in LUFS, LU or dBTP.
LOUDNESS: Mapping[str, str] = {
    "loudness": "loudness_value",
    "loudness_range": "loudness_range",
    "true_peak": "max_true_peak",
    "loudness_momentary": "max_momentary_loudness",
    "loudness_short_term": "max_shortterm_loudness",
}
#: EBU Tech 3285 v2: a loudness beyond this many units is "not set" (0x7FFF).
LOUDEST = 99.99


def read(chunks: Mapping[str, bytes], sample_rate: int) -> dict[str, Scalar]:
    """What the bext and iXML payloads say; a damaged one says nothing."""
    bext = _bext(chunks.get("bext", b""))
    ixml = Ixml(chunks.get("iXML", b""))
    lines = dict(_LINE.findall((bext.description if bext else "").replace("\r", "\n")))
    values: dict[str, Scalar] = {}
    for name, (place, key) in TEXTS.items():
        if told := ixml.text(place) or lines.get(key, "").strip():
            values[name] = told
    circled = tags.flag(ixml.text("CIRCLED") or lines.get("CIRCLED", ""))
    if circled is not None:
        values["circled"] = circled
    if bits := tags.user_bits(ixml.text("UBITS") or lines.get("UBITS", "")):
        values["user_bits"] = bits
    if tracks := ixml.tracks() or _tracks(lines):
        values["tracks"] = ", ".join(tracks)
    if bext:
        values |= _origin(bext)
    values |= _start(bext, ixml, lines, sample_rate)
    start = values.get("start_sample")
    if claps := ixml.claps(start if isinstance(start, int) else None):
        values["claps"] = ",".join(map(str, claps))
    return values


def _origin(bext: Any) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for name, told in (("recorder", bext.originator), ("recorder_reference", bext.originator_ref)):
        if kept := text.line(told):
            values[name] = kept
    # The recorder's own clock, in a time zone that nobody tells: never a UTC `created`.
    if recorded := moments.clock(bext.originator_date, bext.originator_time):
        values |= {"recorded": recorded, "recorded_basis": "bext"}
    if bext.umid and any(bext.umid):
        values["umid"] = bext.umid.hex().upper()
    if bext.version == 2:  # a Metacorder leaves rubbish in the version's reserved bytes, and no version
        for name, member in LOUDNESS.items():
            if abs(told := getattr(bext, member)) <= LOUDEST:
                values[name] = f"{told:.2f}"
    return values


def _start(bext: Any, ixml: Ixml, lines: Mapping[str, str], sample_rate: int) -> dict[str, Scalar]:
    start, origin = (bext.time_reference, "bext") if bext else (ixml.start(), "ixml")
    if start is None:
        return {}
    values: dict[str, Scalar] = {"start_sample": start}
    clock = ixml.number("SPEED/TIMESTAMP_SAMPLE_RATE") or sample_rate
    if clock != sample_rate:
        values["timestamp_rate"] = str(clock)
    try:
        rate = _rate(ixml, lines)
        code = Timecode.from_samples(start, clock, rate)
    except ValueError:  # no rate told, or none we know: the sample is exact, a label would be a guess
        return values
    return values | {
        "timecode": str(code),
        "timecode_rate": str(rate),
        "timecode_from": origin,
        "rate": str(rate),
    }


def _rate(ixml: Ixml, lines: Mapping[str, str]) -> Rate:
    """The rate of iXML, else the line SPEED of the description; ValueError where neither is one."""
    if told := ixml.text("SPEED/TIMECODE_RATE"):
        return Rate.parse(told, drop=ixml.text("SPEED/TIMECODE_FLAG").upper() == "DF")
    match = _SPEED.fullmatch(lines.get("SPEED", "").strip())
    if match is None:
        raise ValueError("no rate told")
    return Rate.parse(match[1], drop=(match[2] or "").upper() in {"D", "DF"})


def _tracks(lines: Mapping[str, str]) -> list[str]:
    return [value.strip() for key, value in lines.items() if re.fullmatch(r"TRK\d+", key) and value.strip()]


def _bext(payload: bytes) -> Any:
    """The bext of wavinfo; ASCII by the standard, in practice UTF-8 or Latin-1. None where it is cut."""
    for encoding in ("utf-8", "latin-1"):
        try:
            return WavBextReader(payload, encoding)
        except UnicodeDecodeError:
            continue
        except struct.error:
            return None
    return None
