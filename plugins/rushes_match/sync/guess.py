"""Shifts between two units' clocks that may hold, with how likely each is before anybody looks.

Clocks of a set are jammed to one another, which is the first guess. Others are voted for: over all differences of
starts the true shift makes a heap, however wrong a clock is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from statistics import median

from rushes.timecode import FLICKS
from rushes_match.sync.score import Listener
from rushes_match.sync.unit import DAY, Spot, Unit, wrapped

_BIN = 4.0
#: Pictures that vote together: a shift that held for a part of the day makes a heap among neighbours.
_CHUNK = 16
_CHUNKS = 8
_GUESSES = 8
#: Votes that a shift needs: three starts with lengths alike.
_HEAP = 4.2
#: Log priors. A free shift shares what is left over a day of places, and takes at even times make false heaps.
JAMMED, DATE, KNOWN, HOURS, RATES, FREE = -0.16, -4.0, -2.5, -7.0, -4.0, -14.0
#: What it costs to guess that a camera keeps to its own starts and stops.
_LOOSE = 1.5
#: Sounds of this many seconds, and the log prior that a wall clock is right where no timecode is.
ROLLING, _WALLS = 600.0, -1.6
_SAME = 3.0
#: A heap is this wide (in seconds): a whole hour or day inside it is meant.
_NEAR = 8.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A shift in seconds that may hold: constant, and `stretch` of a picture's own time of day besides."""

    shift: float
    prior: float
    origin: str
    stretch: float = 0.0
    #: Whether the camera keeps to its own starts and stops.
    loose: bool = False

    def at(self, picture: Spot) -> float:
        """The shift at a picture."""
        if not self.stretch:
            return self.shift
        label = picture.item.label if picture.item.label is not None else picture.item.start
        return self.shift + self.stretch * (label or 0) / FLICKS


def first(pictures: Unit, sounds: Unit) -> list[Guess]:
    """What one would guess without looking: the same clock, on the day that both say or on any."""
    if pictures.dated == "no" and sounds.dated == "no":
        days = [0, -1, 1]
    elif "no" in (pictures.dated, sounds.dated):
        ours = {round(spot.a / DAY - 0.5) for spot in pictures.spots}
        theirs = {round(spot.a / DAY - 0.5) for spot in sounds.spots}
        days = sorted({our - their for our in ours for their in theirs})[:40]
    else:
        days = [0]
    if "perhaps" in (pictures.dated, sounds.dated):
        days += [-1, 1, -2, 2]
    whole = JAMMED - (log(len(days)) if "no" in (pictures.dated, sounds.dated) else 0.0)
    if pictures.basis == "wall" or sounds.basis == "wall":
        whole -= 0.7
    guesses = [
        Guess(day * DAY, whole if rank == 0 or pictures.dated == "no" else whole - 2.0, "jammed")
        for rank, day in enumerate(days)
    ]
    stretch = pictures.spots[0].stretch - sounds.spots[0].stretch
    if abs(stretch) > 1e-4 and pictures.basis == sounds.basis == "timecode":
        late = [
            Guess(guess.shift + 86.4 * turn, guess.prior - 3.0, "learned")
            for guess in guesses
            for turn in (-1, 1)
        ]
        guesses += [Guess(guess.shift, guess.prior - 1.0, "learned", stretch) for guess in guesses]
        guesses += late
    guesses += [
        replace(guess, prior=guess.prior - _LOOSE, loose=True)
        for guess in guesses
        if guess.origin == "jammed"
    ]
    return guesses


def by_walls(pictures: Unit, listener: Listener) -> list[Guess]:
    """Shifts at which both wall clocks agree: a minute is near enough where sounds roll for many."""
    if listener.usual < ROLLING:
        return []
    ours = _leads(pictures)
    return [
        Guess(our - their, _WALLS, "learned", loose=True)
        for our in ours
        for their in _leads(listener.unit)[:1]
        if abs(our - their) > 300.0
    ]


def _leads(unit: Unit) -> list[float]:
    """What a unit's timecode is ahead of its wall clock, the usual first, told to some minutes."""
    values = sorted(spot.a - spot.item.wall for spot in unit.spots if spot.item.wall is not None)
    heaps: list[list[float]] = []
    for value in values:
        if heaps and value - heaps[-1][0] < 300.0:
            heaps[-1].append(value)
        else:
            heaps.append([value])
    heaps.sort(key=lambda heap: (-len(heap), heap[0]))
    return [median(heap) for heap in heaps[:3]]


