"""Places in the files of a pipeline, and errors that show their line with a caret."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from rushes.errors import ConfigError
from rushes.words import printable

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WIDEST_EXCERPT = 120


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file that was read: its name as people know it, and its text."""

    file: Path
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 0; `length` characters of that line are meant."""

    source: Source = field(repr=False)
    line: int
    column: int
    length: int = 1

    @property
    def where(self) -> str:
        """`file:line:column`, counted from 1."""
        return f"{self.source.file}:{self.line + 1}:{self.column + 1}"

    @property
    def folder(self) -> Path:
        """Where relative paths start that are written here, absolute."""
        return self.source.file.absolute().parent

    def seen_from(self, other: Mark) -> str:
        """The place as a reader of `other` finds it: `line 3`, or `common.yaml:3` in another file."""
        line = self.line + 1
        return f"line {line}" if self.source is other.source else f"{self.source.file}:{line}"


class FileError(ConfigError):
    """A ConfigError in one line, with its place in a file; `told` says that another error tells of it already."""

    told = False

    def __init__(self, message: str, mark: Mark) -> None:
        # What it quotes may hold line breaks.
        one_line = printable(" ".join(message.splitlines()))
        super().__init__(one_line, where=mark.where, excerpt=_excerpt(mark))
        self.mark = mark

    def veil(self, secrets: Collection[Mark]) -> None:
        """Blot out in the excerpt what stands at those places."""
        self.excerpt = _excerpt(self.mark, secrets)


def mark_opens(mark: Mark) -> bool:
    """Whether a bracket stands there."""
    line = BREAK.split(mark.source.text)[mark.line]
    return line[mark.column :].startswith(("{", "["))


def mark_at(source: Source, index: int, length: int = 1) -> Mark:
    """The place of a character of the text."""
    before = BREAK.split(source.text[:index])
    return Mark(source, len(before) - 1, len(before[-1]), length)


def _excerpt(mark: Mark, secrets: Collection[Mark] = ()) -> str:
    lines = BREAK.split(mark.source.text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    if not line.strip():
        return ""  # there is nothing to show
    for secret in secrets:
        if secret.source is mark.source and secret.line == mark.line:
            end = secret.column + secret.length
            line = line[: secret.column] + "*" * len(line[secret.column : end]) + line[end:]
    left = max(0, mark.column - _WIDEST_EXCERPT // 2) if len(line) > _WIDEST_EXCERPT else 0
    shown = line[left : left + _WIDEST_EXCERPT]
    indent = "".join("\t" if char == "\t" else " " for char in shown[: mark.column - left])
    carets = "^" * max(1, min(mark.length, len(shown) - len(indent)))
    return f"{shown}\n{indent}{carets}"
