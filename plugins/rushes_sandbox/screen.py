"""The demo on a terminal: its story line by line, then one table of what arrived."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rushes_sandbox.evidence import Delivered
from rushes_sandbox.verdict import Verdict

_COLUMNS = {
    "clip": "left",
    "take": "left",
    "sound": "left",
    "record": "left",
    "file": "left",
    "channel": "left",
    "size": "right",
    "parts": "right",
    "re-sent": "right",
    "verified": "left",
}
#: What a narrow terminal goes without, first things first: what differs there is told as a problem too.
_SPARED = ("parts", "channel", "size", "re-sent", "file", "sound")
_GAP = 2
#: Cells of a mark and eight digits of a digest.
_VERIFIED = 10
_DIGITS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def say(console: Console, started: float, line: str) -> None:
    """A line of the story, in markup."""
    console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {line}")


def show(console: Console, verdict: Verdict, conflicts: Sequence[Mapping[str, Any]], took_s: float) -> None:
    """What came of it."""
    console.print()
    console.print(_table(verdict.clips, console.width))
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
        "records and sound are where they belong, everything arrived once, and is what was sent"
        if verdict.holds
        else "not everything is as it must be"
    )
    console.print(f"{end} ({took_s:.0f} s)", style="bold green" if verdict.holds else "bold red")


def _table(clips: Sequence[Delivered], width: int) -> Table:
    """With as many columns as have room; a problem is never spared, but broken into lines."""
    rows = [dict(zip(_COLUMNS, _row(clip), strict=True)) for clip in clips]
    shown = list(_COLUMNS)
    for heading in _SPARED:
        if sum(_GAP + _broad(rows, column) for column in shown) - _GAP <= width:
            break
        shown.remove(heading)
    table = Table(box=None, header_style="bold", padding=(0, _GAP, 0, 0), pad_edge=False)
    for heading in shown:
        table.add_column(
            heading,
            justify="right" if _COLUMNS[heading] == "right" else "left",
            no_wrap=heading != "verified",
        )
    for device, group in groupby(zip(clips, rows, strict=True), lambda pair: pair[0].device):
        table.add_row()
        table.add_row(f"[bold cyan]{escape(device or 'a card, not of the set')}[/]")
        for _, row in group:
            table.add_row(*(row[heading] for heading in shown))
    return table


def _broad(rows: Sequence[Mapping[str, str]], heading: str) -> int:
    """Cells of a column. What is wrong with a clip does not count: it is told in as many lines as it needs."""
    told = (Text.from_markup(row[heading]).cell_len for row in rows)
    most = max([len(heading), *told])
    return min(most, _VERIFIED) if heading == "verified" else most


def _row(clip: Delivered) -> tuple[str, ...]:
    agree = not clip.record_timecode or clip.record_timecode == clip.timecode
    mark = f"[red]{escape(clip.problem)}[/]" if clip.problem else f"[green]✓ {clip.sha256[:8]}[/]"
    return (
        f"  {escape(clip.name)}",
        take(clip),
        escape(clip.sound) or "[dim]-[/]",
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
