"""The action `offsets`: how far the clocks of cameras and recorders are apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rushes import Context, Tell
from rushes.timecode import FLICKS, Rate, Timecode
from rushes_match.items import DAY_FLICKS, Offset
from rushes_match.library.offsets import Offsets

if TYPE_CHECKING:
    from rushes_match.annotator import Match
    from rushes_match.options import MatchOptions

_RATES = "SELECT rate, count(*) FROM clips WHERE kind = 'video' AND rate IS NOT NULL GROUP BY rate ORDER BY 2 DESC, 1"


async def offsets_(
    options: MatchOptions, context: Context, _part: Match | None, _arguments: Mapping[str, str], _tell: Tell
) -> Mapping[str, Any]:
    """`learned`: each with day and at (by the picture's timecode), picture, sound, days, frames, drift_ppm, pairs,
    origin; the newest last. `hand`: frames by device or roll, from the options. `rate` is that of most pictures: frames
    are its.
    """
    rates = await context.catalog.query(_RATES)
    rate = Rate.parse(rates[0][0]) if rates else Rate.parse("25")
    # Sessions know of one another's clocks: the one that knows most pairs tells.
    best: dict[tuple[int, str, str], Offset] = {}
    for session in await Offsets(context.store).all():
        for offset in session.offsets:
            known = best.get(key := (offset.at, offset.picture, offset.sound))
            if known is None or known.pairs < offset.pairs:
                best[key] = offset
    learned = [_row(best[key], rate) for key in sorted(best)]
    return {"rate": rate.name, "learned": learned, "hand": dict(options.offsets)}


def _row(offset: Offset, rate: Rate) -> Mapping[str, Any]:
    days = round(offset.flicks / DAY_FLICKS)
    return {
        "day": datetime.fromtimestamp(offset.at // FLICKS, UTC).date().isoformat(),
        "at": _clock(offset.at, rate),
        "picture": offset.picture,
        "sound": offset.sound,
        "days": days,
        "frames": round(float((offset.flicks - days * DAY_FLICKS) * rate.exact / FLICKS), 2),
        "drift_ppm": round(offset.drift * 1e6, 2),
        "pairs": offset.pairs,
        "origin": offset.origin,
    }


def _clock(flicks: int, rate: Rate) -> str:
    """The hour, minute and second of its own timecode."""
    frames = int(flicks % DAY_FLICKS * rate.exact / FLICKS)
    return str(Timecode.from_frames(frames, rate))[:8]