def votes(pictures: Sequence[Spot], sounds: Sequence[Spot]) -> list[float]:
    """Shifts at which starts heap up, the highest heap first."""
    if not pictures or not sounds:
        return []
    keys: defaultdict[tuple[str, str] | None, list[Spot]] = defaultdict(list)
    for sound in sounds:
        keys[sound.names.key].append(sound)
    starts = [sound.a for sound in sounds]
    pieces = [pictures[at : at + _CHUNK] for at in range(0, len(pictures), _CHUNK)]
    if len(pieces) > _CHUNKS:
        step = len(pieces) / _CHUNKS
        pieces = [pieces[int(at * step)] for at in range(_CHUNKS)]
    whole: defaultdict[int, float] = defaultdict(float)
    heaps: list[tuple[float, float]] = []
    thin = max(1, len(sounds) // 1500)
    for piece in pieces:
        local: defaultdict[int, float] = defaultdict(float)
        for picture in piece:
            lasts = picture.b - picture.a
            near = range(0, len(sounds), thin)
            if thin > 1:
                near = range(bisect_left(starts, picture.a - DAY), bisect_right(starts, picture.a + DAY))
            for index in near:
                sound = sounds[index]
                alike = abs(sound.b - sound.a - lasts) < 12.0
                local[int((picture.a - sound.a) // _BIN)] += 1.6 if alike else 0.6
            if (key := picture.names.key) is not None:
                for sound in keys.get(key, ())[:8]:
                    local[int((picture.a - sound.a) // _BIN)] += 3.0
        heaps += _heaps(local, 3)
        for place, weight in local.items():
            whole[place] += weight
    heaps.sort(key=lambda heap: (-heap[0], heap[1]))
    found: list[float] = []
    small = _HEAP if len(pictures) > 3 else 0.0
    for height, shift in [*_heaps(whole, 5), *heaps]:
        if height >= small and all(abs(shift - other) > 2 * _BIN for other in found):
            found.append(shift)
    return found[:_GUESSES]


def _heaps(bins: dict[int, float], many: int) -> list[tuple[float, float]]:
    smooth = [(value + bins.get(place + 1, 0.0), -place) for place, value in bins.items()]
    smooth.sort(reverse=True)
    found: list[tuple[float, float]] = []
    for value, negative in smooth[: 4 * many]:
        shift = (1 - negative) * _BIN
        if all(abs(shift - other) > 1.5 * _BIN for _, other in found):
            found.append((value, shift))
    return found[:many]


def free(shift: float, pictures: Unit, sounds: Unit) -> Guess:
    """A voted shift with its prior: whole hours, days, and what mixed rates bring are less strange than others."""
    wall = pictures.basis == "wall" or sounds.basis == "wall"
    undated = "no" in (pictures.dated, sounds.dated)
    rest = wrapped(shift)
    mixed = abs(pictures.spots[0].stretch - sounds.spots[0].stretch) > 1e-4
    hour = (rest + 1800.0) % 3600.0 - 1800.0
    # The chance of such a shift, shared by the places it may have.
    near = -4.3 - abs(rest) / 120.0 if wall else -3.9 - abs(rest) / 20.0
    whole = HOURS - abs(hour) / (60.0 if wall else 10.0)
    prior = max(FREE, near, whole, RATES if mixed and abs(rest) < 100.0 else FREE)
    if abs(shift - rest) > 1.0 and not undated:
        prior += DATE / 2 if prior > FREE else 0.0
    if abs(rest) < _NEAR:
        return Guess(shift - rest, prior, "jammed")
    return Guess(shift - hour if abs(hour) < _NEAR else shift, prior, "learned")


def distinct(guesses: Iterable[Guess]) -> list[Guess]:
    """Guesses without those that say the same as a likelier one."""
    kept: list[Guess] = []
    for guess in sorted(guesses, key=lambda guess: (-guess.prior, abs(guess.shift), guess.shift)):
        if all(
            (guess.stretch, guess.loose) != (other.stretch, other.loose)
            or abs(guess.shift - other.shift) > _SAME
            for other in kept
        ):
            kept.append(guess)
    return kept
