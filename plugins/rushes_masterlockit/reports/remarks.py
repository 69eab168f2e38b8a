"""What was said about a take in words."""

from __future__ import annotations

from collections.abc import Iterable

from rushes_masterlockit.reports.reading import each, flag, number, text, words
from rushes_masterlockit.reports.rows import PRINT, Row
from rushes_masterlockit.reports.times import written


def several(values: Iterable[str], separator: str = ", ") -> str:
    """Each once, in order, without the empty ones."""
    return separator.join(dict.fromkeys(value for value in values if value))


def remarks(row: Row, *, mixed: bool) -> str:
    """Everything that was noted, and what a reader must know of the timecode.

    With `mixed` rates in one report each row tells its own.
    """
    raw, rate = row.raw, row.span.rate
    state = number(raw, "take", "printState")
    return several(
        [
            "clapper only" if flag(raw, "isClapperOnly") else "",
            "typed by hand" if flag(raw, "isManual") else "",
            f"print state {state}" if state not in {None, 0, PRINT} else "",
            *words(raw, "sound_types"),
            comment(row),
            *logs(row),
            f"timecode impossible at {rate or 'any rate'}" if row.span.wrong else "",
            f"timecode at {rate or 'unknown rate'}" if mixed and row.span.start else "",
        ],
        "; ",
    )


def comment(row: Row) -> str:
    """The comments on clip, take, label and slate, and the preset ones."""
    raw = row.raw
    return several(
        [
            text(raw, "comment"),
            text(raw, "take", "comment"),
            *words(raw, "take", "presetComments"),
            text(raw, "clipLabel", "comment"),
            text(raw, "slate", "comment"),
        ],
        "; ",
    )


def logs(row: Row) -> list[str]:
    """What was noted while it ran, each behind its label."""
    said = []
    for entry in each(row.raw, "clipLogs"):
        seconds = number(entry, "tcSeconds")
        label = "" if seconds is None else written(seconds, number(entry, "tcFrames") or 0, row.span.rate)
        said.append(f"{label} {several([text(entry, 'comment'), *words(entry, 'presetComments')])}".strip())
    return said
