"""The right word for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice that is spelt most like `word`; "" when none is close."""
    choices = sorted(choices)
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the nearest one, else all there are."""
    choices = sorted(choices)
    if near := nearest(word, choices):
        return f"did you mean '{near}'?"
    return f"there is {', '.join(choices)}" if choices else "there is none"
