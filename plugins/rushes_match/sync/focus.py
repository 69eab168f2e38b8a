"""The short way for a few new clips: only what is near them, at offsets that are known already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from rushes.timecode import FLICKS
from rushes_match.items import Offset
from rushes_match.sync.couples import Couple
from rushes_match.sync.guess import Guess
from rushes_match.sync.path import Bearing
from rushes_match.sync.score import Listener
from rushes_match.sync.unit import Spot, Unit

#: An offset of yesterday is no offset of today: clocks are jammed every morning.
_STALE = 16 * 3600 * FLICKS
#: Without a known offset, what lies this near is aligned anew (in seconds).
_AROUND = 4 * 3600.0
_TRUST = 0.97
#: What is in force is preferred to what held before or after, unless that fits better by this.
_FORCE = 0.7


def near(
    pictures: Sequence[Unit],
    listeners: Sequence[Listener],
    learned: Sequence[Offset],
    wanted: Collection[str],
) -> tuple[list[Couple], list[Couple]]:
    """Couples that touch the wanted ids: those whose offsets are known, with bearings, and those to align anew."""
    book: defaultdict[tuple[str, str], list[Offset]] = defaultdict(list)
    for offset in sorted(learned, key=lambda one: (one.at, one.flicks)):
        book[offset.picture, offset.sound].append(offset)
    known: list[Couple] = []
    fresh: list[Couple] = []
    ours = [(unit, _wanted(unit, wanted), _streams(unit)) for unit in pictures]
    theirs = [(one, _wanted(one.unit, wanted), _streams(one.unit)) for one in listeners]
    for unit, mine, cameras in ours:
        for listener, others, recorders in theirs:
            couple = Couple(unit, listener)
            if not (mine or others):
                continue
            offsets = [one for camera in cameras for recorder in recorders for one in book[camera, recorder]]
            if offsets:
                couple.bearings = _bearings(couple, mine, others, offsets)
                known.append(couple)
            elif not couple.apart:
                fresh.append(_cut(couple, [*mine, *others]))
    return known, fresh


def _wanted(unit: Unit, wanted: Collection[str]) -> list[Spot]:
    return [spot for spot in unit.spots if spot.item.id in wanted]


def _streams(unit: Unit) -> list[str]:
    return sorted({spot.item.stream for spot in unit.spots})


def _bearings(
    couple: Couple, mine: Sequence[Spot], others: Sequence[Spot], offsets: Sequence[Offset]
) -> list[Bearing]:
    """Bearings of the wanted pictures, and of those that may lie beside the wanted sounds."""
    spots = {spot.item.id: spot for spot in mine}
    for sound in others:
        for offset in offsets:
            shift = offset.flicks / FLICKS
            at = sound.a + shift + offset.drift * (sound.a + shift - offset.at / FLICKS)
            for spot in couple.pictures.near(at - 2.0, at + sound.b - sound.a + 2.0):
                spots[spot.item.id] = spot
    found = []
    for _, spot in sorted(spots.items()):
        bearing = _bearing(couple.listener, spot, offsets)
        if bearing is not None:
            found.append(bearing)
    return found


def _bearing(listener: Listener, spot: Spot, offsets: Sequence[Offset]) -> Bearing | None:
    """The picture at the offset in force, or at another of the day's that fits it clearly better."""
    day = [one for one in offsets if abs(spot.begin - one.at) < _STALE]
    own = [one for one in day if one.picture == spot.item.stream] or day
    if not own:
        return None
    force = max((one for one in own if one.at <= spot.begin), key=lambda one: one.at, default=own[0])
    values = []
    for offset in own:
        flicks = _shift(offset, spot.begin)
        fit = listener.best(spot, flicks / FLICKS)[0] + (_FORCE if offset.at == force.at else 0.0)
        values.append((fit, offset.at, -flicks, offset, flicks))
    *_, offset, flicks = max(values, key=lambda value: value[:3])
    return Bearing(
        spot, [(_TRUST, Guess(flicks / FLICKS, 0.0, offset.origin))], flicks, offset.origin, offset.drift
    )


def _shift(offset: Offset, moment: int) -> int:
    return offset.flicks + round(offset.drift * (moment - offset.at))


def _cut(couple: Couple, around: Sequence[Spot]) -> Couple:
    """The couple with only those pictures that were shot around the spots; all where that leaves none."""
    unit = couple.pictures
    low, high = min(spot.a for spot in around) - _AROUND, max(spot.b for spot in around) + _AROUND
    spots = [spot for spot in unit.spots if low < spot.a < high]
    if not spots or len(spots) == len(unit.spots):
        return couple
    return Couple(Unit(unit.stream, unit.part, unit.side, spots, unit.basis, unit.dated), couple.listener)
