"""Places in a file, and errors that show their line with a caret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rushes.errors import ConfigError

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WIDEST_EXCERPT = 120


class FileError(ConfigError):
    """A ConfigError with its place in the pipeline file; `others` are the file's further errors, in order."""

    others: tuple[FileError, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file, counted from 0; `length` characters of that line are meant."""

    line: int
    column: int
    length: int = 1


def mark_at(text: str, index: int) -> Mark:
    """The place of a character of the text."""
    before = BREAK.split(text[:index])
    return Mark(len(before) - 1, len(before[-1]))


def error_at(file: Path, text: str, mark: Mark, message: str) -> FileError:
    """An error at a place of the file whose text this is."""
    where = f"{file}:{mark.line + 1}:{mark.column + 1}"
    return FileError(message, where=where, excerpt=_excerpt(text, mark))


def _excerpt(text: str, mark: Mark) -> str:
    lines = BREAK.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    left = max(0, mark.column - _WIDEST_EXCERPT // 2) if len(line) > _WIDEST_EXCERPT else 0
    shown = line[left : left + _WIDEST_EXCERPT]
    indent = "".join("\t" if char == "\t" else " " for char in shown[: mark.column - left])
    carets = "^" * max(1, min(mark.length, len(shown) - len(indent)))
    return f"{shown}\n{indent}{carets}"
