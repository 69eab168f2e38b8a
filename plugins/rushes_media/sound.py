"""bext and iXML of production sound: start, scene, take, tape, tracks (EBU Tech 3285, iXML 3.01).

Facts of real recorders: TimeReference counts samples since midnight at the *timestamp's* sample rate;
Metacorder prints the low 32-bit word as a negative number; Sound Devices, Metacorder and Zoom repeat much
of it as lines `sSCENE=`, `gSCENE=`, `SCENE=` of the bext description (editors make `dSCENE=` of it).
Without bext or an iXML timestamp there is no start: zero is a value, absence is not.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any

from wavinfo.wave_bext_reader import WavBextReader
from wavinfo.wave_ixml_reader import WavIXMLFormat

from rushes import Scalar
from rushes.timecode import Rate, Timecode
from rushes_media import tags

_LINE = re.compile(r"^[a-z]?([A-Z][A-Z0-9]*)=(.*)$", re.MULTILINE)
#: Column or meta key: its place in iXML, its key in the bext description.
TEXTS: Mapping[str, tuple[str, str]] = {
    "project": ("PROJECT", "PROJECT"),
    "scene": ("SCENE", "SCENE"),
    "take": ("TAKE", "TAKE"),
    "reel": ("TAPE", "TAPE"),
    "note": ("NOTE", "NOTE"),
    "user_bits": ("UBITS", "UBITS"),
    "file_uid": ("FILE_UID", ""),
    "family_uid": ("FILE_SET/FAMILY_UID", ""),
    "family_files": ("FILE_SET/TOTAL_FILES", ""),
    "family_index": ("FILE_SET/FILE_SET_INDEX", ""),
    "pre_record_samples": ("PRE_RECORD_SAMPLECOUNT", ""),
}


def read(chunks: Mapping[str, bytes], sample_rate: int) -> dict[str, Scalar]:
    """What the bext and iXML payloads say; a damaged one says nothing."""
    bext = _bext(chunks.get("bext", b""))
    ixml = _ixml(chunks.get("iXML", b""))
    lines = dict(_LINE.findall((bext.description if bext else "").replace("\r", "\n")))
    values: dict[str, Scalar] = {}
    for name, (place, key) in TEXTS.items():
        if told := _text(ixml, place) or lines.get(key, "").strip():
            values[name] = told
    circled = tags.flag(_text(ixml, "CIRCLED") or lines.get("CIRCLED", ""))
    if circled is not None:
        values["circled"] = circled
    if tracks := _tracks(ixml, lines):
        values["tracks"] = ", ".join(tracks)
    if bext:
        if bext.originator.strip():
            values["recorder"] = bext.originator.strip()
        # The recorder's own clock, in a time zone that nobody tells: never a UTC `created`.
        if recorded := f"{bext.originator_date} {bext.originator_time}".strip():
            values["recorded"] = recorded
    return values | _start(bext, ixml, sample_rate)


def _start(bext: Any, ixml: Any, sample_rate: int) -> dict[str, Scalar]:
    if bext:
        start, origin = bext.time_reference, "bext"
    else:
        told = _sample(
            ixml, "SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", "SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO"
        )
        if told is None:
            told = _sample(ixml, "BEXT/BWF_TIME_REFERENCE_HIGH", "BEXT/BWF_TIME_REFERENCE_LOW")
        if told is None:
            return {}
        start, origin = told, "ixml"
    values: dict[str, Scalar] = {"start_sample": start}
    clock = _number(_text(ixml, "SPEED/TIMESTAMP_SAMPLE_RATE")) or sample_rate
    try:
        rate = Rate.parse(
            _text(ixml, "SPEED/TIMECODE_RATE"), drop=_text(ixml, "SPEED/TIMECODE_FLAG").upper() == "DF"
        )
        code = Timecode.from_samples(start, clock, rate)
    except ValueError:  # no rate told, or none we know: the sample is exact, a label would be a guess
        return values
    return values | {
        "timecode": str(code),
        "timecode_rate": str(rate),
        "timecode_from": origin,
        "rate": str(rate),
    }


def _sample(ixml: Any, high: str, low: str) -> int | None:
    low_word = _number(_text(ixml, low))
    return None if low_word is None else ((_number(_text(ixml, high)) or 0) << 32) + (low_word & 0xFFFFFFFF)


def _tracks(ixml: Any, lines: Mapping[str, str]) -> list[str]:
    listed = [] if ixml is None else ixml.findall("TRACK_LIST/TRACK")
    named = [(_number(_text(track, "INTERLEAVE_INDEX")) or 0, _text(track, "NAME")) for track in listed]
    if named:
        return [name for _, name in sorted(named, key=lambda pair: pair[0]) if name]
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


def _ixml(payload: bytes) -> Any:
    """The root element, recovered where the XML is broken; None without one."""
    text = payload.strip(b"\0 \r\n\t")
    return WavIXMLFormat(text).parsed.getroot() if text else None


def _text(element: Any, place: str) -> str:
    return "" if element is None else (element.findtext(place) or "").strip()


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None
