"""What is shot in the simulation: the production, its scenes, and how a day is divided into takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle, islice
from random import Random

PROJECT = "Nocturne"
DIRECTOR, DOP, MIXER, PRODUCER = "Ida Holm", "Jonas Weil", "Mara Okafor", "Studio Nord"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptScene:
    """`pages` in eighths; `cast` as (first name, last name)."""

    number: int
    additional: str = ""
    content: str
    inside: bool
    day: bool
    pages: int
    location: str
    sets: tuple[str, ...]
    story_day: int
    cast: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return f"{self.number}{self.additional}"


_LENA, _PAUL, _VERA = ("Lena", "Brandt"), ("Paul", "Adeyemi"), ("Vera", "Castell")

SCENES = (
    ScriptScene(
        number=14,
        additional="A",
        content="Lena finds the letter.",
        inside=True,
        day=True,
        pages=11,
        location="Harbour house",
        sets=("Kitchen",),
        story_day=3,
        cast=(_LENA, _VERA),
    ),
    ScriptScene(
        number=15,
        content="Paul waits at the pier.",
        inside=False,
        day=True,
        pages=6,
        location="Pier 4",
        sets=("Pier", "Boat"),
        story_day=3,
        cast=(_PAUL,),
    ),
    ScriptScene(
        number=22,
        content="They argue; nobody leaves.",
        inside=True,
        day=False,
        pages=19,
        location="Harbour house",
        sets=("Stairs", "Hall"),
        story_day=4,
        cast=(_LENA, _PAUL),
    ),
    ScriptScene(
        number=31,
        additional="B",
        content="The car does not start.",
        inside=False,
        day=False,
        pages=4,
        location="Yard",
        sets=("Car",),
        story_day=5,
        cast=(_VERA, _PAUL),
    ),
)


_SET_UPS_A_SCENE = 2

#: Slates are numbered through the whole shoot, as in Europe; no usual day has more.
_SLATES_A_DAY = 50


class Kind(StrEnum):
    """What becomes of a take. A false start is waste; a wild track is sound alone, MOS pictures alone."""

    TAKE = "take"
    FALSE_START = "false start"
    PICKUP = "pickup"
    MOS = "MOS"
    WILD = "wild track"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One take: `gap` seconds pass before it; `seconds` is how long the cameras roll, or the recorder alone."""

    scene: ScriptScene
    slate: int
    slate_letter: str = ""
    take: int
    kind: Kind
    circled: bool
    gap: float
    seconds: float

    @property
    def name(self) -> str:
        """As it is called on the set: 14A-3-2."""
        return f"{self.scene.name}-{self.slate}{self.slate_letter}-{self.take}"


def shots(random: Random, day: int, takes: int, seconds: float) -> Sequence[Shot]:
    """Project day `day`: so many takes, each about so long; in the last of a set-up the director has what he wants."""
    rows = list(_set_ups(random, day, takes, seconds))
    return [
        replace(shot, circled=_wanted(shot, None if last else rows[number + 1]))
        for number, shot in enumerate(rows)
        for last in (number + 1 == len(rows),)
    ]


def _set_ups(random: Random, day: int, takes: int, seconds: float) -> Iterator[Shot]:
    scenes = islice(cycle(SCENES), day - 1, None)
    scene, slate, set_ups = next(scenes), _SLATES_A_DAY * (day - 1), 0
    left = take = 0
    for number in range(takes):
        kind = _kind(number, takes)
        gap = random.uniform(25, 40)
        if left == 0 or kind not in {Kind.TAKE, Kind.FALSE_START}:
            if set_ups == _SET_UPS_A_SCENE and kind is Kind.TAKE:
                scene, set_ups = next(scenes), 0
            slate, set_ups, take = slate + 1, set_ups + 1, 0
            left = 3 if number == 0 else random.randint(2, 4)
            gap = random.uniform(50, 80)
        take += 1
        left = left - 1 if kind in {Kind.TAKE, Kind.FALSE_START} else 0
        long = seconds * random.uniform(0.85, 1.15)
        yield Shot(
            scene=scene,
            slate=slate,
            slate_letter="W" if kind is Kind.WILD else "",
            take=take,
            kind=kind,
            circled=False,
            gap=gap if number else 15.0,
            seconds=long / 2 if kind is Kind.FALSE_START else long,
        )


def _kind(number: int, takes: int) -> Kind:
    """Whatever is short of a whole day is short of ordinary takes."""
    if takes > 1 and number == takes - 1:
        return Kind.WILD
    if takes > 4 and number == takes - 2:
        return Kind.MOS
    if takes > 3 and number == takes - (3 if takes > 4 else 2):
        return Kind.PICKUP
    if takes > 2 and number == 1:
        return Kind.FALSE_START
    return Kind.TAKE


def _wanted(shot: Shot, after: Shot | None) -> bool:
    if shot.kind not in {Kind.TAKE, Kind.PICKUP}:
        return False
    return after is None or (after.scene, after.slate) != (shot.scene, shot.slate)
