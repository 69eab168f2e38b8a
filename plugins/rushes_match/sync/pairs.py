"""Each picture with each sound near it: do they belong together, how sure is that, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from rushes.timecode import FLICKS
from rushes_match.sync.names import place, said
from rushes_match.sync.path import Bearing
from rushes_match.sync.score import Listener
from rushes_match.sync.unit import Spot, Unit

#: Neighbours in time that barely miss each other are told as losers.
_TOUCH = 1.0
#: Two files of one recorder that began together are one take twice (main and backup under one name).
_TWINS = 3.0
#: Guesses less likely than this bring no candidates.
_FAINT = 0.03
#: An overlap of this many seconds seldom comes of neighbours alone.
_LONG = 10
_LOSER = 0.25
#: From this score on a candidate is a pair.
SURE = 0.75
_NAMED = {"same": 0.2, "missing": 0.0, "differs": -0.2}


@dataclass(slots=True)
class Candidate:
    """A picture and a sound that some guess brings together; `score` is 0 to 1, `clock` the guess's own part of it.

    `overlap` and `flicks` (the shift) are in flicks, negative overlap is a gap; `share` is of the shorter of the two.
    """

    picture: Spot
    sound: Spot
    score: float
    clock: float
    overlap: int
    share: float
    flicks: int
    drift: float
    origin: str
    place: str
    take: str
    why: str
    #: Another candidate is as good: a person has to say.
    tied: bool = False


def candidates(pictures: Unit, listener: Listener, bearing: Bearing, margin: float) -> list[Candidate]:
    """All sounds of one unit for one picture."""
    found: dict[str, Candidate] = {}
    for rank, (weight, guess) in enumerate(bearing.choices):
        if rank and weight < _FAINT:
            break
        flicks = bearing.flicks if rank == 0 else round(guess.at(bearing.picture) * FLICKS)
        origin = bearing.origin if rank == 0 else guess.origin
        drift = guess.stretch + (0.0 if rank else bearing.drift)
        for each in _at(pictures, listener, bearing.picture, flicks, weight):
            each.origin, each.drift = origin, drift
            other = found.get(each.sound.item.id)
            if other is None:
                found[each.sound.item.id] = each
            elif other.share > 0 and each.share > 0:  # whichever guess holds, these two overlap
                other.score = min(1.0, other.score + each.score)
                other.clock = min(1.0, other.clock + each.clock)
            elif each.score > other.score:
                found[each.sound.item.id] = each
    members = sorted(found.values(), key=lambda each: (-each.score, each.sound.item.id))
    _exclude(members, margin)
    return members


def _at(pictures: Unit, listener: Listener, picture: Spot, flicks: int, weight: float) -> list[Candidate]:
    shift = flicks / FLICKS
    begin, end = picture.begin - flicks, picture.begin + picture.lasts - flicks
    near = listener.unit.near(picture.a - shift - _TOUCH, picture.b - shift + _TOUCH)
    spans = [(sound, min(end, sound.begin + sound.lasts) - max(begin, sound.begin)) for sound in near]
    most = max((overlap for _, overlap in spans), default=0)
    found = []
    for sound, overlap in spans:
        share = max(0, overlap) / max(1, min(picture.lasts, sound.lasts))
        better = most > 2 * overlap
        rival = 0 < share < 0.5 and _rival(pictures, picture, sound, overlap, shift)
        where, take = place(picture.names, sound.names), said(picture.names.take, sound.names.take)
        odds, why = _odds(picture, sound, overlap, share, where, take, better=better, rival=rival)
        score = weight / (1.0 + exp(-odds))
        found.append(
            Candidate(
                picture=picture,
                sound=sound,
                score=score,
                clock=weight,
                overlap=overlap,
                share=share,
                flicks=flicks,
                drift=0.0,
                origin="",
                place=where,
                take=take,
                why=why,
            )
        )
    return found


def _rival(pictures: Unit, picture: Spot, sound: Spot, overlap: int, shift: float) -> bool:
    """Whether another picture of the same camera holds much more of the sound."""
    for other in pictures.near(sound.a + shift, sound.b + shift):
        if other is picture or other.item.camera != picture.item.camera:
            continue
        shared = min(other.b - shift, sound.b) - max(other.a - shift, sound.a)
        if shared * FLICKS > 2 * overlap:
            return True
    return False


def _odds(
    picture: Spot,
    sound: Spot,
    overlap: int,
    share: float,
    where: str,
    take: str,
    *,
    better: bool,
    rival: bool,
) -> tuple[float, str]:
    """The log odds of one take where the clocks are right, and what speaks against it."""
    if overlap <= 0:
        return -9.0, "does not overlap"
    odds, why = 4.5, ""
    if share < 0.5:
        odds = -4.0 + 17.0 * share + (-3.0 if better and rival else -1.0 if better or rival else 1.0)
        why = "each overlaps another for longer" if better and rival else "overlaps a little"
        if not (better and rival):
            odds += 1.5 * min(1.0, overlap / (_LONG * FLICKS))
        if overlap < FLICKS // 2:
            odds -= 3.0
            why = "touches it at the end"
    if where == take == "same":
        odds += 2.0
    elif where == "same" or (take == "same" and where == "missing"):
        odds += 0.5 if take != "differs" else -0.5
    elif "differs" in (where, take):
        odds -= 1.0
        why = why or "is named otherwise"
    if picture.item.mos and not where == take == "same":
        odds -= 4.0
        why = "the picture is without sound (MOS)"
    if sound.names.wild:
        odds -= 1.0
        why = why or "the sound is wild"
    return odds, why


def _exclude(members: Sequence[Candidate], margin: float) -> None:
    """A recorder cannot have recorded twice at once: of such sounds one belongs to the picture."""
    likely = [each for each in members if each.overlap > 0 and each.score > _LOSER]
    for at, one in enumerate(likely):
        for two in likely[at + 1 :]:
            if max(one.score, two.score) <= _LOSER or _twins(one.sound, two.sound):
                continue
            crossing = min(one.sound.b, two.sound.b) - max(one.sound.a, two.sound.a)
            if crossing <= 1.0 and one.flicks == two.flicks:
                continue
            ahead, behind = _rank(one), _rank(two)
            if abs(ahead - behind) < margin:
                one.tied = two.tied = True
                one.why = two.why = "another sound fits as well"
            elif (one if ahead > behind else two).score >= SURE:
                worse = two if ahead > behind else one
                worse.score = min(worse.score, _LOSER)
                worse.why = "another sound of the same time fits better"


def _rank(each: Candidate) -> float:
    """The score, with what tells two full overlaps from each other: ends that meet and names."""
    shift = each.flicks / FLICKS
    apart = abs(each.picture.a - shift - each.sound.a) + abs(each.picture.b - shift - each.sound.b)
    return each.score + 0.3 * exp(-apart / 20.0) + _NAMED[each.place] + _NAMED[each.take]


def _twins(one: Spot, two: Spot) -> bool:
    return abs(one.a - two.a) < _TWINS and abs(one.b - two.b) < _TWINS + 2.0
