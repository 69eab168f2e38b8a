"""The names that logs, cameras and editors give to what a clip is: many spellings in, our names out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import PureWindowsPath

from rushes_media.sidecars import cells
from rushes_media.sidecars.row import Row, Value
from rushes_media.words import label, names, text

Reader = Callable[[str], Value | None]

#: Where a camera's own clip name may stand, best first; "file" and "path" columns may carry an extension.
CLIP_NAMES = (
    *("clipname", "metadataclipname", "cameraclipname", "originalclipname", "clipnumber"),
    *(
        "originalfilename",
        "filename",
        "sourcefile",
        "sourcefilename",
        "file",
        "filepath",
        "sourcepath",
        "uncpath",
        "unc",
    ),
    *("tape", "camroll", "altreelid", "name", "shotnumber", "clip"),
)
#: Where a name stands that is no camera's: what a person or a recorder called it.
OTHER_NAMES = ("clipname", "originalclipname", "clipnumber", "name", "clip")
FILES = (
    "filename",
    "sourcefile",
    "sourcefilename",
    "originalfilename",
    "file",
    "filepath",
    "sourcepath",
    "uncpath",
    "unc",
)
REELS = ("reelname", "camreelid", "camroll", "reel", "tape", "reelnumber")
STARTS = (
    "start",
    "starttimecode",
    "starttc",
    "starttcin",
    "abstc",
    "timecode",
    "mastertc",
    "tcin",
    "sourcestart",
)
#: Columns that tell which clip a row is about; a table without any is about the clip of its own name.
NAMING = frozenset(CLIP_NAMES)


def key(title: str) -> str:
    """A column's title without case and signs: "Camera_Model" and "cameraModel" are one."""
    return re.sub(r"[\W_]+", "", title).lower()


#: Our name: how its cell is read, and the columns that mean it, best first.
COLUMNS: Mapping[str, tuple[Reader, tuple[str, ...]]] = {
    "scene": (cells.plain, ("scene", "scenenumber", "sceneno")),
    "slate": (cells.plain, ("slate",)),
    "shot": (cells.plain, ("shot",)),
    "take": (cells.plain, ("take", "takenumber", "takeno")),
    "circled": (cells.circled, ("circled", "circle", "circletake", "goodtake", "good")),
    "camera": (cells.letter, ("cameraindex", "cameraletter", "cameranumber", "camera")),
    "project": (cells.plain, ("project", "projectname", "production", "productionname")),
    "episode": (cells.plain, ("episode",)),
    "note": (
        cells.plain,
        ("comments", "comment", "notes", "note", "cameranotes", "description", "descript", "memo"),
    ),
    "lens": (cells.plain, ("lensmodel", "lenstype", "lens", "lensname")),
    "lens_serial": (cells.plain, ("lensserialnumber",)),
    "iso": (
        cells.whole,
        ("exposureindexasa", "exposureindex", "iso", "asa", "ei", "isospeed", "photographicsensitivity"),
    ),
    "shutter": (cells.angle, ("shutterangle", "shutterdeg", "shutter", "shuttervalue", "exposuretime")),
    "white_balance": (
        cells.kelvin,
        (
            "whitebalancekelvin",
            "whitebalance",
            "kelvin",
            "colortemperature",
            "colourtemperature",
            "colortemp",
            "wb",
        ),
    ),
    "tint": (cells.plain, ("whitebalancetintcc", "whitebalancetint", "tint", "ccshift")),
    "t_stop": (cells.stop, ("tstop", "lensiris")),
    "aperture": (cells.stop, ("aperture", "iris", "fstop", "fnumber", "aperturenumber")),
    "focal_length": (cells.millimetres, ("focallength",)),
    "nd": (cells.plain, ("ndfilter", "ndfilterdensity", "nd")),
    "make": (cells.plain, ("manufacturer",)),
    "model": (cells.plain, ("cameramodel", "cameratype", "modelname")),
    "serial": (cells.plain, ("cameraserialnumber", "camerasn", "camerapin", "serialno")),
    "firmware": (cells.plain, ("firmwareversion", "camerasoftwarepackagename", "supversion")),
    "rate": (cells.rate, ("projectfps", "projectrate", "fps", "framerate")),
    "sensor_rate": (cells.rate, ("sensorfps", "recordfps")),
    "frames": (cells.whole, ("totalframes",)),
    "width": (cells.whole, ("framewidth", "storedwidth", "width")),
    "height": (cells.whole, ("frameheight", "storedheight", "height")),
    "asc_sop": (cells.triples, ("ascsop",)),
    "asc_sat": (cells.number, ("ascsat",)),
    "look": (cells.plain, ("lookname", "lookfilename", "lutname", "lut", "camera3dlut")),
    "gamma": (cells.words, ("gamma", "transfercurve", "viewinggamma", "capturegamma")),
    "gamut": (cells.words, ("primaries", "colorspace", "colourspace", "viewinggamut")),
    "sound_roll": (cells.plain, ("soundroll",)),
    "sound_timecode": (cells.plain, ("soundtc", "audiotimecode", "audiotc")),
    "sound_file": (cells.plain, ("audiofile", "wavfilename")),
    "user_bits": (cells.plain, ("userbits", "ubits")),
    "environment": (cells.plain, ("environment",)),
    "day_night": (cells.plain, ("daynight",)),
    "shoot_date": (cells.plain, ("shootdate", "shootingdate")),
}
_CANON_CLOCK = (
    *("recorddateyear", "recorddatemonth", "recorddateday"),
    *("recordtimehour", "recordtimeminute", "recordtimesecond"),
)
#: What devices write where nobody told them anything.
NOTHING = frozenset({"-", "--", "n.a.", "n/a", "no scene name"})
READ = frozenset(title for _, titles in COLUMNS.values() for title in titles) | {*NAMING, *REELS, *STARTS}


