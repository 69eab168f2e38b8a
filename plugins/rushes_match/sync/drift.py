"""What a shift is exactly, once it is known which pictures and sounds belong together: offset and drift by runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from rushes.timecode import FLICKS
from rushes_match.items import Offset
from rushes_match.sync.path import Bearing
from rushes_match.sync.score import Listener
from rushes_match.sync.unit import Spot

#: Middles of a picture and its sound differ by people's habits up to this; jammed clocks are not moved for it.
_HABIT = 4.0
_FIT = 1.0
#: So many takes bound a shift.
_MANY = 8
_CLAP = 3.0
#: A pause in seconds after which an offset is told again, and what drifts is jammed anew.
_NIGHT, _SHIFT = 4 * 3600.0, 18 * 3600.0


@dataclass(frozen=True, slots=True)
class _Line:
    """Flicks at a moment and what they grow by in a second."""

    at: float
    flicks: int
    drift: float
    spread: float

    def value(self, spot: Spot) -> int:
        return self.flicks + round(self.drift * (spot.a - self.at) * FLICKS)


def refine(listener: Listener, bearings: Sequence[Bearing]) -> list[Offset]:
    """Fill in each bearing's exact shift; tells the offset of every run of one guess."""
    offsets: list[Offset] = []
    for _, run in groupby(bearings, key=lambda bearing: (bearing.sure > 0.5, bearing.choices[0][1].shift)):
        members = list(run)
        if members[0].sure > 0.5:
            offsets += _settle(listener, members)
        else:
            for bearing in members:
                bearing.flicks = round(bearing.choices[0][1].at(bearing.picture) * FLICKS)
                bearing.origin = bearing.choices[0][1].origin
    return offsets


def _settle(listener: Listener, run: Sequence[Bearing]) -> list[Offset]:
    guess = run[0].choices[0][1]
    fitting: list[tuple[Spot, Spot, float]] = []
    for bearing in run:
        shift = guess.at(bearing.picture)
        value, sound = listener.best(bearing.picture, shift)
        if sound is not None and value > _FIT:
            fitting.append((bearing.picture, sound, shift))
    line, origin = _by_claps(fitting), "clap"
    if line is None or guess.stretch:
        origin = guess.origin
        line = None if origin == "hand" else _by_middles(fitting, jammed=origin == "jammed")
        if line is not None:
            origin = "learned"
    for bearing in run:
        base = round(guess.at(bearing.picture) * FLICKS)
        bearing.flicks = base + (line.value(bearing.picture) if line else 0)
        bearing.origin = origin
        bearing.drift = line.drift if line else 0.0
    firsts: dict[tuple[str, str, int], Bearing] = {}
    counts: Counter[tuple[str, str, int]] = Counter()
    by_id = {bearing.picture.item.id: bearing for bearing in run}
    day, last = 0, run[0].picture.a
    for picture, sound, _ in fitting:
        day, last = day + (picture.a - last > _NIGHT), picture.a
        key = (picture.item.stream, sound.item.stream, day)
        firsts.setdefault(key, by_id[picture.item.id])
        counts[key] += 1
    return [
        Offset(
            picture=ours,
            sound=theirs,
            at=bearing.picture.begin,
            flicks=bearing.flicks,
            drift=bearing.drift + guess.stretch,
            pairs=counts[ours, theirs, at],
            spread=round((line.spread if line else 0.0) * FLICKS),
            origin=origin,
        )
        for (ours, theirs, at), bearing in firsts.items()
    ]


def _by_middles(fitting: Sequence[tuple[Spot, Spot, float]], *, jammed: bool) -> _Line | None:
    """From the middles of recordings, which people's habits move less than starts; where sound always holds its
    picture, from what it holds at least.
    """
    usable = [
        (picture, sound, shift)
        for picture, sound, shift in fitting
        if picture.told and sound.told and abs((picture.b - picture.a) - (sound.b - sound.a)) < 30.0
    ]
    points = [
        (picture.a, (picture.a + picture.b - sound.a - sound.b) / 2 - shift)
        for picture, sound, shift in usable
    ]
    if not points:
        return None
    middle = median([value for _, value in points])
    spread = median([abs(value - middle) for _, value in points])
    sloped = _slope(points, middle)
    if sloped is not None and not jammed:
        return _held(usable, sloped)
    if jammed:
        if sloped is not None and abs(middle) < _HABIT:  # right in the morning, and away from there
            return _Line(min(at for at, _ in points), 0, sloped.drift, sloped.spread)
        if abs(middle) < _HABIT or len(points) < 3 or spread > abs(middle):
            return None
        if _covered(fitting, middle) < 1.03 * _covered(fitting, 0.0):
            return None
    return _held(usable, _Line(points[0][0], round(middle * FLICKS), 0.0, spread))


