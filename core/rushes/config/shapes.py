"""What to write where something of another shape is needed, in the words of what stands there."""

from __future__ import annotations

import re

from rushes.config.document import Entries, Node, Scalar
from rushes.config.places import mark_opens

_WORD = re.compile(r"[\w.-]+")


def as_list(node: Node, key: str, example: str) -> str:
    """What to write for a list under `key`, of which `example` is an entry."""
    if isinstance(node, Scalar) and "id" not in example:
        words = re.split(r"[,;\s]+", node.text)
        if all(_WORD.fullmatch(word) for word in words):
            return f"[{', '.join(words)}]"
    if isinstance(node, Entries) and node.entries:
        if all(isinstance(value, Scalar) and value.value is None for _, value in node.entries.values()):
            return f"[{', '.join(node.entries)}]"
        if node.entries.keys() & {"id", "use", "sink", "when"}:
            keys = [f"{each}: ..." for each in node.entries]
            if mark_opens(node.mark):
                return f"[{{{', '.join(keys)}}}], with brackets"
            return f"'- {keys[0]}' for each entry"
        if all(isinstance(value, Entries) for _, value in node.entries.values()):
            (name, (_, value)) = next(iter(node.entries.items()))
            return f"[{_named(name, value, _name_of(key))}]"
    return f"[{example}]"


def by_name(node: Node, key: str) -> str | None:
    """What to write for `NAME: {KEY: ...}`, an entry whose name stands where its first key should; None for others.

    `key` is that of the list.
    """
    if not isinstance(node, Entries) or len(node.entries) != 1:
        return None
    (name, (_, value)) = next(iter(node.entries.items()))
    if isinstance(value, Entries) or (isinstance(value, Scalar) and value.value is None):
        return _named(name, value, _name_of(key))
    return None


def _name_of(key: str) -> str:
    """The key under which an entry of that list has its name."""
    return {"to": "sink", "steps": "use", "prepare": "use"}.get(key, "id")


def _named(name: str, value: Node, key: str) -> str:
    more = list(value.entries) if isinstance(value, Entries) else []
    keys = [f"{key}: {name}", *(f"{each}: ..." for each in more if each != key)]
    return f"{{{', '.join(keys)}}}"
