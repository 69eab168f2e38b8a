"""What the status screen is made of: sections of lines, each of which fits, by what matters most."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from rushes.cells import fitted, shortened
from rushes.cli.plain import facts_of, left_words, needing, switches_words, wait_lines
from rushes.cli.text import for_file, printable, said, size

Document = Mapping[str, Any]

#: Mark and word of a component's state; the colour says it once more.
_COMPONENT = {
    "open": ("●", "green"),
    "opening": ("◌", "yellow"),
    "unavailable": ("✗", "red"),
    "closed": ("○", "dim"),
}
#: Open, but an answer is overdue.
_SILENT = ("◌", "yellow")
#: Sinks first: whether it gets out is what people ask.
_KINDS = ("sink", "source", "transform", "annotator", "observer")
_BAR = 10
#: Columns below which a running clip's size is left out and its bar short: its name comes first.
_NARROW = 72
#: The widest column of names.
_LONGEST = 48
#: Columns of what stands before a reason.
_NAME = 14
#: What has the lists whole.
MORE = "pipeline status FILE"
QUEUE = "pipeline queue FILE list --state parked,waiting"


@dataclass(frozen=True, slots=True)
class Section:
    """`least` lines it gets before any other gets more. A line tells `across` of its `things` (0: as many as lines);
    `more` is the command that tells the rest. `roomy` are lines that tell the same uncut, for a screen that has room.
    """

    title: str
    lines: Sequence[Text]
    least: int
    more: str
    things: int = 0
    across: int = 1
    roomy: Sequence[Text] = ()

    def cut(self, room: int, width: int) -> Iterator[Text]:
        """Its first lines, and how many are left out where not all have room."""
        if room <= 0:
            return
        beyond = self.wanted > len(self.lines)
        if room >= self.wanted and not beyond:
            yield from self.lines
            return
        shown = min(room - 1, len(self.lines))
        yield from self.lines[:shown]
        left = (self.things or len(self.lines)) - shown * self.across
        words = f"  and {left} more: {self.more}" if shown else f"  {left} {self.title}: {self.more}"
        yield Text(shortened(printable(words), width), style="dim")

    @property
    def wanted(self) -> int:
        """The lines that tell all of it; one more where there are things beyond them."""
        return len(self.lines) + (self.things > len(self.lines) * self.across)


def attention(document: Document, width: int) -> Section:
    """What is stuck, why, and what helps: beside it where there is room."""
    told = needing(document)
    lines: list[Text] = []
    roomy: list[Text] = []
    for item in told:
        where, why = _place(item), printable(for_file(item["reason"], document["file"]))
        verbs, remedy = " or ".join(item["verbs"]), printable(for_file(item["remedy"], document["file"]))
        lines.append(_beside(where, why, verbs or remedy, width))
        roomy += _whole(where, why, remedy or verbs, width)
    things = sum(item["things"] for item in told)
    return Section("need you", lines, 4, for_file(QUEUE, document["file"]), things=things, roomy=roomy)


def _place(item: Document) -> str:
    """The card before the clip, where the clip's name does not begin so: there it takes the room of the number."""
    card, found, name = str(item["subject"]).partition(": ")
    return printable(name if found and name.startswith(card) else item["subject"])


def _whole(where: str, why: str, remedy: str, width: int) -> Iterator[Text]:
    """On one line where that is wide enough, else the reason and what helps below the name, uncut."""
    helps = f" → {remedy}" if remedy else ""
    if cell_len(where) + cell_len(why) + cell_len(helps) + 4 <= width:
        yield _beside(where, why, remedy, width)
        return
    yield Text.assemble(("! ", "bold yellow"), (shortened(where, width - 2), "bold"))
    for told, style in ((why, ""), (f"→ {remedy}" if remedy else "", "dim")):
        yield from _below(told, style, width)


