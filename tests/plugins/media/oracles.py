"""What ffprobe and MediaInfo say of a file, beside what probe says: `python -m plugins.media.oracles FOLDER...`.

Where an oracle is silent, or is known to be wrong, it is not asked; each case says why.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from rushes_media.look import look
from rushes_media.words import label

PICTURES = (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".webm", ".avi", ".ts")
SOUNDS = (".wav", ".w64", ".flac", ".aiff")
KINDS = dict.fromkeys(PICTURES, "video") | dict.fromkeys(SOUNDS, "audio")
SILENT = {None, "", 0, "unknown", "reserved", "0", "0/0", "N/A"}


def ffprobe(path):
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def of_ffprobe(path):
    """Columns as ffprobe tells them; a column it is silent about is missing."""
    told = ffprobe(path)
    streams = told["streams"]
    pictures = [
        one
        for one in streams
        if one["codec_type"] == "video" and not one.get("disposition", {}).get("attached_pic")
    ]
    sounds = [one for one in streams if one["codec_type"] == "audio"]
    columns = {}
    if pictures:
        columns |= _picture(next((one for one in pictures if one["disposition"]["default"]), pictures[0]))
    elif sounds:
        main = sounds[0]
        columns |= {"codec": main["codec_name"], "profile": main.get("profile")}
        columns |= {"bit_depth": main.get("bits_per_raw_sample") or main.get("bits_per_sample")}
        columns |= {"duration": main.get("duration")}
    if sounds:
        columns["channels"] = sum(one["channels"] for one in sounds)
        columns["sample_rate"] = sounds[0]["sample_rate"]
        layouts = [one.get("channel_layout") for one in sounds]
        if all(layouts):
            columns["audio_layout"] = ", ".join(layouts)
    codes = [one.get("tags", {}).get("timecode") for one in (*streams, told["format"])]
    if code := next((code for code in codes if code), None):
        columns["timecode"] = re.sub(r"([:;])(\d)$", r"\g<1>0\2", code)
    return {name: str(value) for name, value in columns.items() if value not in SILENT}


def _picture(one):
    turned = next((side["rotation"] for side in one.get("side_data_list", []) if "rotation" in side), 0)
    shape = one.get("display_aspect_ratio")
    if shape and turned % 180:
        shape = ":".join(reversed(shape.split(":")))
    average, even = (
        Fraction(rate) if rate not in SILENT else None
        for rate in (one["avg_frame_rate"], one["r_frame_rate"])
    )
    # An average that no timecode counts at is an even rate rounded to ticks, or a variable one.
    rounded = average and label.of(average) is None and even and abs(even / average - 1) < Fraction(1, 100)
    pace = even if not average or rounded else average
    columns = {
        "codec": one["codec_name"],
        "profile": None if str(one.get("profile")).isdecimal() else one.get("profile"),  # JPEG 2000: a number
        "pixel_format": one.get("pix_fmt"),
        "width": one["width"],
        "height": one["height"],
        "aspect": shape,
        "rotation": "none" if turned % 360 == 0 else -turned % 360,
        "colour_space": one.get("color_primaries"),
        "transfer": one.get("color_transfer"),
        "frames": one.get("nb_frames"),
        "duration": one.get("duration"),
        "rate": label.written(pace) if pace else None,
    }
    if one.get("field_order") not in SILENT:
        columns["interlaced"] = one["field_order"] != "progressive"
    return columns


def of_mediainfo(path):
    """What MediaInfo tells and ffprobe does not: bits of a component, and whether the rate varies.

    MediaInfo takes ticks that do not divide evenly, an H.264 stream in MXF and every transport stream for a
    variable rate: only its "constant" is asked.
    """
    from pymediainfo import MediaInfo

    columns = {}
    for track in MediaInfo.parse(path).tracks:
        if track.track_type == "Video":
            if track.frame_rate_mode == "CFR":
                columns["variable_rate"] = "False"
            if track.bit_depth:
                columns.setdefault("bit_depth", str(track.bit_depth))
    return columns


def ours(path):
    values = dict(look(str(path), KINDS[path.suffix.lower()]).values)
    if "rotation" in values:
        values["rotation"] = values["rotation"] or "none"
    return {name: str(value) for name, value in values.items()}


def differences(path, told):
    """Lines such as "aspect: 16:9, oracle 9:16" for every column the oracle tells and probe tells otherwise."""
    said = ours(path)
    found = []
    for name, value in told.items():
        mine = said.get(name, "nothing")
        if not (_close(mine, value) if name == "duration" else mine == value):
            found.append(f"{name}: {mine}, oracle {value}")
    return found


def _close(mine, value):
    return mine != "nothing" and abs(float(mine) - float(value)) < 1e-4


def files(folder):
    return sorted(
        path
        for path in Path(folder).rglob("*")
        if path.suffix.lower() in KINDS and path.stat().st_size > 1000
    )


if __name__ == "__main__":
    for each in (path for folder in sys.argv[1:] for path in files(folder)):
        for oracle in (of_ffprobe, of_mediainfo):
            for line in differences(each, oracle(each)):
                print(f"{each.name}: {oracle.__name__}: {line}")
