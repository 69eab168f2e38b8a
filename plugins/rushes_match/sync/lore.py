"""What couples have found out so far, and what that says about the others."""

from __future__ import annotations

from collections import defaultdict

from rushes_match.sync.guess import KNOWN, Guess
from rushes_match.sync.unit import Unit

#: Log prior of a shift that follows from others, and what the plain first guess loses by it.
_FOLLOWS, _AGAINST = -0.3, -4.0
_SAME = 60.0
_MANY = 6


class Lore:
    """The shifts that were found between units."""

    def __init__(self) -> None:
        self._found: list[tuple[Unit, Unit, Guess]] = []
        self._by_pictures: defaultdict[int, list[tuple[Unit, float]]] = defaultdict(list)
        self._by_sounds: defaultdict[int, dict[int, float]] = defaultdict(dict)

    def add(self, pictures: Unit, sounds: Unit, guess: Guess) -> None:
        """A shift that held at several pictures of a couple; the one that held most comes first."""
        self._found.append((pictures, sounds, guess))
        if not guess.stretch:
            self._by_pictures[id(pictures)].append((sounds, guess.shift))
            self._by_sounds[id(sounds)].setdefault(id(pictures), guess.shift)

    def taught(self, pictures: Unit, sounds: Unit) -> list[Guess]:
        """Shifts that hold between other units of these devices."""
        guesses = []
        mine = pictures.spots[0].item
        for ours, theirs, guess in self._found:
            if not guess.shift:
                continue
            camera = ours.stream == pictures.stream or (
                mine.camera and mine.camera == ours.spots[0].item.camera
            )
            recorder = theirs.stream == sounds.stream
            if camera or recorder:
                prior = KNOWN if camera and recorder else KNOWN - 2.0
                guesses.append(Guess(guess.shift, prior, "learned", guess.stretch))
        return guesses[:_MANY]

    def follows(self, pictures: Unit, sounds: Unit) -> list[float]:
        """Shifts that must hold: this camera's to another recorder, and what the two recorders differ by."""
        here = self._by_sounds[id(sounds)]
        shifts: list[float] = []
        for other, shift in self._by_pictures[id(pictures)]:
            there = self._by_sounds[id(other)]
            between = [here[both] - there[both] for both in here if both in there][:3]
            if other is not sounds and between:
                shifts.append(shift + between[0])
            elif other is not sounds and shift and self._alone(pictures, other):
                shifts.append(shift)
        return [
            shift for at, shift in enumerate(shifts) if all(abs(shift - one) > _SAME for one in shifts[:at])
        ]

    def _alone(self, pictures: Unit, sounds: Unit) -> bool:
        """Whether this camera is the one that is wrong: others stand right to the same recorder."""
        there = self._by_sounds[id(sounds)]
        return any(not shift for camera, shift in there.items() if camera != id(pictures))


def weighed(guesses: list[Guess], follows: list[float]) -> list[Guess]:
    """First guesses with what follows from other couples, which they lose against where they differ."""
    if not follows:
        return guesses
    kept = []
    for guess in guesses:
        agrees = any(abs(guess.shift - shift) < _SAME for shift in follows)
        kept.append(
            guess
            if agrees
            else Guess(guess.shift, guess.prior + _AGAINST, guess.origin, guess.stretch, guess.loose)
        )
    new = [shift for shift in follows if all(abs(guess.shift - shift) >= _SAME for guess in guesses)]
    return kept + [
        Guess(shift, _FOLLOWS - (1.5 if loose else 0.0), "learned", loose=loose)
        for shift in new
        for loose in (False, True)
    ]
