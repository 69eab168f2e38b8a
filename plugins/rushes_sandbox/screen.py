"""The demo on a terminal: its story line by line, then one table of what arrived."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rushes_sandbox.evidence import Delivered
from rushes_sandbox.verdict import Verdict

_COLUMNS = {
    "clip": "left",
    "take": "left",
    "record": "left",
    "file": "left",
    "channel": "left",
    "size": "right",
    "parts": "right",
    "re-sent": "right",
    "verified": "left",
}
_DIGITS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def say(console: Console, started: float, line: str) -> None:
    """A line of the story, in markup."""
    console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {line}")


def show(console: Console, verdict: Verdict, conflicts: Sequence[Mapping[str, Any]], took_s: float) -> None:
    """What came of it."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading, side in _COLUMNS.items():
        table.add_column(
            heading, justify="right" if side == "right" else "left", no_wrap=heading != "verified"
        )
    for device, clips in groupby(verdict.clips, lambda clip: clip.device):
        table.add_row()
        table.add_row(f"[bold cyan]{escape(device or 'a card, not of the set')}[/]")
        for clip in clips:
            table.add_row(*_row(clip))
    console.print()
    console.print(table)
    console.print()
    for name, reason in verdict.parked:
        console.print(f"parked: {name}: {reason}", style="yellow", markup=False)
    for conflict in conflicts:
        console.print(_conflict(conflict), style="yellow", markup=False)
    if verdict.placeholders:
        console.print(f"{verdict.placeholders} empty placeholder(s) left by answers that the kill lost")
    for problem in verdict.problems:
        console.print(problem, style="red", markup=False)
    end = (
        "every record is there, everything arrived once, and is what was sent"
        if verdict.holds
        else "not everything is as it must be"
    )
    console.print(f"{end} ({took_s:.0f} s)", style="bold green" if verdict.holds else "bold red")


def _row(clip: Delivered) -> tuple[str, ...]:
    agree = not clip.record_timecode or clip.record_timecode == clip.timecode
    mark = f"[red]{escape(clip.problem)}[/]" if clip.problem else f"[green]✓ {clip.sha256[:8]}[/]"
    return (
        f"  {escape(clip.name)}",
        take(clip),
        clip.record_timecode or "[dim]-[/]",
        f"[{'green' if agree else 'bold red'}]{clip.timecode}[/]" if clip.timecode else "[dim]-[/]",
        escape(clip.channel) or "[dim]primary[/]",
        _mb(clip.size),
        str(clip.parts),
        _mb(clip.resent) if clip.resent else "[dim]-[/]",
        mark,
    )


def take(clip: Delivered) -> str:
    """Scene, slate and take; a circled take is circled."""
    if not clip.take:
        return "[dim]-[/]"
    if not clip.circled:
        return escape(clip.take)
    setup, _, number = clip.take.rpartition("-")
    circled = (
        _DIGITS[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(_DIGITS) else f"({number})"
    )
    return f"[bold yellow]{escape(setup)}-{circled}[/]"


def _conflict(conflict: Mapping[str, Any]) -> str:
    return (
        f"two edits of {conflict['name']}, {conflict['path']}: "
        f"{conflict['kept']!r} stands, {conflict['lost']!r} is kept"
    )


def _mb(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
