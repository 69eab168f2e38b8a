"""`${NAME}` and `${NAME:-default}` in the values of a pipeline file; `$${` stands for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rushes.config.part import PartError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(rf"\$(\$\{{)|\$\{{(?:({NAME.pattern})(?::-([^}}]*))?\}})?")

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Expanded:
    """What a value is once its references are replaced.

    `text` is all of it, `value` that of the one reference that it consists of, with its type, else the text.
    `written` says that some of it stands in a file; `outside` is what came from the environment, with the reference
    that may be shown for it. `pieces` tell where in `text` each part begins, and which part of what was written it
    came from.
    """

    text: str
    value: Plain
    written: bool = True
    outside: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()

    def origin(self, offset: int, length: int) -> tuple[int, int]:
        """Where a part of `text` was written: offset and length there; of what was replaced, its reference."""
        last = max(length, 1)
        start, _ = self._written(offset)
        _, end = self._written(offset + last - 1)
        return start, max(1, end - start)

    def _written(self, offset: int) -> tuple[int, int]:
        """From where to where one character was written."""
        for piece in reversed(self.pieces):
            if piece.begins <= offset:
                if piece.replaced:
                    return piece.start, piece.end
                return piece.start + offset - piece.begins, piece.start + offset - piece.begins + 1
        return offset, offset + 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an expanded text that begins at `begins`, and where it was written."""

    begins: int
    start: int
    end: int
    replaced: bool


class SubstitutionError(PartError):
    """What is wrong with a reference. Where `told` says so, another error tells of it already."""

    told = False


class UnknownNameError(Exception):
    """No such name; the text is the remedy. Where `told` says so, another error tells of it already."""

    def __init__(self, message: str, *, told: bool = False) -> None:
        super().__init__(message)
        self.told = told


def expand(text: str, value: Plain, look_up: Callable[[str], Expanded]) -> Expanded:
    """The text with its references replaced; `value` is what it is where it has none.

    A default stands in for a name that is unknown or empty. `look_up` raises UnknownNameError.
    Raises SubstitutionError for an unknown name without a default, and for a malformed reference.
    """
    matches = list(_REFERENCE.finditer(text))
    if not matches:
        return Expanded(text, value, written=bool(text))
    told: list[str] = []
    pieces: list[Piece] = []
    outside: dict[str, str] = {}
    written = False
    alone: Expanded | None = None

    def add(part: str, start: int, end: int, *, replaced: bool) -> None:
        if part:
            pieces.append(Piece(sum(map(len, told)), start, end, replaced))
            told.append(part)

    position = 0
    for match in matches:
        add(text[position : match.start()], position, match.start(), replaced=False)
        written = written or position < match.start()
        position = match.end()
        alone = _replacement(match, look_up)
        add(alone.text, match.start(), position, replaced=True)
        written = written or alone.written
        outside.update(alone.outside)
    add(text[position:], position, len(text), replaced=False)
    written = written or position < len(text)
    whole = "".join(told)
    only = len(matches) == 1 and matches[0].span() == (0, len(text))
    return Expanded(whole, alone.value if alone and only else whole, written, outside, tuple(pieces))


def name_of(text: str) -> str:
    """The name of the one reference that a text consists of, "" where it is no such text."""
    match = _REFERENCE.fullmatch(text)
    return (match[2] or "") if match else ""


def names_in(text: str) -> set[str]:
    """The names that a text refers to."""
    return {match[2] for match in _REFERENCE.finditer(text) if match[2]}


def _replacement(match: re.Match[str], look_up: Callable[[str], Expanded]) -> Expanded:
    literal, name, default = match.groups()
    length = match.end() - match.start()
    if default and "${" in default:
        fact = "a default cannot hold a reference; give the inner one a name under 'vars:'"
        raise SubstitutionError(fact, match.start(), length)
    if literal:
        return Expanded(literal, literal)
    if name is None:
        fact = "'${' begins no reference; write ${NAME}, ${NAME:-default}, or $${ for the two characters"
        raise SubstitutionError(fact, match.start(), length)
    try:
        found = look_up(name)
    except UnknownNameError as error:
        if default is None:
            wrong = SubstitutionError(str(error), match.start(), length)
            wrong.told = error.told
            raise wrong from error
    else:
        if found.text or default is None:
            return found
    return Expanded(default, default, written=bool(default))
