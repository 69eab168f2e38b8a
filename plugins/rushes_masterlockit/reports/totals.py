"""What a day amounts to: takes, circled, waste, and how long it ran, of each roll and of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rushes_masterlockit.reports.head import Field
from rushes_masterlockit.reports.numbering import order
from rushes_masterlockit.reports.rows import Row
from rushes_masterlockit.reports.sheet import Totals
from rushes_masterlockit.reports.times import clock


def many(count: int, what: str) -> str:
    """`1 clip`, `2 clips`."""
    return f"{count} {what if count == 1 else what + 's'}"


def totals(rows: Iterable[Row], notes: Sequence[Field] = ()) -> Totals:
    """A row for each device and roll, and one for all.

    Two cameras on one take are one take; a wild track is none. What is waste is counted as that alone. The length
    is that of all clips which are not waste.
    """
    rolls: dict[tuple[str, str], list[Row]] = {}
    everything: list[Row] = []
    for row in rows:
        rolls.setdefault((row.device, row.roll), []).append(row)
        everything.append(row)
    parts = sorted(rolls, key=lambda roll: (order(roll[0]), order(roll[1])))
    counted = [_count("  ".join(filter(None, roll)) or "no roll", rolls[roll]) for roll in parts]
    total = _count("Total", everything)
    _, clips, takes, circled, waste, length = total
    return Totals(
        titles=("Roll", "Clips", "Takes", "Circled", "Waste", "Length"),
        rows=[*counted, total],
        summary=f"{many(clips, 'clip')}   ·   {many(takes, 'take')}   ·   {circled} circled   ·   {waste} waste   ·   "
        f"{clock(length)}",
        notes=notes,
    )


def _count(name: str, rows: list[Row]) -> tuple[str, int, int, int, int, Fraction]:
    good = [row for row in rows if not row.waste]
    return (
        name,
        len(rows),
        len({row.attempt for row in good if row.take}),
        len({row.attempt for row in good if row.circled}),
        len(rows) - len(good),
        sum((row.span.seconds or Fraction(0) for row in good), Fraction(0)),
    )
