"""The line that is to blame where YAML stumbles: often the one above, which it read on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rushes.config.lookalikes import blamed

#: Line and column, from 0.
Place = tuple[int, int]
Blame = tuple[str, Place]

#: Begins an entry of a block, without the space behind the dash.
_DASH = re.compile(r"\s*-[^\s-]")
#: `key:value`.
_NO_SPACE = re.compile(r"\s*(?:- )?([A-Za-z_]+:)(?=[^\s/:])")
#: An entry of one word.
_ENTRY = re.compile(r"(\s*)- +([\w.-]+)\s*")
_KEY = re.compile(r"\s*([A-Za-z_]+):(?:\s|$)")
#: A key with its value in the same line, where the dash of an entry may stand before it.
_WHOLE = re.compile(r"(\s*(?:- +)*)([A-Za-z_]+): +[^\s|>&#]")
_ASSIGNED = re.compile(r"\s*(?:- +)?([A-Za-z_]+)\s*=\s*(?!=)")
_WORD = re.compile(r"\s*([A-Za-z_]+)\s*")
#: What is no YAML but comes with it from elsewhere.
_FOREIGN = (
    (
        re.compile(r"(<{7}|>{7})( |$)|={7}$"),
        "git left its marks of a conflict here; settle it and remove them",
    ),
    (re.compile(r"\s*(```|~~~)"), "this mark belongs to Markdown; remove it"),
    (re.compile(r"\s*(//|/\*)"), "a comment begins with '#'; write '# ' before it"),
    (re.compile(r"\s*</?[a-z]+[^>]*>"), "this is HTML; remove it"),
    (
        re.compile(r"\[\w+\]\s*$"),
        "'[NAME]' opens no section in YAML; write 'NAME:' and indent what is under it",
    ),
)


def foreign(line: str) -> tuple[int, str] | None:
    """Why a line is no YAML at all: where, fact and remedy."""
    for pattern, message in _FOREIGN:
        if pattern.match(line):
            return len(line) - len(line.lstrip()), message
    return blamed(line)


def above(lines: Sequence[str], line: int) -> int | None:
    """The last line before it in which something stands."""
    return next((at for at in range(line - 1, -1, -1) if lines[at].strip()), None)


def around(lines: Sequence[str], line: int) -> Blame | None:
    """What looks otherwise than YAML reads it, in a line or the one above."""
    before = above(lines, line)
    for at in (line if before is None else before, line):
        if at < len(lines) and (found := foreign(lines[at])):
            return found[1], (at, found[0])
    return None


def before_colon(lines: Sequence[str], line: int) -> Blame | None:
    """Why a ':' cannot stand in a line, where another line or its beginning tells."""
    here, before = lines[line], above(lines, line)
    if _DASH.match(here):
        return "a space is missing behind '-'; write '- ' before each entry", (line, here.index("-"))
    if before is None:
        return None
    last, key = lines[before], _KEY.match(here)
    if key and (entry := _ENTRY.fullmatch(last)):
        name = _name_key(lines[:before], len(entry[1]))
        fact = "an entry with keys needs one for its name, too"
        return f"{fact}; write '- {name}: {entry[2]}'", (before, entry.start(2))
    if found := _NO_SPACE.match(last):
        return f"a space is missing behind '{found[1]}'; write '{found[1]} VALUE'", (before, found.start(1))
    if assigned := _ASSIGNED.match(last):
        return _with_colon(assigned[1]), (before, assigned.start(1))
    if word := _WORD.fullmatch(last):
        return f"a ':' is missing behind '{word[1]}'; write '{word[1]}:'", (before, word.start(1))
    if key and (whole := _WHOLE.match(last)) and key.start(1) > len(whole[1]):
        return f"'{key[1]}' is indented deeper than '{whole[2]}' above; line both up", (line, key.start(1))
    return None


def no_colon(line: str) -> str | None:
    """What is wrong with a line without a ': ' that can be told from it alone."""
    if found := _NO_SPACE.match(line):
        return f"a space is missing behind '{found[1]}'; write '{found[1]} VALUE'"
    if assigned := _ASSIGNED.match(line):
        return _with_colon(assigned[1])
    return None


def without_dash(lines: Sequence[str], line: int, column: int) -> str:
    """The key that stands where an entry of a list should begin; "" for anything else."""
    here = _KEY.match(lines[line])
    last = next((each for each in reversed(lines[:line]) if re.match(r"\s*- ", each)), "")
    return here[1] if here and last and last.index("-") == column else ""


def _with_colon(key: str) -> str:
    return f"'=' gives no key its value; write '{key}: VALUE'"


def _name_key(lines: Sequence[str], indent: int) -> str:
    """The key under which an entry of the list that these lines open has its name."""
    for line in reversed(lines):
        if (key := re.match(r"(\s*)(?:- +)?([a-z]+):\s*$", line)) and len(key[1]) <= indent:
            return {"to": "sink", "steps": "use", "prepare": "use"}.get(key[2], "id")
    return "id"
