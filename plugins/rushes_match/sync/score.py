"""How likely a picture and a sound at two places of one timeline are of one take, against chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from statistics import median

from rushes_match.items import Item
from rushes_match.sync.names import Weigher
from rushes_match.sync.unit import Spot, Unit

#: People roll and cut within seconds of each other; one in three times something keeps them.
_CLOSE, _LOOSE = 5.0, 60.0
#: Where a recorder was at work there should be a sound; a picture without one costs this much.
ALONE = -1.8
_WORST, _ELSEWHERE = -2.4, -0.7
_SPLIT, _ROLLED = -0.5, 4.0
#: One holds the other from this share on, and so many true pairs do.
_WHOLE, _HOLDS = 0.95, 0.85
#: Wall clocks of a take agree to this many seconds where their lead is known.
_BESIDE, _AGREE, _CONTRADICT = 240.0, 0.3, -2.5
#: A pause longer than this is not counted as time at work.
_PAUSE = 1200.0


def close(seconds: float) -> float:
    """Density (per second) of the difference between two people's start or stop of one take."""
    away = abs(seconds)
    return 0.65 * exp(-away / _CLOSE) / (2 * _CLOSE) + 0.35 * exp(-away / _LOOSE) / (2 * _LOOSE)


def _within(picture: Spot, sound: Spot, shift: float) -> float:
    """What it is worth at least that one lies wholly within the other: takes are split, cameras start late.

    A sound that rolled through everything holds every picture, wherever the clock stands.
    """
    if _share(picture, sound, shift) <= _WHOLE:
        return -4.0
    return 0.0 if sound.b - sound.a > _ROLLED * (picture.b - picture.a) else _SPLIT


def _share(picture: Spot, sound: Spot, shift: float) -> float:
    """The part of the shorter of the two that the other covers."""
    overlap = min(picture.b - shift, sound.b) - max(picture.a - shift, sound.a)
    return overlap / max(0.04, min(picture.b - picture.a, sound.b - sound.a))


def _split(picture: Spot, sounds: Sequence[Spot], shift: float) -> bool:
    """Whether sounds one after another hold the whole picture: recorders begin a new file at 2 or 4 GB."""
    low, high = picture.a - shift, picture.b - shift
    held = sum(min(high, sound.b) - max(low, sound.a) for sound in sounds)
    return held > _WHOLE * (high - low)


class Listener:
    """A unit of sounds, ready to be asked what fits a picture."""

    def __init__(self, sounds: Unit, *, alone: float = ALONE) -> None:
        self.unit = sounds
        self._usually = self._alone = alone
        self.names = Weigher(spot.names for spot in sounds.spots)
        worked = sum(min(two.a - one.a, _PAUSE) for one, two in pairwise(sounds.spots))
        dense = len(sounds.spots) / max(worked + 300.0, 1.0)
        self._rare = -log(min(max(dense, 1 / 7200), 1 / 20))
        self.usual = median([spot.b - spot.a for spot in sounds.spots])
        self._spread = max(120.0, self.usual)
        covered = sum(spot.b - spot.a for spot in sounds.spots) / max(worked + 300.0, 1.0)
        self._held = log(_HOLDS / min(max(0.8 * covered, 0.1), 0.8))
        self._lead: float | None = None

    def tune(self, lead: float | None, *, undated: bool = False) -> None:
        """For the pictures to come: the seconds that their wall clock is ahead, and whether their days may be mixed.

        A picture of another day is alone here without telling anything.
        """
        self._lead = lead
        self._alone = max(self._usually, _ELSEWHERE) if undated else self._usually

    def weigh(self, picture: Spot, sound: Spot, shift: float, *, loose: bool = False) -> float:
        """Log likelihood of one take over chance, where the picture's clock is `shift` seconds ahead.

        `loose` is a camera whose starts and stops are not the recorder's: that one holds the other is what counts.
        """
        names = self.names.weigh(picture.names, sound.names) + self._walls(picture.item, sound.item)
        if loose:
            return names + (self._held if _share(picture, sound, shift) > _WHOLE else -0.3)
        value = max(-2.0, log(close(picture.a - shift - sound.a)) + self._rare)
        if picture.told and sound.told:
            value += max(-2.0, log(close(picture.b - shift - sound.b) * self._spread))
        if value < 0.0:
            value = max(value, _within(picture, sound, shift))
        return value + names

    def _walls(self, picture: Item, sound: Item) -> float:
        if self._lead is None or picture.wall is None or sound.wall is None:
            return 0.0
        return _AGREE if abs(picture.wall - sound.wall - self._lead) < _BESIDE else _CONTRADICT

    def _joined(self, picture: Spot, sounds: Sequence[Spot], shift: float) -> float:
        """What a picture is worth that several files of one recording hold together."""
        value = log(close(picture.a - shift - sounds[0].a)) + self._rare
        value += log(close(picture.b - shift - max(sound.b for sound in sounds)) * self._spread)
        return max(_SPLIT, value - 1.0)

    def best(self, picture: Spot, shift: float, *, loose: bool = False) -> tuple[float, Spot | None]:
        """The likeliest sound at a shift; a picture alone among sounds speaks against the shift."""
        found: Spot | None = None
        most = self._alone
        near = self.unit.near(picture.a - shift, picture.b - shift)
        split = len(near) > 1 and _split(picture, near, shift)
        for sound in near:
            value = self.weigh(picture, sound, shift, loose=loose)
            if split:
                value = max(value, self._held if loose else self._joined(picture, near, shift))
            if found is None or value > most:
                found, most = sound, value
        if found is not None:
            return (max(most, _WORST), found)
        at = picture.a - shift
        return (self._alone if self.unit.near(at - 1800.0, at + 1800.0) else 0.0), None