def _held(usable: Sequence[tuple[Spot, Spot, float]], line: _Line) -> _Line:
    """The line between the bounds that containment sets it, where there is room.

    A sound that rolls before its picture and cuts after it holds it at the true shift: of many takes the one that
    rolled latest bounds the shift above, the one that cut soonest below. Middles are off by half of what people roll
    earlier on the average than they cut later; the bounds only by half of what they do so at least. One take in
    twenty may be no such. Where takes do not hold one another, there is no room.
    """
    if len(usable) < _MANY:
        return line
    leads, tails = [], []
    for picture, sound, shift in usable:
        at = shift + line.value(picture) / FLICKS
        leads.append(picture.a - at - sound.a)
        tails.append(sound.b - picture.b + at)
    odd = len(usable) // 20
    lead, tail = sorted(leads)[odd], sorted(tails)[odd]
    if lead + tail < 0:
        return line
    return replace(line, flicks=line.flicks + round((lead - tail) / 2 * FLICKS))


def _covered(fitting: Sequence[tuple[Spot, Spot, float]], more: float) -> float:
    """How much of the shorter of each pair the other covers, summed."""
    total = 0.0
    for picture, sound, shift in fitting:
        move = shift + more
        overlap = min(picture.b - move, sound.b) - max(picture.a - move, sound.a)
        total += max(0.0, overlap) / max(0.04, min(picture.b - picture.a, sound.b - sound.a))
    return total


def _slope(points: Sequence[tuple[float, float]], middle: float) -> _Line | None:
    """A straight line where it explains far more than habit does."""
    kept = [(at, value) for at, value in points if abs(value - middle) < 30.0]
    if len(kept) < 12:
        return None
    mean = sum(at for at, _ in kept) / len(kept)
    level = sum(value for _, value in kept) / len(kept)
    wide = sum((at - mean) ** 2 for at, _ in kept)
    if wide <= 0:
        return None
    drift = sum((at - mean) * (value - level) for at, value in kept) / wide
    rest = sum((value - level - drift * (at - mean)) ** 2 for at, value in kept) / (len(kept) - 2)
    error = (rest / wide) ** 0.5
    span = max(at for at, _ in kept) - min(at for at, _ in kept)
    if abs(drift) < 6 * error or abs(drift) * span < 0.5 or abs(drift) > 0.002 or span > _SHIFT:
        return None
    return _Line(mean, round(level * FLICKS), drift, rest**0.5)


def _by_claps(fitting: Sequence[tuple[Spot, Spot, float]]) -> _Line | None:
    """From sync points that both heard and saw: exact to a frame."""
    points: list[tuple[float, int]] = []
    for picture, sound, shift in fitting:
        if not picture.item.claps or not sound.item.claps:
            continue
        base = round(shift * FLICKS)
        ours = [clap + picture.begin - (picture.item.start or 0) for clap in picture.item.claps]
        theirs = [clap + sound.begin - (sound.item.start or 0) for clap in sound.item.claps]
        near = min((our - their - base for our in ours for their in theirs), key=abs)
        if abs(near) <= _CLAP * FLICKS or len(ours) == len(theirs) == 1:
            points.append((picture.a, near))
    if not points:
        return None
    middle = int(median([value for _, value in points]))
    kept = [(at, value) for at, value in points if abs(value - middle) < FLICKS]
    if not kept:
        return None
    spread = median([abs(value - middle) for _, value in kept]) / FLICKS
    mean = sum(at for at, _ in kept) / len(kept)
    wide = sum((at - mean) ** 2 for at, _ in kept)
    drift = 0.0
    if len(kept) >= 3 and wide > 0:
        level = sum(value for _, value in kept) / len(kept)
        drift = sum((at - mean) * (value - level) for at, value in kept) / wide / FLICKS
        if abs(drift) > 2e-4:
            drift = 0.0
    return _Line(mean, middle, drift, spread)
