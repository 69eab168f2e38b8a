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

#: Under which other tools put the options of a component.
_BESIDE = frozenset({"options", "config", "settings", "params", "parameters", "with", "args", "arguments"})

#: What other tools call a key, and what it is called here: the first of these that may stand there.
_ALSO = {
    "name": ("id", "pipeline"),
    **dict.fromkeys(("type", "plugin", "component", "using", "driver"), ("use",)),
    **dict.fromkeys(
        ("dir", "directory", "folder", "location", "root", "destination"), ("path", "to", "sinks")
    ),
    **dict.fromkeys(("destinations", "targets", "outputs", "deliver"), ("to", "sinks")),
    **dict.fromkeys(("sink", "target", "output", "then"), ("to", "sinks")),
    **dict.fromkeys(("inputs", "watch", "cards", "ingest"), ("sources",)),
    **dict.fromkeys(("if", "rule", "filter", "where", "condition", "match"), ("when",)),
    **dict.fromkeys(("otherwise", "default", "fallback"), ("else",)),
    **dict.fromkeys(("transforms", "process", "transcode", "actions"), ("steps",)),
    **dict.fromkeys(("rules", "filters"), ("routes",)),
    **dict.fromkeys(("annotators", "metadata"), ("prepare",)),
    **dict.fromkeys(("variables", "env", "parameters"), ("vars",)),
    **dict.fromkeys(("imports", "import", "includes"), ("include",)),
}


def nearest(word: str, choices: Iterable[str], *, alike: float = 0.6) -> str:
    """The choice that is spelt most like `word`; "" when none is at least so much `alike`, of 1."""
    choices = sorted(choices)
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[close[0]] if close else ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the nearest one, else all there are."""
    choices = sorted(choices)
    if near := nearest(word, choices):
        return f"did you mean '{near}'?"
    return f"there is {', '.join(choices)}" if choices else "there is none"


def unknown_key(key: str, choices: Iterable[str]) -> str:
    """A key that cannot stand among these: fact and remedy."""
    choices = set(choices)
    if key == "<<":
        return "unknown key '<<'; write the keys out, for YAML's merging is not known here"
    if "${" in key:
        return f"unknown key '{key}'; a key cannot be a reference, write it out"
    if key in _BESIDE and "use" in choices:
        return f"unknown key '{key}'; write what is under it beside 'use'"
    home = _HOMES.get(key)
    also = next((word for word in _ALSO.get(key, ()) if word in choices), "")
    if also and not home:
        return f"unknown key '{key}'; did you mean '{also}'?"
    return f"unknown key '{key}'; {f'it belongs {home}' if home else did_you_mean(key, choices)}"
