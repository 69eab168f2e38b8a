"""Which clips and claps a report is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rushes_masterlockit.formats import Demand, Facts, facts
from rushes_masterlockit.reports.reading import at, number, text
from rushes_masterlockit.reports.rows import Row, row_of


@dataclass(frozen=True, slots=True)
class Filters:
    """All given ones must hold; one of the texts within each. Texts are compared without case.

    `days` are numbers with their addition ("12A") or dates; `scenes` are as reports print them, with an episode
    "2/14A"; `demand` is the filter of devices and timecode that the wire knows too.
    """

    days: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    rolls: tuple[str, ...] = ()
    circled: bool = False
    kind: Literal["", "video", "sound"] = ""
    demand: Demand | None = None

    def __post_init__(self) -> None:
        if self.kind not in {"", "video", "sound"}:
            raise ValueError(f"{self.kind!r} is no kind of clip; write video or sound")


def select(
    clips: Iterable[Mapping[str, Any]],
    claps: Iterable[Mapping[str, Any]],
    filters: Filters,
    origins: Mapping[str, str] | None = None,
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The clips and the claps that pass. `origins` tells the device that made a clip, by the clip's id.

    A clap knows no shooting day and no circle: it passes with those if a clip that passes was shot on its date,
    or as its scene, slate and take. The kind of clip does not matter to it.
    """
    known = origins or {}
    passed = [
        row
        for row in (row_of(clip, "") for clip in clips)
        if _passes(row, filters) and _meant(row, filters, known.get(row.id, ""))
    ]
    dates = ({row.date for row in passed} | set(filters.days)) - {""}
    takes = {(row.scene, row.slate, text(row.raw, "take", "number")) for row in passed}
    hit = [
        clap
        for clap in claps
        if _clap_passes(clap, filters)
        and (not filters.days or text(clap, "slateInfo", "date") in dates)
        and (not filters.circled or _take_of(clap) in takes)
    ]
    return [row.raw for row in passed if filters.kind in {"", "video" if row.video else "sound"}], hit


def called(claps: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The claps with the names of their slates, by id, where `names` has them."""
    return [{**clap, "device": names.get(text(clap, "device")) or text(clap, "device")} for clap in claps]


def _passes(row: Row, filters: Filters) -> bool:
    return (
        _one_of(filters.days, row.day, row.date)
        and _one_of(filters.scenes, row.scene, f"{row.episode}/{row.scene}")
        and _one_of(filters.rolls, row.roll)
        and (row.circled or not filters.circled)
    )


def _meant(row: Row, filters: Filters, device: str) -> bool:
    return filters.demand is None or filters.demand.matches(facts(row.raw, device))


def _clap_passes(clap: Mapping[str, Any], filters: Filters) -> bool:
    # A slate knows no episode.
    scenes = (scene.rpartition("/")[2] for scene in filters.scenes)
    return (
        _one_of((*filters.scenes, *scenes), text(clap, "slateInfo", "scene"))
        and _one_of(filters.rolls, text(clap, "slateInfo", "roll"))
        and (filters.demand is None or filters.demand.matches(_as_facts(clap)))
    )


def _as_facts(clap: Mapping[str, Any]) -> Facts:
    """A clap is a recording that lasts a moment, to the demand that asks."""
    seconds, seen = number(clap, "timecode", "seconds"), at(clap, "seen")
    start = None if seconds is None else (seconds, number(clap, "timecode", "frames") or 0)
    created = int(seen * 1000) if isinstance(seen, int | float) else None
    return Facts("", "sound", {}, text(clap, "device"), start, start, created)


def _one_of(wanted: tuple[str, ...], *found: str) -> bool:
    names = {name.casefold() for name in found if name}
    return not wanted or any(name.strip().casefold() in names for name in wanted)


def _take_of(clap: Mapping[str, Any]) -> tuple[str, str, str]:
    scene, slate, take = (text(clap, "slateInfo", part) for part in ("scene", "slate", "take"))
    return scene, slate, take.split(" ")[0]
