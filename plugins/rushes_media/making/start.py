"""Where a proxy starts when its original does not say: what a match told, the clock, or midnight."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from rushes import Catalog, Clip, Context, NotYet
from rushes.timecode import FLICKS, Rate, Timecode
from rushes_media.facts import Facts
from rushes_media.making.form import NoTimecode
from rushes_media.making.material import Material
from rushes_media.making.recipe import FILE, Start, paced
from rushes_media.words import label

_LINKED = """
    SELECT l.kind, r.data, r.rate, c.starts
    FROM links l LEFT JOIN records r ON r.id = l.other AND l.kind = 'record' LEFT JOIN clips c ON c.id = l.other
    WHERE l.clip = ? AND l.state = 'matched' AND l.kind IN ('record', 'sound', 'picture')
    ORDER BY l.kind = 'record' DESC, l.score DESC, l.other
"""


def of_file(facts: Facts) -> Start:
    """What the file itself tells; its sample is that of its sound, also where only a label is told.

    A label of sound alone that counts at no rate anyone knows is no start.
    """
    code, rate = (str(facts.values.get(name, "")) for name in ("timecode", "timecode_rate"))
    sample, clock = facts.values.get("start_sample"), facts.values.get("sample_rate")
    if not isinstance(sample, int):
        sample = None
        if code and rate and isinstance(clock, int):
            sample = _sample(Timecode.parse(code, rate).seconds, clock)
    if facts.picture is None and sample is None:
        return Start()
    origin = FILE if code or sample is not None else ""
    return Start(label=code, rate=rate, sample=sample, origin=origin)


async def told(clip: Clip, facts: Facts, pace: Rate | None, catalog: Catalog) -> Start | None:
    """What a person, a record or a match says; None where nobody does."""
    code, rate = (str(clip.meta.get(name, "")) for name in ("timecode", "timecode_rate"))
    if code and rate:
        try:
            return _at(Timecode.parse(code, rate).seconds, Rate.parse(rate), facts, pace, "told")
        except ValueError:
            pass
    for kind, data, counts, starts in await catalog.query(_LINKED, [clip.id]):
        if kind != "record" and starts is not None:
            return _at(Fraction(starts, FLICKS), None, facts, pace, kind)
        if kind == "record" and data and (start := _record(json.loads(data), counts, facts, pace)):
            return start
    return None


async def chosen(
    clip: Clip, facts: Facts, material: Material, context: Context, no_timecode: NoTimecode
) -> Start:
    """Where its proxy starts: what the file tells, else what the option makes of a clip that does not.

    NotYet where it waits until somebody tells, or releases it without.
    """
    begins = of_file(facts)
    if begins.origin:
        return begins
    rate = paced(facts, material)
    pace = None if rate is None else label.of(rate)
    known = await told(clip, facts, pace, context.catalog)
    if no_timecode == "stamp":
        known = known or stamped(clip, facts, pace)
    elif no_timecode == "wait" and known is None and not context.order.consent:
        raise NotYet(
            f"{clip.filename}: no timecode; it waits for a match or a person to tell it, or to be released "
            f"without",
            until="metadata",
        )
    return begins if known is None or no_timecode == "warn" or not known.origin else known


def remark(clip: Clip, begins: Start) -> str:
    """What people should know of such a start; "" of a file that tells its own."""
    if begins.origin == FILE:
        return ""
    if not begins.origin:
        return f"{clip.filename}: no timecode, nor has its proxy one"
    at = begins.label or begins.sample
    return f"{clip.filename}: no timecode; its proxy starts at {at} ({begins.origin})"


def stamped(clip: Clip, facts: Facts, pace: Rate | None) -> Start:
    """The time of day by the device's clock, else by its file's creation time in UTC, else midnight.

    As a clock shows it: 10:10:00 is the label 10:10:00:00 at 23.976 too, where it is reached 36 s later.
    """
    for name in ("recorded", "created"):
        moment = _moment(facts.values.get(name, clip.meta.get(name)))
        if moment is not None:
            day = moment.hour * 3600 + moment.minute * 60 + moment.second
            seconds = Fraction(day) + Fraction(moment.microsecond, 1_000_000)
            return _at(seconds * (pace.nominal / pace.exact if pace else 1), None, facts, pace, name)
    return _at(Fraction(0), None, facts, pace, "midnight")


def _record(data: Mapping[str, Any], counts: str | None, facts: Facts, pace: Rate | None) -> Start | None:
    """Its start label: whole seconds and frames since midnight as written, at the record's rate."""
    seconds, frames = data.get("tcStartSeconds"), data.get("tcStartFrames")
    if not isinstance(seconds, int) or not isinstance(frames, int):
        return None
    try:
        rate = Rate.parse(counts or str(facts.values.get("rate", "")))
        code = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"
        return _at(Timecode.parse(code, rate).seconds, rate, facts, pace, "record")
    except ValueError:
        return None


def _at(seconds: Fraction, counts: Rate | None, facts: Facts, pace: Rate | None, origin: str) -> Start:
    """That moment as the proxy counts: at the `pace` of its pictures, dropping labels where `counts` does."""
    rate = pace or (counts if facts.picture is None else None)
    clock = facts.values.get("sample_rate")
    sample = _sample(seconds, clock) if isinstance(clock, int) else None
    if rate is None:
        return Start(sample=sample, origin=origin if sample is not None else "")
    if counts and counts.dropped and counts.exact == rate.exact:
        rate = counts
    code = Timecode.from_frames(math.floor(seconds * rate.exact), rate)
    return Start(label=str(code), rate=str(rate), sample=sample, origin=origin)


def _sample(seconds: Fraction, clock: int) -> int:
    """The first whole sample of that frame: the one before it would be in the frame before."""
    return math.ceil(seconds * clock) % (86400 * clock)


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is None else value.astimezone(UTC)