def _below(told: str, style: str, width: int, indent: int = 4) -> Iterator[Text]:
    """Wrapped at spaces, indented."""
    cells = max(1, width - indent)
    # The library counts characters: where those are wide, half as many are sure to fit.
    lines = textwrap.wrap(told, cells if cell_len(told) == len(told) else max(1, cells // 2))
    yield from (Text(f"{' ' * indent}{_end_cut(line, cells)}", style=style) for line in lines)


def _beside(where: str, why: str, remedy: str, width: int) -> Text:
    """`! A001: A001C001.mov: no moov atom -> retry or cancel`; the remedy yields first, then both shares shrink."""
    room = width - 2
    helps = f" → {remedy}" if remedy else ""
    if cell_len(where) + cell_len(why) + 2 + cell_len(helps) > room:
        helps = f" → {shortened(remedy, max(16, room // 4))}" if remedy else ""
    left = room - cell_len(helps) - 2
    subject = shortened(where, max(left - cell_len(why), left * 2 // 5))
    reason = shortened(why, left - cell_len(subject))
    return Text.assemble(("! ", "bold yellow"), (subject, "bold"), f": {reason}", (helps, "dim"))


def components(document: Document, width: int) -> Section:
    """A line each: those that are away first, then sinks."""

    def rank(component: Document) -> tuple[bool, int]:
        well = component["state"] == "open" and not _is_silent(component)
        return well, _KINDS.index(component["kind"])

    lines: list[Text] = []
    roomy: list[Text] = []
    for component in sorted(document["components"], key=rank):
        mark, colour = _SILENT if _is_silent(component) else _COMPONENT.get(component["state"], ("?", ""))
        words = for_file(component["reason"], document["file"])
        state = "" if component["state"] == "open" else f"{component['state']}{': ' if words else ''}"
        told = ", ".join(filter(None, [state + words, said(facts_of(component, document))])) or str(
            component["state"]
        )
        name = fitted(printable(component["id"]), min(_NAME, width // 4))
        indent = cell_len(name) + 3
        lines.append(Text.assemble((mark, colour), f" {name} ", _end_cut(printable(told), width - indent)))
        first, *more = _below(printable(told), "", width, indent)
        roomy += [Text.assemble((mark, colour), f" {name} ", first.plain[indent:]), *more]
    return Section("components", lines, 2, for_file(MORE, document["file"]), roomy=roomy)


def _is_silent(component: Document) -> bool:
    return component["state"] == "open" and "silent_since" in component["facts"]


def devices(document: Document, width: int) -> Section:
    """The sub-devices on the set's network, two to a line where that fits, with battery and timecode."""
    told = []
    for device in document.get("devices", ()):
        facts = device["facts"]
        battery = facts.get("battery")
        words = [] if battery is None else [f"battery {battery}{'%' * isinstance(battery, int | float)}"]
        if not device["present"]:
            words = ["gone"]
        elif facts.get("timecode"):
            words.append(str(facts["timecode"]))
        name = printable(device["name"] or device["id"])
        told.append((device["present"], name, printable(" ".join(words))))
    told.sort(key=lambda each: (each[0], each[1]))
    across = max(1, width // 39)
    cells = width // across - 2
    texts = [_device(present, name, words, cells) for present, name, words in told]
    rows = zip_longest(*[iter(texts)] * across, fillvalue="")
    lines = [Text("  ".join(filter(None, row)).rstrip(), style="dim") for row in rows]
    more = for_file("pipeline masterlockit devices FILE", document["file"])
    return Section("devices", lines, 1, more, things=len(told), across=across)


def _device(present: bool, name: str, words: str, cells: int) -> str:
    mark = "●" if present else "○"
    words = shortened(words, cells - 8)
    return f"{mark} {fitted(name, max(5, cells - 3 - cell_len(words)))} {words}"


def current(document: Document, width: int) -> Section:
    """What runs: the name, where to, a bar, and how much is left."""
    lines = [_work(work, width) for work in document["current"]]
    return Section(
        "running", lines, 3, for_file("pipeline queue FILE list --state running", document["file"])
    )


def _work(work: Document, width: int) -> Text:
    deliver, total = work["verb"] == "deliver", work["total"]
    share = min(1.0, max(0.0, work["done"] / total)) if total else 0.0
    bar = _BAR if width >= _NARROW else _BAR // 3
    full = int(share * bar)
    numbers = [
        f"{share:4.0%}" if total else "    ",
        fitted(size(total) if deliver and total else "", 8, right=True) if width >= _NARROW else "",
        fitted(f"{size(work['rate'])}/s" if deliver and work["rate"] else "", 10, right=True),
        fitted("recording" if work["growing"] else left_words(work), 12, right=True),
    ]
    tail = " ".join(filter(None, numbers))
    room = width - cell_len(tail) - bar - 4
    whom = shortened(printable(work["component"]), max(6, room // 3))
    # Numbers stand in columns, and not a screen's width away from what they are of.
    name = fitted(printable(work["name"]), min(_LONGEST, max(5, room - cell_len(whom) - 3)))
    return Text.assemble(
        name, f" {'→' if deliver else '⚙'} ", (whom, "cyan" if deliver else "magenta"), " ",
        ("█" * full, "green"), ("░" * (bar - full), "dim"), f" {tail}",
    )  # fmt: skip


def waits(document: Document, width: int) -> Section:
    """What routes wait for, what a person switched."""
    told = [*wait_lines(document["route_waits"])]
    if switched := switches_words(document["switches"]):
        told.append(printable(switched))
    lines = [Text(_end_cut(line, width), style="dim") for line in told]
    return Section("waits", lines, 1, for_file(QUEUE, document["file"]))


def _end_cut(text: str, cells: int) -> str:
    """A sentence keeps its beginning."""
    if cell_len(text) <= cells:
        return text
    while cell_len(text) > max(0, cells - 1):
        text = text[: -max(1, (cell_len(text) - cells + 1) // 2)]
    return f"{text}…"
