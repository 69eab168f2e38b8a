"""Sidecars in XML: Sony, Panasonic, Canon and others that name what they say; XMP; hash lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import PurePosixPath

from rushes import Scalar
from rushes_media.looks import cdl
from rushes_media.recordings import nrtm
from rushes_media.sidecars import columns
from rushes_media.sidecars.row import Row, Sidecar, Value
from rushes_media.stills import xmp
from rushes_media.words import label, markup, moments, names, text
from rushes_media.words.markup import Element

#: What stands in XML beside media and says nothing about one clip of it.
_OTHERS = frozenset({"xmeml", "fcpxml", "plist", "svg", "html", "project", "ascmhldirectory"})


def read(content: bytes, own: str) -> Sidecar:
    """What the document says of the clips it names, or of the clip that the sidecar's `own` name names."""
    root, problem = markup.parse(content)
    if root is None:
        return Sidecar(format="xml", problem=problem or "not XML: nothing in it")
    reader = _READERS.get(root.name)
    if reader is not None:
        told = reader(root, own)
    elif root.name in cdl.ROOTS or root.name in _OTHERS:
        return Sidecar(format="ascmhl", problem=problem) if root.name == "ascmhldirectory" else Sidecar()
    else:
        told = _leaves(root, own)
    return replace(told, problem=told.problem or problem) if told.format else told


def _sony(root: Element, own: str) -> Sidecar:
    """Sony's NonRealTimeMeta, whose file is named after its clip with M01 behind it."""
    said = nrtm.of(root)
    code, counts = (str(said.pop(name, "")) for name in ("nrtm_timecode", "nrtm_fps"))
    values = _plain(said)
    if (frame := root.first("VideoFrame")) is not None:
        values |= _rates(frame.attributes.get("formatFps", ""), frame.attributes.get("captureFps", ""))
    if (layout := root.first("VideoLayout")) is not None:
        sizes = (("width", "pixel"), ("height", "numOfVerticalLine"))
        values |= {
            name: int(told) for name, key in sizes if (told := layout.attributes.get(key, "")).isdecimal()
        }
    if (length := root.first("Duration")) is not None and (
        told := length.attributes.get("value", "")
    ).isdecimal():
        values["frames"] = int(told[:9])
    sound = root.first("AudioFormat")
    if sound is not None and (told := sound.attributes.get("numOfChannel", "")).isdecimal():
        values["channels"] = int(told[:9])
    stem = re.sub(r"M\d\d$", "", PurePosixPath(own).stem, flags=re.IGNORECASE)
    match = _named(stem)
    values |= _timecode(code, label.counted(counts, str(values.get("rate", ""))), match)
    return Sidecar(format="sony-xml", rows=(Row(match=match, values=values),))


def _sony_card(root: Element, _own: str) -> Sidecar:
    """MEDIAPRO.XML: every clip of a card of Sony's."""
    rows: list[Row] = []
    for one in root.all("Material"):
        told = one.attributes
        file = text.line(told.get("uri", "")).rpartition("/")[2]
        if not file:
            continue
        values = _rates(told.get("fps", ""), "")
        counted = (("frames", "dur"), ("channels", "ch"))
        values |= {name: int(told[key][:9]) for name, key in counted if told.get(key, "").isdecimal()}
        rows.append(Row(match={**_named(PurePosixPath(file).stem), "file": file}, values=values))
    return Sidecar(format="sony-mediapro", rows=rows)


def _panasonic(root: Element, own: str) -> Sidecar:
    """P2: the clip's name is that of its files, in VIDEO and AUDIO; what a person called it stands beside."""
    clip = root.first("ClipContent") or root
    match: dict[str, str] = {"clip_name": text.line(clip.told("ClipName")) or PurePosixPath(own).stem}
    texts = (
        ("make", ("Device", "Manufacturer")),
        ("model", ("Device", "ModelName")),
        ("serial", ("Device", "SerialNo.")),
        ("scene", ("Scenario", "SceneNo.")),
        ("take", ("Scenario", "TakeNo.")),
        ("project", ("Scenario", "ProgramName")),
        ("user_clip_name", ("UserClipName",)),
        ("umid", ("GlobalClipID",)),
    )
    values: dict[str, Value] = {}
    for name, path in texts:
        where = clip if path == ("GlobalClipID",) else clip.first("ClipMetadata") or clip
        if told := text.line(where.told(*path)):
            values[name] = told
    if (memo := clip.first("Memo")) is not None and (told := text.line(memo.told("Text"))):
        values["note"] = told
    shoot = clip.first("Shoot")
    values |= _plain(moments.zoned(shoot.told("StartDate") if shoot else "", "p2"))
    if "created" not in values and (access := clip.first("Access")) is not None:
        values |= _plain(moments.zoned(access.told("CreationDate"), "p2"))
    if clip.told("Duration").isdecimal():
        values["frames"] = int(clip.told("Duration")[:9])
    if (top := clip.first("Top")) is not None and (first := text.line(top.told("ClipName"))):
        values["span_first"] = first
    video = clip.first("Video")
    if video is not None:
        rate, drop = _edit_rate(clip.told("EditUnit"), video)
        if rate is not None:
            values["rate"] = label.written(rate)
        code = video.told("StartTimecode")
        values |= _timecode(f"{code[:8]};{code[9:]}" if drop and len(code) == 11 else code, rate, match)
        if (bits := video.told("StartBinaryGroup")) and bits.strip("0"):
            values["user_bits"] = text.line(bits)
    return Sidecar(format="p2-xml", rows=(Row(match=match, values=values),))


