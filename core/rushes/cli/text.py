"""Facts as text for people who sit at a terminal: moments, facts of components, commands, tables."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rushes.words import count, printable, size, span

__all__ = [
    "clock", "columns", "count", "for_file", "printable", "said", "size", "span", "terminal_width", "why", "wrapped",
]  # fmt: skip


_COMMAND = re.compile(r"\b(pipeline(?: [a-z]+)+) FILE\b")


def for_file(text: str, file: str) -> str:
    """The text with the file's name in the commands that it tells: `pipeline queue FILE list` can be run then."""
    return _COMMAND.sub(lambda found: f"{found[1]} {shlex.quote(file)}", text) if file else text


def said(facts: Mapping[str, Any]) -> str:
    """Facts in a line: `connected, project Nocturne, not paused`.

    A fact called `..._at` is a moment in epoch seconds, told as its age while that is under a minute, `..._since` one
    from which on something is so; `attention` is told elsewhere. That nothing answers comes first.
    """
    names = sorted((name for name in facts if name != "attention"), key=lambda name: name != "silent_since")
    return ", ".join(_said(name, facts[name]) for name in names)


def _said(name: str, value: Any) -> str:
    match value:
        case bool():
            return name if value else f"not {name}"
        case float() | int() if name.endswith("_at"):
            return f"{name.removesuffix('_at')} {_moment(value)}"
        case float() | int() if name.endswith("_since"):
            return f"{name.replace('_', ' ')} {clock(value)}"
        case Mapping():
            return f"{name} ({said(value)})"
        case _:
            return f"{name} {value}"


def _moment(epoch: float) -> str:
    age = time.time() - epoch
    return f"{age:.1f} s ago" if 0 <= age < 60 else clock(epoch)


def clock(epoch: float | None) -> str:
    """Local wall time, with the date where it is not today."""
    if not epoch:
        return "-"
    then = time.localtime(epoch)
    today = time.strftime("%Y-%m-%d", then) == time.strftime("%Y-%m-%d")
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S", then)


def why(thing: Mapping[str, Any]) -> str:
    """The reason of a job or step, and when it goes on: at the latest then, where it waits for something."""
    reason = str(thing["reason"] or "")
    if not thing["until"]:
        return reason
    if reason.startswith("waiting for "):
        return f"{reason}, until {clock(thing['until'])} at most"
    return f"{reason} (until {clock(thing['until'])})"


def columns(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    """Rows under a head, aligned by spaces; the columns in `right` to the right."""
    cells = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    flush = frozenset(right)
    return [
        "  ".join(
            cell.rjust(width) if index in flush else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


#: A sentence in fewer columns than this is no longer read as one.
_NARROWEST = 24


def terminal_width() -> int | None:
    """The columns of the terminal, or of the variable COLUMNS; None where the output goes elsewhere."""
    return shutil.get_terminal_size((0, 0)).columns or None


def wrapped(
    head: Sequence[str], rows: Iterable[Sequence[str]], width: int | None, *, right: Iterable[int] = ()
) -> list[str]:
    """As `columns`, no wider than `width`: the last column goes on in the next line, or below its row, indented, where
    nothing is left for it.
    """
    cells = [list(head), *(list(row) for row in rows)]
    flush = list(right)
    whole = columns(cells[0], cells[1:], right=flush)
    if width is None or max(map(len, whole)) <= width:
        return whole
    first = columns(cells[0][:-1], [row[:-1] for row in cells[1:]], right=flush)
    begins = max(map(len, first)) + 2
    beside = width - begins >= _NARROWEST
    indent = begins if beside else 4
    lines: list[str] = []
    for line, row in zip(first, cells, strict=True):
        told = textwrap.wrap(printable(row[-1]), width - indent, break_on_hyphens=False)
        if beside:
            lines.append((line.ljust(begins) + (told.pop(0) if told else "")).rstrip())
        else:
            lines.append(line)
        lines += [" " * indent + more for more in told]
    return lines
