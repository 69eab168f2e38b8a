"""What a template may say, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rushes.columns import META, NAMES
from rushes.config.nearest import nearest
from rushes.config.part import PartError
from rushes.templates.names import refused, unseen, whole_name

#: What a template may name beside the columns.
DERIVED: Mapping[str, str] = {
    "day": "date of the recording: of recorded, else of created or modified by this machine's clock",
    "roll": "reel, else the card",
}
#: What other systems call them.
_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("date", "today", "shooting_day", "yyyy-mm-dd"), "day"),
    **dict.fromkeys(("filename", "file", "clip"), "name"),
    **dict.fromkeys(("ext", "suffix"), "extension"),
    **dict.fromkeys(("tape", "magazine"), "reel"),
    **dict.fromkeys(("production", "show"), "project"),
}
META_DOT = f"{META.name}."

_FIELDS = (NAMES - {META.name}) | DERIVED.keys()
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}]*)\}|(?P<loose>[{}])|/|[^{}/]+")
_BY_KEY = re.compile(r"meta\[\s*['\"]?(.*?)['\"]?\s*\]")


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of a clip; `default` stands in where it is not."""

    name: str
    default: str | None = None


#: One folder: texts and fields.
Name = tuple[str | Field, ...]

#: Stands for the clip's own folders on its card.
FOLDERS: Name = (Field("folder"),)


def read(text: str) -> tuple[Name, ...]:
    """The folders of a template, from the outside in. Raises PartError, a ValueError: fact, remedy and place."""
    names: list[list[str | Field]] = [[]]
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match["loose"]:
            fact = f"a '{piece}' stands alone; write {{NAME}} for a field, {piece * 2} for the character"
            raise PartError(fact, match.start(), 1)
        if match["field"] is not None:
            names[-1].append(_field(match["field"], match.start("field")))
        elif piece == "/":
            names.append([])
        else:
            names[-1].append(_checked(piece[:1] if piece in {"{{", "}}"} else piece, match.start()))
    found = tuple(tuple(name) for name in names)
    begins = 0
    for place, (name, written) in enumerate(zip(found, text.split("/"), strict=False)):
        _check(name, begins, len(written), first=place == 0)
        begins += len(written) + 1
    return found


def _field(written: str, begins: int) -> Field:
    name, colon, default = written.partition(":-")
    if name not in _FIELDS and not (name.startswith(META_DOT) and name != META_DOT):
        raise PartError(f"unknown field '{name}'; {_remedy(name)}", begins, max(1, len(written)))
    return Field(name, _checked(default, begins + len(name) + len(colon)) if colon else None)


def _remedy(name: str) -> str:
    word, colon, default = name.partition(":")
    if colon and word in _FIELDS:
        return f"write {{{word}:-{default}}} for a default"
    if name.startswith(META.name):
        key = _BY_KEY.fullmatch(name)
        return f"write {{{META_DOT}{key[1] if key else 'KEY'}}}"
    near = _CALLED.get(name.strip().lower()) or nearest(name.strip(), _FIELDS)
    return (
        f"did you mean '{near}'?"
        if near
        else f"there is what pipeline columns lists, {' and '.join(DERIVED)}"
    )


def _checked(text: str, begins: int) -> str:
    for at, char in enumerate(text):
        if refused(char) or unseen(char):
            shown = char if char.isprintable() else f"U+{ord(char):04X}"
            fact = f"'{shown}' cannot stand in the name of a folder on every disk; remove it"
            raise PartError(fact, begins + at, 1)
    return text


def _check(name: Name, begins: int, length: int, *, first: bool) -> None:
    if not name:
        fact = "begins with '/', or is empty" if first else "has nothing behind a '/'"
        told = f"{fact}; write folders below the sink's, as in {{day}}/{{roll}}"
        raise PartError(told, max(0, begins - (not first)), 1)
    written = [piece for piece in name if isinstance(piece, str)]
    if len(written) == len(name) and whole_name(text := "".join(written)) != text:
        below = set(text) == {"."}
        remedy = "write folders below the sink's" if below else f"write '{whole_name(text)}'"
        fact = f"'{text}' is not a name that every disk takes; {remedy}"
        raise PartError(fact, begins, length)
