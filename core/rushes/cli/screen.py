"""The status document as a rich screen: connections, current work with bars, counts, what needs a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from rushes.cli.plain import (
    ORDER,
    heading,
    left_words,
    remaining_words,
    switches_words,
    wait_lines,
)
from rushes.cli.text import count, for_file, printable, said, size

_COMPONENT = {
    "open": ("●", "green"),
    "opening": ("◌", "yellow"),
    "unavailable": ("●", "red"),
    "closed": ("○", "dim"),
}
_STATE = {"parked": "red", "waiting": "yellow", "running": "cyan", "done": "green"}
_ROWS = 12


def screen(document: Mapping[str, Any], note: str = "") -> RenderableType:
    """All of it; `note` is one line below."""
    blocks: list[RenderableType] = [Text(printable(heading(document)), style="bold"), _components(document)]
    if document["current"]:
        blocks += [Rule("now", style="dim", align="left"), _current(document)]
    blocks += [Rule(style="dim"), _counts(document["counts"])]
    blocks += [Text(line, style="dim") for line in wait_lines(document["route_waits"])]
    if switched := switches_words(document["switches"]):
        blocks.append(Text(switched, style="dim"))
    if document["attention"]:
        blocks += [Rule("needs you", style="yellow", align="left"), _attention(document)]
    if note:
        blocks.append(Text(note, style="bold yellow"))
    return Group(*blocks)


def _components(document: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for component in document["components"]:
        mark, colour = _COMPONENT.get(component["state"], ("?", ""))
        reason = for_file(component["reason"], document["file"])
        words = reason or said(component["facts"]) or component["state"]
        table.add_row(
            Text.assemble((mark, colour), f" {component['id']}"), Text(printable(str(words)), style="dim")
        )
    return table


def _current(document: Mapping[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, min_width=10)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    for work in document["current"][:_ROWS]:
        deliver, total = work["verb"] == "deliver", work["total"]
        table.add_row(
            Text(printable(work["name"])),
            Text(f"{'→ ' if deliver else '⚙ '}{work['component']}", style="cyan" if deliver else "magenta"),
            ProgressBar(total=total or None, completed=work["done"], pulse=not total),
            f"{work['done'] / total:.0%}" if total else "",
            size(total) if deliver and total else "",
            f"{size(work['rate'])}/s" if deliver and work["rate"] else "",
            "recording" if work["growing"] else left_words(work),
        )
    if len(document["current"]) > _ROWS:
        table.add_row(Text(f"and {len(document['current']) - _ROWS} more", style="dim"))
    return table


def _counts(counts: Mapping[str, Any]) -> RenderableType:
    text = Text(count(counts["clips"], "clip"))
    for state in ORDER:
        if number := counts["jobs"].get(state):
            text.append("  ").append(f"{number} {state}", style=_STATE.get(state, "dim"))
    if counts["files_remaining"]:
        text.append(f"  {remaining_words(counts)}")
    return text


def _attention(document: Mapping[str, Any]) -> RenderableType:
    """What is stuck and why; below it, on a line of its own to be copied, what helps."""
    items, file = document["attention"], document["file"]
    text = Text()
    for item in items[:_ROWS]:
        text.append(printable(for_file(f"{item['subject']}: {item['reason']}", file)) + "\n")
        if item["remedy"]:
            text.append(printable(for_file(f"  {item['remedy']}", file)) + "\n", style="dim")
    if len(items) > _ROWS:
        more = f"and {len(items) - _ROWS} more: pipeline queue FILE list --state parked,waiting"
        text.append(for_file(more, file), style="dim")
    text.rstrip()
    return text
