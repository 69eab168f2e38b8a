"""How well one record fits one file: a score, and the evidence that people read.

Evidence is `by` ("clip name", "file name", "reel and index", "timecode"; elsewhere "clap" or "person"), then what was
compared and told on both sides: `timecode` ("same", "near", "overlaps", "differs", with `seconds_apart`), `day`
("moment", "same", "later", "differs"), and `device`, `camera`, `roll`, `scene`, `slate`, `take` ("same", "differs").
Where no name spoke for it, `names` is "differ" or "missing", and `device` "usual" where what else that one said goes
with this camera; `why` is of what lost or waits.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from rushes.timecode import Rate
from rushes_match.kin.portrait import WORTH, Portrait
from rushes_match.kin.statement import Statement
from rushes_match.kin.times import NEAR_S, SAME_S, Day, Span, apart, day_of, shared

#: Below `CANDIDATE` nothing speaks for a pair; from `SURE` on it is a match where no other comes near.
CANDIDATE, SURE = 0.3, 0.5

Said = Literal["same", "differs", "missing"]
Moment = Literal["same", "near", "overlaps", "differs", "missing"]
Basis = Literal["clip name", "file name", "reel and index", "timecode"]

#: What a day or a timecode that contradicts takes off a name: the same counter on another day is another file, the
#: same unique name is not.
_OTHER_DAY = {"unique": -0.02, "roll": -0.15, "take": -0.3, "generic": -0.45}
_OTHER_TIME = {"unique": -0.05, "roll": -0.15, "take": -0.25, "generic": -0.45}
_DAY: dict[Day, float] = {"moment": 0.12, "same": 0.04, "later": 0.0, "differs": 0.0, "missing": 0.0}


#: What a name is worth at most that another recording may have had.
_DOUBT = 0.45


class Judgement(Struct, frozen=True, gc=False):
    """`score` orders candidates and may pass 1; `together` is whether both begin in one picture, end
    together, and were made on one day as far as anybody tells.
    """

    file: str
    other: str
    score: float
    by_name: bool
    evidence: dict[str, Any] = {}
    together: bool = False


def judge(file: Portrait, said: Statement) -> Judgement | None:
    """None where nothing speaks for the pair, or a name speaks against it."""
    basis, worth = _name(file, said)
    if not basis and file.places and said.places:
        return None  # another clip of another or the same reel, in so many words
    moment, frames_apart, ends = _moment(file, said)
    day = day_of(file.wall, said.wall)
    device = _same(file.file.text("device"), said.device)
    camera = _same(file.camera, said.camera) if said.about == "video" else "missing"
    roll = _roll(file, said)
    weight = file.weight or "generic"
    evidence: dict[str, Any] = {"by": basis or "timecode"}
    if basis:
        score = worth + {"same": 0.15, "near": 0.1, "overlaps": 0.05}.get(moment, 0.0)
        score += _OTHER_TIME[weight] if moment == "differs" else 0.0
        score += _OTHER_DAY[weight] if day == "differs" else _DAY[day]
        score += {"same": 0.1, "differs": -0.3, "missing": 0.0}[device]
        score += {"same": 0.05, "differs": -0.3, "missing": 0.0}[camera]
        score += {"same": 0.05, "differs": -0.2, "missing": 0.0}[roll]
        if weight != "unique" and _reused(file, said, moment, day, ends=ends):
            score = min(score, _DOUBT)
    else:
        if moment not in ("same", "near") and not ends:
            return None
        if "differs" in (device, camera, roll):
            return None
        score = (
            {"same": 0.3, "near": 0.2}.get(moment, 0.1) + 0.15 * ends + _DAY[day] - 0.3 * (day == "differs")
        )
        score += 0.25 if "same" in (device, camera, roll) else 0.0
        score -= 0.1 if said.names else 0.0
        evidence["names"] = "differ" if said.names else "missing"
    for name in ("scene", "slate", "take"):
        agree = _same(getattr(file, name), getattr(said, name))
        score += {"same": 0.03 if basis else 0.08, "differs": -0.07, "missing": 0.0}[agree]
        if agree != "missing":
            evidence[name] = agree
    if score < CANDIDATE:
        return None
    told = {"timecode": moment, "day": day, "device": device, "camera": camera, "roll": roll}
    evidence |= {name: value for name, value in told.items() if value != "missing"}
    if frames_apart is not None and moment in ("near", "overlaps", "differs"):
        evidence["seconds_apart"] = round(frames_apart, 2)
    together = ends and moment == "same" and day not in ("later", "differs")
    return Judgement(file.file.id, said.id, round(score, 4), bool(basis), evidence, together)


def _name(file: Portrait, said: Statement) -> tuple[Basis | None, float]:
    worth = WORTH[file.weight]
    if file.squashed & said.squashed:
        clip_name = file.file.meta.get("clip_name")
        return ("clip name" if clip_name else "file name"), worth
    if file.places & said.places:
        return "reel and index", min(worth, 0.75) if worth >= 0.75 else 0.75
    if file.cut & said.squashed:
        return "file name", worth - 0.05
    return None, 0.0


def _reused(file: Portrait, said: Statement, moment: Moment, day: Day, *, ends: bool) -> bool:
    """Whether nothing tells this recording from another one of that name, on another day or of another show.

    Timecode that counts recordings begins at one label on every first roll: ends must not contradict.
    """
    if day in ("moment", "same") or (day == "missing" and moment != "differs"):
        return False
    told = file.span is not None and file.span.length and said.span is not None and said.span.length
    return moment not in ("same", "near") or bool(told and not ends) or (day == "differs" and not ends)


def _moment(file: Portrait, said: Statement) -> tuple[Moment, float | None, bool]:
    """How the starts stand, the seconds from the record's to the file's, and whether both end together."""
    mine, told = file.span, said.span
    if mine is None or told is None:
        return "missing", None, False
    if not file.exact:
        told = _real(told, said.rate)
    off = apart(told.start, mine.start)
    near = NEAR_S if file.exact or said.rate else NEAR_S + mine.start / 1000
    ends = mine.end is not None and told.end is not None and abs(apart(told.end, mine.end)) <= NEAR_S
    if abs(off) <= SAME_S:
        return "same", off, ends
    if abs(off) <= near:
        return "near", off, ends
    return ("overlaps" if shared(mine, told) >= 0.5 else "differs"), off, ends


def _real(span: Span, rate: str) -> Span:
    """Labels as seconds of real time: 0.1 % longer at the rates of television."""
    try:
        counted = Rate.parse(rate)
    except ValueError:
        return span
    if counted.dropped:
        return span
    return Span(float(span.start * counted.nominal / counted.exact), span.length)


def _roll(file: Portrait, said: Statement) -> Said:
    """A folder or card that is called like the roll says yes; only a reel that the file itself tells says no."""
    if not said.roll:
        return "missing"
    if said.roll in file.rolls:
        return "same"
    return "differs" if said.about == "video" and file.reel else "missing"


def _same(mine: str, told: str) -> Said:
    if not mine or not told:
        return "missing"
    return "same" if mine == told else "differs"
