"""What a record says of its file, as columns and `meta` keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rushes import Scalar
from rushes_match.kin.reading import flag, number, text, words, written
from rushes_match.kin.statement import Statement

#: Member of a record: what its texts are called here, and where within it they are.
_TEXTS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "project": (("project", ("name",)),),
    "episode": (("episode", ("number",)),),
    "projectDay": (("shooting_day", ("date",)),),
    "clipName": (("clip_name", ()),),
    "height": (("camera_height", ()),),
    "distance": (("focus_distance", ()),),
    "scene": (
        ("location", ("location",)),
        ("day_night", ("dayNight",)),
        ("inside_outside", ("insideOutside",)),
    ),
    "take": (("take", ("number",)),),
    "camera": (("camera", ("name",)), ("model", ("model",))),
    "camRoll": (("reel", ()),),
    "lens": (("lens", ()),),
    "aperture": (("aperture", ()),),
    "magazine": (("magazine", ()),),
    "sensorFPS": (("sensor_rate", ()),),
    "soundRecorder": (("recorder", ("model",)),),
    "soundroll": (("reel", ()),),
}
_LISTS = {"filter": "filters", "sound_types": "sound_types"}
_FLAGS = {"isWaste": "waste", "isMOS": "mos"}
_MARKS = {"isClapperOnly": "clapper_only", "isProductionSound": "production_sound"}
_NUMBERS = {"exposureIndexASA": "iso", "whiteBalance": "white_balance"}
_NUMBER = re.compile(r"\D{0,8}?(\d{2,6})(?:\.\d+)?\s*(?:k|kelvin|asa|iso|ei)?", re.ASCII | re.IGNORECASE)
_DEGREES = re.compile(r"\d+(?:\.\d+)?", re.ASCII)

#: A print state that says circled; the others are unpublished (reference 3.1).
_PRINT = 1


def values(said: Statement) -> dict[str, Scalar]:
    """All that one record says; nothing of what it leaves open."""
    data = said.data
    told: dict[str, Scalar] = {}
    for member, value in data.items():
        for name, path in _TEXTS.get(member, ()):
            if found := text(value, *path) if path else written(value):
                told[name] = found
        if (listed_as := _LISTS.get(member)) and (listed := ", ".join(words(value))):
            told[listed_as] = listed
        if (flagged_as := _FLAGS.get(member)) and isinstance(value, bool):
            told[flagged_as] = value
        if (marked_as := _MARKS.get(member)) and value is True:
            told[marked_as] = "true"
        if (counted_as := _NUMBERS.get(member)) and (match := _NUMBER.fullmatch(text(value))):
            told[counted_as] = int(match[1])
    others = (
        ("device", said.device),
        ("scene", said.spelled_scene),
        ("slate", said.spelled_slate),
        ("day", _day(data.get("projectDay"))),
        ("note", note(data)),
        ("cast", _cast(data.get("cast"))),
        ("shutter", _shutter(data)),
        ("pickup", "true" if flag(data, "take", "isPickup") else ""),
        ("print_state", _print_state(data)),
    )
    told.update((name, found) for name, found in others if found)
    circled = _circled(said)
    return told if circled is None else told | {"circled": circled}


def merged(statements: Iterable[Statement]) -> dict[str, Scalar]:
    """What several records of one recording say; the first wins, but one yes is enough to circle or to waste."""
    told: dict[str, Scalar] = {}
    notes: list[str] = []
    for said in statements:
        own = values(said)
        notes += str(own.get("note", "")).split("; ")
        for name, value in own.items():
            told[name] = value if name not in told or (value is True and told[name] is False) else told[name]
    if joined := "; ".join(filter(None, dict.fromkeys(notes))):
        told["note"] = joined
    return told


def note(data: Mapping[str, Any]) -> str:
    """The comments on clip, take, label and slate, and those noted while it ran, each once."""
    take, label, slate = data.get("take"), data.get("clipLabel"), data.get("slate")
    said = [written(data.get("comment")), text(take, "comment"), *words(take, "presetComments")]
    said += text(label, "comment"), text(slate, "comment")
    logs = data.get("clipLogs")
    for log in logs if isinstance(logs, list) else ():
        said += [text(log, "comment"), *words(log, "presetComments")]
    return "; ".join(filter(None, dict.fromkeys(said)))


def _circled(said: Statement) -> bool | None:
    circle = flag(said.data, "circle") if said.about == "audio" else None
    state = number(said.data, "take", "printState")
    if circle or state == _PRINT:
        return True
    return None if circle is None and state is None else False


def _print_state(data: Any) -> str:
    state = number(data, "take", "printState")
    return "" if state in (None, 0, _PRINT) else str(state)


def _shutter(data: Any) -> str:
    """Degrees as a number with its sign, "180°"; else seconds as they were told."""
    angle = text(data, "shutterAngle")
    return f"{angle}°" if _DEGREES.fullmatch(angle) else angle or text(data, "exposureTime")


def _day(day: Any) -> str:
    return text(day, "number") + text(day, "additional")


def _cast(members: Any) -> str:
    listed = members if isinstance(members, list) else ()
    full = (f"{text(one, 'firstname')} {text(one, 'lastname')}".strip() for one in listed)
    return ", ".join(filter(None, full))
