"""How well a solution knows a day's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rushes_match.items import Solution

from .day_maker import Day
from .day_truth import Ids


@dataclass
class Score:
    """Counts over one day or many. `precision` and `recall` are of pairs in state matched."""

    right: int = 0
    wrong: int = 0
    found: int = 0
    told: int = 0
    #: True pairs that were flagged ambiguous, and false ones.
    flagged: int = 0
    doubted: int = 0
    false: list[Ids] = field(default_factory=list)
    missed: list[Ids] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.told if self.told else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right, self.wrong + other.wrong, self.found + other.found, self.told + other.told,
            self.flagged + other.flagged, self.doubted + other.doubted,
        )  # fmt: skip


def score(day: Day, solution: Solution) -> Score:
    """Grey pairs count nowhere; a blind day's matches are all guesses, the right ones too."""
    states = {(pair.picture, pair.sound): pair.state for pair in solution.pairs}
    if len(states) != len(solution.pairs):
        twice = [ids for ids, n in Counter((p.picture, p.sound) for p in solution.pairs).items() if n > 1]
        raise AssertionError(f"pairs are told twice: {twice[:3]}")
    matched = {ids for ids, state in states.items() if state == "matched"} - day.grey
    ambiguous = {ids for ids, state in states.items() if state == "ambiguous"} - day.grey
    right = set() if day.blind else matched & day.true.keys()
    return Score(
        right=len(right),
        wrong=len(matched - right),
        found=len(matched & day.told),
        told=len(day.told),
        flagged=len(ambiguous & day.true.keys()),
        doubted=len(ambiguous - day.true.keys()),
        false=sorted(matched - right),
        missed=sorted(day.told - matched),
    )


def total(scores: Iterable[Score]) -> Score:
    """All of them as one."""
    return sum(scores, Score())
