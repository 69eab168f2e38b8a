"""The status document as a screen that fits: what matters most first, lists cut by the height there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from rushes.cells import shortened
from rushes.cli import sections
from rushes.cli.plain import ORDER, heading, left_of
from rushes.cli.sections import Section
from rushes.cli.text import count, printable

_STATE = {"parked": "bold red", "waiting": "yellow", "running": "cyan", "done": "green"}
#: Rows of a screen that nobody limits: as `status` without `--watch` prints it.
TALL = 10_000


def screen(
    document: Mapping[str, Any], note: str = "", *, width: int = 80, height: int = TALL
) -> RenderableType:
    """At most `height` rows of at most `width` columns; `note` is the last of them.

    `document` is `Status` with the `file` as its pipeline was named; `devices` of `Devices` are told where it has them.
    """
    lines = [_heading(document, width), *_counts(document["counts"], width)]
    foot = [Text(shortened(printable(note), width), style="bold")] if note else []
    told = [
        each(document, width)
        for each in (
            sections.attention,
            sections.current,
            sections.components,
            sections.devices,
            sections.waits,
        )
    ]
    told = [section for section in told if section.lines]
    room = height - len(lines) - len(foot)
    shares = _shares(told, room)
    left = room - sum(shares)
    for section, share in zip(told, shares, strict=True):
        if section.roomy and share == section.wanted and len(section.roomy) - share <= left:
            left -= len(section.roomy) - share
            lines += section.roomy
        else:
            lines += section.cut(share, width)
    rows = [*lines[: max(1, height - len(foot))], *foot]
    for row in rows:
        row.no_wrap, row.overflow = True, "crop"
    return Group(*rows)


def _shares(told: Sequence[Section], room: int) -> list[int]:
    """How many rows each section gets: its least in the order of what matters, then a row each in turn."""
    wanted = [section.wanted for section in told]
    shares = [0] * len(told)
    for number, section in enumerate(told):
        shares[number] = min(section.least, wanted[number], max(0, room - sum(shares)))
    left = room - sum(shares)
    while left > 0 and shares != wanted:
        for number, want in enumerate(wanted):
            if left > 0 and shares[number] < want:
                shares[number] += 1
                left -= 1
    return shares


def _heading(document: Mapping[str, Any], width: int) -> Text:
    name = shortened(printable(document["pipeline"]), width // 3)
    return Text(shortened(heading({**document, "pipeline": name}), width), style="bold")


def _counts(counts: Mapping[str, Any], width: int) -> list[Text]:
    """Jobs by state, and what is left, at what rate, for how long: on one line where it fits, else on two."""
    jobs = Text(count(counts["clips"], "clip"))
    if number := sum(counts["jobs"].values()):
        jobs.append(f"  {count(number, 'job')}:")
    for state in ORDER:
        if number := counts["jobs"].get(state):
            jobs.append("  ").append(f"{number} {state}", style=_STATE.get(state, "dim"))
    if not counts["files_remaining"]:
        return [_cut(jobs, width)]
    left = left_of(counts)
    if jobs.cell_len + len(left) + 3 <= width:
        return [jobs.append("  ").append(left, style="bold")]
    return [Text(shortened(left, width), style="bold"), _cut(jobs, width)]


def _cut(text: Text, width: int) -> Text:
    text.truncate(width, overflow="ellipsis")
    return text
