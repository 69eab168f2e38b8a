"""The action `offsets`: how far the clocks of cameras and recorders are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, Tell
from rushes.timecode import FLICKS, Rate, Timecode
from rushes_match.items import Offset
from rushes_match.library.offsets import Learned, Offsets

if TYPE_CHECKING:
    from rushes_match.annotator import Match
    from rushes_match.options import MatchOptions

_RATES = "SELECT rate, count(*) FROM clips WHERE kind = 'video' AND rate IS NOT NULL GROUP BY rate ORDER BY 2 DESC, 1"


async def offsets_(
    options: MatchOptions, context: Context, _part: Match | None, _arguments: Mapping[str, str], _tell: Tell
) -> Mapping[str, Any]:
    """`learned`: each with day, from (timecode), picture, sound, frames, seconds, drift_ppm, pairs, origin; the newest
    day last. `hand`: frames by device or roll, from the options. `rate` is that of most pictures: frames are its.
    """
    rates = await context.catalog.query(_RATES)
    rate = Rate.parse(rates[0][0]) if rates else Rate.parse("25")
    learned = [
        _row(one, offset, rate) for one in await Offsets(context.store).all() for offset in one.offsets
    ]
    return {"rate": rate.name, "learned": learned, "hand": dict(options.offsets)}


def _row(learned: Learned, offset: Offset, rate: Rate) -> Mapping[str, Any]:
    return {
        "day": learned.day,
        "picture": offset.picture,
        "sound": offset.sound,
        "at": _clock(offset.at, rate),
        "frames": round(float(offset.flicks * rate.exact / FLICKS), 2),
        "seconds": offset.flicks / FLICKS,
        "drift_ppm": round(offset.drift * 1e6, 2),
        "pairs": offset.pairs,
        "origin": offset.origin,
    }


def _clock(flicks: int, rate: Rate) -> str:
    """The hour, minute and second of its own timecode."""
    frames = int(flicks % (86400 * FLICKS) * rate.exact / FLICKS)
    return str(Timecode.from_frames(frames, rate))[:8]
