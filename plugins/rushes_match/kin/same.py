"""Whether two files, or two records, are about one recording: a copy, a proxy, a part; a second person's record."""

from __future__ import annotations

from rushes_match.kin.portrait import Portrait
from rushes_match.kin.statement import Statement
from rushes_match.kin.times import NEAR_S, Span, Wall, apart, day_of
from rushes_match.names import parsed


def same_files(one: Portrait, other: Portrait) -> bool:
    """Whether two files with a common name are copies, proxies or parts of one recording."""
    if not (one.squashed | one.cut) & (other.squashed | other.cut) and not one.places & other.places:
        return False
    if one.camera and other.camera and one.camera != other.camera:
        return False
    return _one_time(one.span, other.span, one.wall, other.wall, telling=one.weight in ("unique", "roll"))


def same_statements(one: Statement, other: Statement) -> bool:
    """Whether two records with a common name are about one recording."""
    if not one.squashed & other.squashed and not one.places & other.places:
        return False
    telling = any(parsed(name).weight in ("unique", "roll") for name in one.names)
    for name in ("camera", "roll") if telling else ("camera", "roll", "take"):
        mine, told = getattr(one, name), getattr(other, name)
        if mine and told and mine != told:
            return False
    return _one_time(one.span, other.span, one.wall, other.wall, telling=telling)


def _one_time(
    mine: Span | None, told: Span | None, wall: Wall | None, other: Wall | None, *, telling: bool
) -> bool:
    """Where no timecode decides, a name that is no counter has to be `telling`."""
    if day_of(wall, other) == "differs":
        return False
    if mine is None or told is None:
        return telling
    return abs(apart(mine.start, told.start)) <= NEAR_S
