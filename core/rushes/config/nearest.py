"""The right word for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: Keys that often stand one level too high or too low, and where they belong.
_HOMES = (
    dict.fromkeys(("when", "to", "steps", "final", "else", "priority", "auto", "live", "wait"), "in a route")
    | dict.fromkeys(("for", "at_most"), "under 'wait:' of a route")
    | dict.fromkeys(
        ("match", "vars", "include", "sources", "prepare", "sinks", "routes", "observers"),
        "at the top of the file",
    )
)


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


def unknown_key(key: str, choices: Iterable[str]) -> str:
    """A key that cannot stand among these: fact and remedy."""
    home = _HOMES.get(key)
    return f"unknown key '{key}'; {f'it belongs {home}' if home else did_you_mean(key, choices)}"