def _edit_rate(unit: str, video: Element) -> tuple[Fraction | None, bool]:
    """Pictures a second, and whether labels are dropped. "59.94i" is fields, the edit unit is a picture."""
    shown = video.first("FrameRate")
    drop = shown is not None and shown.attributes.get("DropFrameFlag", "").lower() == "true"
    if match := re.fullmatch(r"(\d{1,6})/(\d{1,6})", unit.strip(), re.ASCII):
        above, below = int(match[1]), int(match[2])
        return (Fraction(below, above) if above and below else None), drop
    return None, drop


def _xmp(root: Element, own: str) -> Sidecar:
    values, _ = xmp.of(root)
    row = Row(
        match={"file": PurePosixPath(own).stem} | _named(PurePosixPath(own).stem), values=_plain(values)
    )
    return Sidecar(format="xmp", rows=(row,)) if values else Sidecar(format="xmp")


def _hashes(root: Element, _own: str) -> Sidecar:
    """Media hash lists: they are of a copy, not of a clip (MHL 1.1, ASC MHL 2.0)."""
    counted = sum(1 for one in root.all("hash") if one.children)
    values: dict[str, Scalar] = {"mhl_files": str(counted)}
    created = next((one.text for name in ("creationdate", "creationDate") for one in root.all(name)), "")
    if told := text.line(created):
        values["mhl_created"] = told
    newer = "urn:ASC:MHL" in root.space or root.attributes.get("version", "").startswith("2")
    return Sidecar(format="ascmhl" if newer else "mhl", values=values)


_READERS: Mapping[str, Callable[[Element, str], Sidecar]] = {
    "NonRealTimeMeta": _sony,
    "MediaProfile": _sony_card,
    "P2Main": _panasonic,
    "xmpmeta": _xmp,
    "RDF": _xmp,
    "hashlist": _hashes,
}


def _leaves(root: Element, own: str) -> Sidecar:
    """A camera's document that nobody described: elements by their names, where its file is named as a clip is."""
    canon = "canon" in root.space.lower()
    if not canon and names.parse(own) is None:
        return Sidecar()
    cells: dict[str, str] = {}
    for one in root.walk():
        if one.text and not one.children:
            cells.setdefault(columns.key(one.name), one.text)
    row = columns.row({name: cell for name, cell in cells.items() if name not in {"name", "clip"}}, own)
    if row is None or not row.values:
        return Sidecar(format="canon-xml") if canon else Sidecar()
    return Sidecar(format="canon-xml" if canon else "xml", rows=(row,))


def _named(stem: str) -> dict[str, str]:
    found = names.parse(stem)
    match = {"clip_name": found.clip_name if found else stem}
    return match | {"reel": found.reel} if found and found.reel else match


def _rates(shown: str, captured: str) -> dict[str, Value]:
    """Rates as Sony writes them: "23.98p", "59.94i", where the number counts fields."""
    values: dict[str, Value] = {}
    for name, told in (("rate", shown), ("sensor_rate", captured)):
        if match := re.match(r"(\d{1,4}(?:\.\d{1,3})?)([pi]?)", told, re.ASCII):
            number = Fraction(match[1]) / (2 if match[2] == "i" else 1)
            if number:
                values[name] = label.written(number)
    if "rate" in values and shown.endswith("i"):
        values["interlaced"] = True
    return values


def _timecode(code: str, rate: Fraction | None, match: dict[str, str]) -> dict[str, Value]:
    if not re.fullmatch(r"\d\d:\d\d:\d\d[:;.]\d\d", code, re.ASCII):
        return {}
    said = label.told(code, rate, "sidecar")
    if "timecode" in said:
        match["timecode"] = str(said["timecode"])
    return _plain(said)


def _plain(said: Mapping[str, Scalar]) -> dict[str, Value]:
    """As JSON takes it: a moment in ISO text."""
    return {
        name: value.isoformat(" ") if isinstance(value, datetime) else value for name, value in said.items()
    }
