"""Texts that fit: by the columns of a terminal, of which a wide character takes two."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

#: A camera's clip number stands in the first so many columns of its name (`A001C003_261122_R1AB.mov`).
NUMBER = 8


def shortened(text: str, cells: int) -> str:
    """No wider than so many columns, without its middle: names differ at their ends, those of a card in the number."""
    if cell_len(text) <= cells:
        return text
    if cells < 5:
        return set_cell_size(text, max(0, cells)).rstrip()
    head = max((cells - 1) // 2, min(NUMBER, cells - 2))
    tail = cells - 1 - head
    end = text
    while cell_len(end) > tail:
        end = end[max(1, (cell_len(end) - tail) // 2) :]
    return set_cell_size(text, head).rstrip() + "…" + end


def fitted(text: str, cells: int, *, right: bool = False) -> str:
    """Exactly so many columns wide: without its middle, or with spaces behind it (before it, where `right`)."""
    told = shortened(text, cells)
    gap = " " * (cells - cell_len(told))
    return gap + told if right else told + gap
