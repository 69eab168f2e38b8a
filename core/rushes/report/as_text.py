"""A day as text for 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len

from rushes.cells import fitted, shortened
from rushes.report.telling import (
    Report,
    between,
    card_words,
    gaps,
    handed_words,
    handover_words,
    made_words,
    moment,
    runs,
    shot_words,
    undelivered,
    where_words,
    why_words,
)
from rushes.words import printable, size

WIDTH = 80
_CARD = ("CARD", 12), ("CAMERA", 8), ("CLIPS", 5), ("LENGTH", 8), ("SIZE", 8), ("TIMECODE", 27)
_CLIP = ("CLIP", 34), ("SCENE", 8), ("SLATE", 6), ("TAKE", 5), ("OK", 2), ("LENGTH", 8), ("SIZE", 8)
_RIGHT = frozenset({"CLIPS", "LENGTH", "SIZE"})


def as_text(report: Report) -> str:
    """No line is wider than 80 columns; what matters most comes first."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    day = report["day"]
    yield from _said(f"{report['pipeline']}: shooting day {day}, {made_words(report)}")
    yield from _said(f"Shot: {shot_words(report)}.")
    yield from _said(f"Delivered: {handed_words(report)}.")
    yield from _section(
        "Not delivered yet",
        undelivered(report),
    )
    yield from _section("Missing", gaps(report))
    yield from _section(
        "Delivered to", (f"{each['sink']}: {handover_words(each, day)}" for each in report["handovers"])
    )
    if report["cards"]:
        yield from _head("Cards")
        yield _row(_CARD, [name for name, _ in _CARD])
        for card in report["cards"]:
            span = between(card["timecode"], card["timecode_end"])
            yield _row(
                _CARD,
                (
                    card["card"],
                    card["camera"],
                    str(card["clips"]),
                    runs(card["duration"]),
                    size(card["bytes"]),
                    span,
                ),
            )
            told = filter(None, [f"seen {moment(card['seen'], day)}", card_words(card, day)])
            yield from _said(", ".join(told), 4)
    if report["clips"]:
        yield from _head("Clips")
        yield _row(_CLIP, [name for name, _ in _CLIP])
        for clip in report["clips"]:
            yield from _clip(clip, day)


def _clip(clip: Mapping[str, Any], day: str) -> Iterator[str]:
    ok = "*" if clip["circled"] else "x" if clip["waste"] else ""
    yield _row(
        _CLIP,
        (
            f"{clip['card']}/{clip['path']}", clip["scene"], clip["slate"], clip["take"], ok, runs(clip["duration"]),
            size(clip["size"]),
        ),
    )  # fmt: skip
    told = [between(clip["timecode"], clip["timecode_end"]), f"at {clip['rate']}" if clip["rate"] else ""]
    told += ["MOS" if clip["mos"] else "", "still being recorded" if not clip["complete"] else ""]
    sound = f"sound {', '.join(clip['sounds'])}" if clip["sounds"] else "no sound" if clip["silent"] else ""
    for line in (", ".join(filter(None, told)), sound, clip["note"]):
        if line:
            yield from _said(line, 4)
    for line in (*where_words(clip, day), *why_words(clip)):
        yield from _said(line, 4)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield from _head(title)
    for line in told:
        yield from _said(line, 2)


def _head(title: str) -> Iterator[str]:
    yield ""
    yield title
    yield "-" * len(title)


def _row(columns: Sequence[tuple[str, int]], values: Iterable[str]) -> str:
    cells = (
        fitted(printable(value), width, right=name in _RIGHT)
        for (name, width), value in zip(columns, values, strict=True)
    )
    return " ".join(cells).rstrip()


def _said(text: str, indent: int = 0) -> Iterator[str]:
    """Wrapped; a word that is wider than a line loses its middle."""
    room = WIDTH - indent
    words = " ".join(shortened(word, room - 2) for word in printable(text).split(" "))
    for number, line in enumerate(_wrap(words, room)):
        yield " " * indent + ("  " if number else "") + line


def _wrap(text: str, room: int) -> Sequence[str]:
    """As textwrap does, by columns: a wide character stands for two."""
    wide = "".join(char + "\0" * (cell_len(char) - 1) for char in text)
    lines = textwrap.wrap(wide, room - 2, break_on_hyphens=False)
    return [line.replace("\0", "") for line in lines]
