"""The block above a report: what whoever ordered it says, and what the clips tell of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rushes_masterlockit.reports.reading import at, each, text
from rushes_masterlockit.reports.remarks import several
from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.times import Span, rate_text

#: A name and what stands behind it; an empty one is a line to write on.
Field = tuple[str, str]

_MOST_FIELDS = 48
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\s]+")

#: What callers call our fields, without case, spaces and underscores.
_ALIASES = {
    "Production": "production productionname project projectname title film show",
    "Production no.": "productionnumber productionno",
    "Company": "company customer productioncompany",
    "Day": "day projectday shootingday shootday",
    "Date": "date shootingdate",
    "Unit": "unit",
    "Location": "location locations",
    "Director": "director",
    "DoP": "dop cinematographer directorofphotography",
    "Producer": "producer",
    "Script supervisor": "scriptsupervisor script continuity",
    "Sound mixer": "soundmixer mixer productionsoundmixer",
    "Boom operator": "boomoperator boom",
    "Recorder": "recorder soundrecorder",
    "Cameras": "cameras camera",
    "Roll": "roll rolls soundroll camroll",
    "Sample rate": "samplerate samplingrate",
    "Bit depth": "bitdepth",
    "Track format": "trackformat filetype fileformat format",
    "Reference level": "referencelevel tone reference",
    "TC rate": "tcrate timecoderate framerate fps",
}
_OURS = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}


def given(header: Any) -> dict[str, str]:
    """What `headerData` says, whatever its shape: an object, a list of objects or of texts, or one text."""
    said: dict[str, str] = {}
    for name, value in _pairs(header):
        if value and len(said) < _MOST_FIELDS:
            ours = _name(name)
            said[ours] = f"{said[ours]}, {value}" if ours in said else value
    return said


def _pairs(header: Any, inside: str = "") -> Iterable[Field]:
    if isinstance(header, Mapping):
        title = text(header, "title") or text(header, "name")
        value = text(header, "value") or text(header, "number")
        if title and value and len(header) == 2:
            yield title, value
            return
        for name, part in header.items():
            yield from _pairs(part, str(name))
    elif isinstance(header, list | tuple):
        for part in header:
            yield from _pairs(part, inside)
    else:
        said = "yes" if header is True else "no" if header is False else text(header)
        yield inside or "Note", said


def _name(name: str) -> str:
    plain = re.sub(r"[\W_]+", "", name).casefold()
    if plain in _OURS:
        return _OURS[plain]
    spaced = _CAMEL.sub(" ", name.strip())
    return spaced[:1].upper() + spaced[1:].lower() if spaced[1:] != spaced[1:].upper() else spaced


@dataclass(frozen=True, slots=True)
class Head:
    """The fields, and those of them that stand in the title and at the foot of each page."""

    fields: Sequence[Field]
    production: str
    subtitle: str
    footer: str


def head_of(found: Sequence[Field], header: Mapping[str, str], *more: str) -> Head:
    """Of what was found, what was given in its place, and what was given beside it; `more` is for the subtitle."""
    fields = _complete(found, header)
    said = dict(fields)
    day = f"Day {said['Day']}" if said["Day"] else ""
    return Head(
        fields,
        said["Production"],
        _joined(day, said["Date"], said["Unit"], *more),
        _joined(said["Production"], day, said["Date"]),
    )


def _joined(*parts: str) -> str:
    return "   ·   ".join(part for part in parts if part)


def _complete(found: Sequence[Field], header: Mapping[str, str]) -> list[Field]:
    # The rate of the timecode is a fact: what was given stands behind it where it differs.
    fields = []
    for name, value in found:
        said = header.get(name, "")
        if name == "TC rate" and value and said:
            said = value if said in value else f"{value}; header: {said}"
        fields.append((name, said or value))
    ours = {name for name, _ in found}
    return fields + [(name, value) for name, value in header.items() if name not in ours]


def production(rows: Iterable[Row]) -> str:
    """The name of the project that the clips belong to."""
    return several(text(row.raw, "project", "name") for row in rows)


def production_number(rows: Iterable[Row]) -> str:
    """The project's numbers, each with its title."""
    return several(
        f"{text(item, 'title')} {text(item, 'number')}".strip()
        for row in rows
        for item in each(row.raw, "project", "numbers")
    )


def days(rows: Iterable[Row]) -> tuple[str, str]:
    """The shooting days and their dates."""
    pairs = dict.fromkeys((row.day, row.date) for row in rows)
    return several(day for day, _ in pairs), several(date for _, date in pairs)


def locations(rows: Iterable[Row]) -> str:
    """Where the scenes play."""
    return several(text(row.raw, "scene", "location") for row in rows)


def devices(rows: Iterable[Row]) -> str:
    """Name, number and model of each camera or recorder."""
    found = []
    for row in rows:
        device = at(row.raw, "camera" if row.video else "soundRecorder")
        name, count, model = (text(device, part) for part in ("name", "number", "model"))
        found.append(several([name or count, model], " "))
    return several(sorted(set(found)))


def tc_rate(spans: Iterable[Span]) -> str:
    """At which rate the labels count and who told it; several are all told."""
    told = {"project": "project", "clip": "clips"}
    return several(
        f"{rate_text(span.rate)} ({told.get(span.rate_from, span.rate_from)})"
        if span.rate
        else "rate unknown"
        for span in spans
        if span.start
    )


def people(claps: Iterable[Mapping[str, Any]], role: str) -> str:
    """Who the slates name: `producer`, `director`, `dop`, `soundmixer`."""
    return several(text(clap, "slateInfo", role) for clap in claps)
