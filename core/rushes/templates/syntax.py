"""What a template may say, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rushes.columns import META, NAMES
from rushes.config.nearest import nearest
from rushes.templates.names import refused, whole_name

#: What a template may name beside the columns.
DERIVED: Mapping[str, str] = {
    "day": "date of the recording: of recorded, else of created or modified by this machine's clock",
    "roll": "reel, else the card",
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
    """The folders of a template, from the outside in. Raises ValueError: fact, remedy."""
    names: list[list[str | Field]] = [[]]
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match["loose"]:
            raise ValueError(
                f"a '{piece}' stands alone; write {{NAME}} for a field, {piece * 2} for the character"
            )
        if match["field"] is not None:
            names[-1].append(_field(match["field"]))
        elif piece == "/":
            names.append([])
        else:
            names[-1].append(_checked(piece[:1] if piece in {"{{", "}}"} else piece))
    found = tuple(tuple(name) for name in names)
    for place, name in enumerate(found):
        _check(name, first=place == 0)
    return found


def _field(written: str) -> Field:
    name, colon, default = written.partition(":-")
    if name not in _FIELDS and not (name.startswith(META_DOT) and name != META_DOT):
        raise ValueError(f"unknown field '{name}'; {_remedy(name)}")
    return Field(name, _checked(default) if colon else None)


def _remedy(name: str) -> str:
    word, colon, default = name.partition(":")
    if colon and word in _FIELDS:
        return f"write {{{word}:-{default}}} for a default"
    if name.startswith(META.name):
        key = _BY_KEY.fullmatch(name)
        return f"write {{{META_DOT}{key[1] if key else 'KEY'}}}"
    near = nearest(name.strip(), _FIELDS)
    return (
        f"did you mean '{near}'?"
        if near
        else f"there is what pipeline columns lists, {' and '.join(DERIVED)}"
    )


def _checked(text: str) -> str:
    wrong = next((char for char in text if refused(char)), None)
    if wrong is not None:
        shown = wrong if wrong.isprintable() else f"U+{ord(wrong):04X}"
        raise ValueError(f"'{shown}' cannot stand in the name of a folder on every disk; remove it")
    return text


def _check(name: Name, *, first: bool) -> None:
    if not name:
        fact = "begins with '/', or is empty" if first else "has nothing behind a '/'"
        raise ValueError(f"{fact}; write folders below the sink's, as in {{day}}/{{roll}}")
    written = [piece for piece in name if isinstance(piece, str)]
    if len(written) == len(name) and whole_name(text := "".join(written)) != text:
        raise ValueError(f"'{text}' is not a name that every disk takes; write '{whole_name(text)}'")
