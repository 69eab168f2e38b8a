"""Units of pictures and of sounds in couples, and the shift of each couple at each picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from rushes_match.items import Offset
from rushes_match.sync.drift import refine
from rushes_match.sync.guess import ROLLING, Guess, by_walls, distinct, first, free, votes
from rushes_match.sync.lore import Lore, weighed
from rushes_match.sync.path import Bearing, path
from rushes_match.sync.score import Listener
from rushes_match.sync.tell import pace
from rushes_match.sync.unit import Spot, Unit

#: A picture and a sound that fit like this explain each other; no other clock needs to be looked for.
_GOOD = 1.0
#: So many of so many neighbours unexplained are a sign of another clock.
_MOST, _RUN = 3, 5
#: Fewer than this are no second clock.
_FEW = 4
#: Seconds after which units of known days are not of one day.
_DAYS = 12 * 3600.0
#: Nobody shows us recordings so far apart unless a date is wrong (in seconds).
_YEARS = 150 * 86400.0


@dataclass(slots=True)
class Couple:
    """A unit of pictures and one of sounds; `bearings` are filled by `bear`."""

    pictures: Unit
    listener: Listener
    bearings: list[Bearing] = field(default_factory=list)
    #: By how many seconds the wall clock of the pictures is ahead, where pairs tell.
    lead: float | None = None
    #: The unit of which most must find its place here, or the couple is no couple.
    rest: Unit | None = None

    @property
    def sounds(self) -> Unit:
        """The unit of sounds."""
        return self.listener.unit

    @property
    def gap(self) -> float:
        """Seconds between units that both tell their days."""
        ours, theirs = self.pictures, self.sounds
        if ours.dated != "yes" or theirs.dated != "yes":
            return 0.0
        return max(ours.starts[0] - theirs.starts[-1], theirs.starts[0] - ours.starts[-1])

    @property
    def apart(self) -> bool:
        """Whether both tell their days and those are days apart."""
        return self.gap > _DAYS

    @property
    def rank(self) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        """The largest first: what it teaches helps the small ones."""
        return (-min(len(self.pictures.spots), len(self.sounds.spots)), self.pictures.key, self.sounds.key)


def bear(couples: Sequence[Couple], good: set[str], lore: Lore, hand: Mapping[str, int]) -> list[Offset]:
    """Find the shifts of all couples; `good` gathers the ids of items that are explained, `lore` the shifts."""
    frames = {name.upper(): count for name, count in hand.items()}
    offsets: list[Offset] = []
    open_: list[tuple[Couple, list[Guess]]] = []
    for couple in sorted(couples, key=lambda couple: couple.rank):
        fixed = _by_hand(couple, frames) if frames else None
        if fixed is not None:
            couple.bearings = fixed
            offsets += refine(couple.listener, couple.bearings)
            _learn(couple, good)
        else:
            open_.append((couple, first(couple.pictures, couple.sounds)))
    for couple, guesses in open_:
        couple.listener.tune(None)
        leads: list[float] = []
        for spot in couple.pictures.spots:
            value, sound = couple.listener.best(spot, guesses[0].at(spot))
            if sound is not None and value > _GOOD:
                good.update((spot.item.id, sound.item.id))
                if spot.item.wall is not None and sound.item.wall is not None:
                    leads.append(spot.item.wall - sound.item.wall)
        couple.lead = _lead(leads)
    for couple, guesses in open_:
        follows = lore.follows(couple.pictures, couple.sounds)
        learned = [
            *lore.taught(couple.pictures, couple.sounds),
            *_voted(couple, good, strange=not follows and couple.gap > _YEARS),
            *by_walls(couple.pictures, couple.listener),
        ]
        if couple.apart and not learned:
            continue
        everything = distinct([*weighed(guesses, follows), *learned])
        couple.listener.tune(couple.lead, undated=couple.pictures.dated == "no")
        couple.bearings = path(couple.pictures, couple.listener, everything)
        if couple.rest is not None and not _coherent(couple):
            couple.bearings = []
            continue
        offsets += refine(couple.listener, couple.bearings)
        for guess in _learn(couple, good):
            lore.add(couple.pictures, couple.sounds, guess)
    return offsets


def _lead(leads: Sequence[float]) -> float | None:
    """What most pairs say of two wall clocks."""
    leads = sorted(leads)
    low = begin = count = 0
    for high, lead in enumerate(leads):
        while lead - leads[low] > 240.0:
            low += 1
        if high + 1 - low > count:
            begin, count = low, high + 1 - low
    return median(leads[begin : begin + count]) if count >= max(3, 0.4 * len(leads)) else None


def remainders(
    pictures: Sequence[Unit], listeners: Sequence[Listener], good: set[str], lore: Lore
) -> list[Couple]:
    """Couples of what nothing explained: where two devices are in one unit, the second one's clock is found here.

    And those of days apart that may be one day: a date is years off, or a camera's is known to be wrong.
    """
    heard = [(two, left) for two in listeners if (left := _leftover(two.unit, good)) is not None]
    seen = [(one, left) for one in pictures if (left := _leftover(one, good)) is not None]
    couples = []
    for two, over in heard:
        listener = Listener(over, alone=-0.2)
        rest = None if over is two.unit else over
        couples += [Couple(one, listener, rest=rest) for one in pictures if rest or Couple(one, two).apart]
    loose = {id(left) for _, left in [*seen, *((two.unit, over) for two, over in heard)]}
    for one in pictures:
        for two in listeners:
            couple = Couple(one, two, rest=one)
            tried = not couple.apart or id(one) in loose or id(two.unit) in loose
            if not tried and (couple.gap > _YEARS or any(lore.follows(one, two.unit))):
                couples.append(couple)
    for one, left in seen:
        rest = None if left is one else left
        couples += [Couple(left, two, rest=rest) for two in listeners if rest or Couple(one, two).apart]
    return couples


def _coherent(couple: Couple) -> bool:
    """Whether most of the rest has found one clock: a few that fit somewhere are chance."""
    found = {id_ for _, *ids in _explained(couple) for id_ in ids}
    assert couple.rest is not None
    count = sum(1 for spot in couple.rest.spots if spot.item.id in found)
    return count >= _FEW and count >= 0.5 * len(couple.rest.spots)


def _leftover(unit: Unit, good: set[str]) -> Unit | None:
    if all(spot.item.id not in good for spot in unit.spots):
        return unit
    left = _runs(unit.spots, good)
    if len(left) < _FEW or len(left) < 0.1 * len(unit.spots):
        return None
    return Unit(unit.stream, f"{unit.part}~", unit.side, left, unit.basis, unit.dated)


def _voted(couple: Couple, good: set[str], *, strange: bool) -> list[Guess]:
    """Guesses by vote, where pictures or sounds are left over that the first guess did not explain.

    Units of strange dates may have explained each other and still be of the same day as the rest.
    """
    ours, theirs = couple.pictures.spots, couple.sounds.spots
    left, over = _runs(ours, good), _runs(theirs, good)
    if strange:
        left, over = ours, []
    shifts = votes(left, theirs)
    if len(over) > 0.25 * len(theirs):
        shifts += votes(ours, over)
    return [free(shift, couple.pictures, couple.sounds) for shift in shifts]


def _runs(spots: Sequence[Spot], good: set[str]) -> list[Spot]:
    """What is not explained and has unexplained neighbours: here and there a picture is truly without sound."""
    left = [spot.item.id not in good for spot in spots]
    if len(spots) <= _RUN:
        return [spot for spot, alone in zip(spots, left, strict=True) if alone]
    inside = [False] * len(spots)
    count = sum(left[:_RUN])
    for at in range(len(spots) - _RUN + 1):
        if at:
            count += left[at + _RUN - 1] - left[at - 1]
        if count >= _MOST:
            inside[at : at + _RUN] = [True] * _RUN
    return [spot for spot, alone, near in zip(spots, left, inside, strict=True) if alone and near]


def _enough(listener: Listener) -> float:
    """How well a picture must fit to count: one of many in a long sound tells little by its start and stop."""
    return _GOOD if listener.usual < ROLLING else -0.2


def _explained(couple: Couple) -> Iterator[tuple[Guess, str, str]]:
    """The shifts that are sure, each with the picture and the sound that it brings together."""
    enough = _enough(couple.listener)
    for bearing in couple.bearings:
        if bearing.sure > 0.8:
            guess = bearing.choices[0][1]
            value, sound = couple.listener.best(bearing.picture, guess.at(bearing.picture))
            if sound is not None and value > enough:
                yield guess, bearing.picture.item.id, sound.item.id


def _learn(couple: Couple, good: set[str]) -> list[Guess]:
    """Mark what the couple explains; tells the shifts that it found at more than one picture."""
    held: Counter[Guess] = Counter()
    for guess, picture, sound in _explained(couple):
        good.update((picture, sound))
        held[guess] += 1
    return [guess for guess, count in held.most_common() if count >= 2]


def _by_hand(couple: Couple, frames: Mapping[str, int]) -> list[Bearing] | None:
    """The shifts that a person set, for every picture of the couple; a device that nobody named is the set's."""
    theirs = _ahead(couple.sounds.spots[0], frames)
    ahead = [_ahead(spot, frames) for spot in couple.pictures.spots]
    if theirs is None and all(ours is None for ours in ahead):
        return None
    return [
        Bearing(spot, [(0.98, Guess((ours or 0.0) - (theirs or 0.0), 0.0, "hand"))])
        for spot, ours in zip(couple.pictures.spots, ahead, strict=True)
    ]


def _ahead(spot: Spot, frames: Mapping[str, int]) -> float | None:
    """Seconds that a hand set for this item: by its roll, else its camera, else its stream."""
    item = spot.item
    for name in (item.roll, item.reel, item.camera, item.stream):
        if name and name.upper() in frames:
            return float(frames[name.upper()] / pace(item))
    return None
