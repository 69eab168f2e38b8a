"""Which shift between a picture unit's clock and a sound unit's holds at each picture.

It is the likeliest path through the day: shifts change rarely (a new jam, a new battery), so that one strange take
moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from rushes_match.sync.guess import ROLLING, Guess
from rushes_match.sync.score import Listener
from rushes_match.sync.unit import Spot, Unit, in_turn

#: Log prior that two units have nothing to do with each other.
NONE = -2.3
#: Log likelihoods of a change of shift between two pictures: in a roll, between rolls, after a long pause, and
#: where timecode goes back.
_CHANGE, _ROLL, _REST, _BACK = -4.5, -3.0, -2.0, -0.5
#: Devices that belong together seldom part in the middle of a day.
_PART = 4.0


@dataclass(slots=True)
class Bearing:
    """What holds at one picture: guesses with their probabilities, best first; no guess is "none of them"."""

    picture: Spot
    choices: list[tuple[float, Guess]]
    #: The shift in flicks after refinement, and how it was found.
    flicks: int = 0
    origin: str = ""
    drift: float = 0.0

    @property
    def sure(self) -> float:
        """The probability of the best guess."""
        return self.choices[0][0] if self.choices else 0.0


def path(pictures: Unit, listener: Listener, guesses: Sequence[Guess]) -> list[Bearing]:
    """The probability of each guess at each picture, by all the pictures before and after it."""
    spots = in_turn(pictures.spots)
    count = len(guesses)
    fits = [
        [listener.best(spot, guess.at(spot), loose=guess.loose)[0] for guess in guesses] + [0.0]
        for spot in spots
    ]
    none = NONE - (_PART / 2 if listener.usual >= ROLLING else 0.0)
    prior = [guess.prior for guess in guesses] + [none]
    turn = [guess.prior for guess in guesses] + [none - _PART]
    ease = [_change(spots[at - 1], spots[at]) if at else 0.0 for at in range(len(spots))]
    forward = _run(fits, prior, turn, ease)
    backward = _back(fits, turn, ease)
    bearings = []
    for at, spot in enumerate(spots):
        joint = [forward[at][k] + backward[at][k] for k in range(count + 1)]
        top = max(joint)
        weights = [exp(value - top) for value in joint]
        total = sum(weights)
        choices = _merged([(weights[k] / total, guesses[k]) for k in range(count)])
        choices.sort(key=lambda choice: (-choice[0], -choice[1].prior, choice[1].shift))
        bearings.append(Bearing(spot, choices))
    return bearings


def _merged(choices: list[tuple[float, Guess]]) -> list[tuple[float, Guess]]:
    """One choice for each shift, whichever habits it was found with."""
    found: dict[tuple[float, float], tuple[float, Guess]] = {}
    for weight, guess in choices:
        key = (guess.shift, guess.stretch)
        before, other = found.get(key, (0.0, guess))
        found[key] = (before + weight, other if other.prior > guess.prior else guess)
    return list(found.values())


def _change(one: Spot, two: Spot) -> float:
    if two.a < one.a:
        return _BACK
    if two.a - one.b > 3 * 3600.0:
        return _REST
    return _ROLL if one.item.roll != two.item.roll else _CHANGE


def _run(
    fits: Sequence[Sequence[float]], prior: Sequence[float], turn: Sequence[float], ease: Sequence[float]
) -> list[list[float]]:
    """Forward log probabilities, this picture's fit included; a change goes to any guess as `turn` tells."""
    now = [start + fit for start, fit in zip(prior, fits[0], strict=True)]
    steps = [now]
    for at in range(1, len(fits)):
        top = max(now)
        reach = top + log(sum(exp(value - top) for value in now)) + ease[at]
        now = [fit + _sum(value, reach + way) for fit, value, way in zip(fits[at], now, turn, strict=True)]
        steps.append(now)
    return steps


def _back(fits: Sequence[Sequence[float]], turn: Sequence[float], ease: Sequence[float]) -> list[list[float]]:
    """Log probabilities of all that comes after each picture."""
    now = [0.0] * len(turn)
    steps = [now]
    for at in range(len(fits) - 1, 0, -1):
        later = [value + fit for value, fit in zip(now, fits[at], strict=True)]
        ways = [value + way for value, way in zip(later, turn, strict=True)]
        top = max(ways)
        reach = top + log(sum(exp(value - top) for value in ways)) + ease[at]
        now = [_sum(value, reach) for value in later]
        steps.append(now)
    return steps[::-1]


def _sum(one: float, two: float) -> float:
    """The log of the sum of two probabilities told as logs."""
    if one < two:
        one, two = two, one
    return one if one - two > 30.0 else one + log(1.0 + exp(two - one))