def row(line: Mapping[str, str], own: str = "", *, rate: str = "") -> Row | None:
    """What the cells of one clip's `line` say, by their titles' `key`; None where they name no clip.

    `own` is the sidecar's file name, which names the clip where no cell does. `rate` is the table's, for the
    timecode of rows that tell none.
    """
    told = {
        title: kept
        for title, cell in line.items()
        if (kept := text.line(cell)) and kept.lower() not in NOTHING
    }
    named, match = _match(told, own)
    if not match:
        return None
    values: dict[str, Value] = {}
    for name, (read, titles) in COLUMNS.items():
        for title in titles:
            if title in told and (value := read(told[title])) is not None:
                values[name] = value
                break
    if named is not None:
        values = {
            **{name: value for name, value in (("camera", named.camera), ("reel", named.reel)) if value},
            **values,
        }
    if "reel" in match:
        values["reel"] = match["reel"]
    if counted := cells.rate(rate):
        values.setdefault("rate", counted)
    values |= _timecodes(told, match, str(values.get("rate", "")))
    if recorded := _recorded(told):
        values["recorded"] = recorded
    return Row(match=match, values=values)


def _match(told: Mapping[str, str], own: str) -> tuple[names.Named | None, dict[str, str]]:
    match: dict[str, str] = {}
    camera = (names.parse(_last(told[title])) for title in CLIP_NAMES if title in told)
    found = [one for one in camera if one is not None]
    # One with its day is the whole name; a short one may be an editor's.
    named = next((one for one in found if one.day), found[0] if found else None)
    files = (_last(told[title]) for title in FILES if title in told)
    if file := next((one for one in files if PureWindowsPath(one).suffix), ""):
        match["file"] = file
    if named is not None:
        match["clip_name"] = named.clip_name
    elif name := next((told[title] for title in OTHER_NAMES if title in told), ""):
        match["clip_name"] = name
    if not match and own:
        named = names.parse(own)
        match["clip_name"] = named.clip_name if named else PureWindowsPath(own).stem
    if match and (reel := _reel(told, named)):
        match["reel"] = reel
    return named, match


def _reel(told: Mapping[str, str], named: names.Named | None) -> str:
    for title in REELS:
        if title in told:
            found = names.parse(told[title])
            if named and named.reel and told[title].isdecimal():
                return named.reel  # a number alone has lost its camera's letter
            return found.reel if found and found.reel else told[title]
    return named.reel if named else ""


def _timecodes(told: Mapping[str, str], match: dict[str, str], rate: str) -> dict[str, Value]:
    start = next((told[title] for title in STARTS if title in told), "")
    if not re.fullmatch(r"\d{1,2}[:.]\d\d[:.]\d\d[:;.,]\d{1,3}", start, re.ASCII):
        return {}
    start = start if start[1].isdigit() else f"0{start}"
    if rate.endswith("df"):
        start = f"{start[:8]};{start[9:]}"
    number = re.match(r"[\d.]+", rate)
    said = label.told(start, Fraction(number[0]) if number else None, "sidecar")
    if "timecode" not in said:
        return {}
    match["timecode"] = str(said["timecode"])
    values: dict[str, Value] = {name: str(value) for name, value in said.items()}
    # The end of an editor's log is the frame after the last; cameras tell the last itself.
    if (end := told.get("end", "")) and ("timecode_rate" in said) and "duration" in told:
        over = label.told(end, Fraction(number[0]) if number else None, "sidecar")
        if "timecode" in over:
            values["timecode_end"] = str(over["timecode"])
    return values


def _recorded(told: Mapping[str, str]) -> str:
    """A camera's date and time, of which only digits are sure: RED `20220303` `132146`, ARRI `11h02m25s`."""
    pairs = (
        ("date", "timestamp"),
        ("datecamera", "timecamera"),
        ("systemimagecreationdate", "systemimagecreationtime"),
    )
    for day, clock in pairs:
        digits = re.sub(r"\D", "", told.get(day, "") + told.get(clock, ""))
        if len(digits) == 14:
            try:
                return datetime.strptime(digits, "%Y%m%d%H%M%S").isoformat(" ")  # noqa: DTZ007 - a device's own clock
            except ValueError:
                continue
    try:
        return datetime(*(int(told[title]) for title in _CANON_CLOCK)).isoformat(" ")  # type: ignore[arg-type]  # noqa: DTZ001
    except (KeyError, ValueError, OverflowError):
        return ""


def _last(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
