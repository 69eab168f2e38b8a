"""Shooting days made up for the solver: cameras, recorders, what goes wrong with their clocks, and the truth."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction

from rushes.timecode import FLICKS, RATES, Rate
from rushes_match.items import Item

RATE = {rate.name: rate for rate in RATES}
EPOCH = 1_790_000_000 // 86400 * 86400


@dataclass
class Take:
    """What happened: real seconds since the first midnight."""

    begin: float
    end: float
    scene: str
    slate: str
    take: str
    kind: str = "take"


@dataclass
class Made:
    """Items with the pairs that truly belong together."""

    items: list[Item] = field(default_factory=list)
    truth: set[tuple[str, str]] = field(default_factory=set)
    #: What was made wrong, by device: to look failures up.
    story: list[str] = field(default_factory=list)


@dataclass
class Clock:
    """A device's timecode: real time to reading, with steps and drift, and its wall clock."""

    name: str
    rate: Rate
    steps: list[tuple[float, float, float]]  # from when, seconds ahead, drift
    mode: str = "day"
    wall: float | None = 0.0
    wall_from: str = "created"
    drop_wall: float = 0.0
    drop_code: float = 0.0
    #: How it was set: "real" seconds since midnight, by "label" each morning, or by label at every start.
    jam: str = "real"

    def read(self, real: float) -> float:
        ahead, since, drift = 0.0, 0.0, 0.0
        for start, more, speed in self.steps:
            if real >= start:
                ahead, since, drift = more, start, speed
        return real + ahead + drift * (real - since)

    def seconds(self, real: float) -> float:
        """Real seconds since midnight as its labels tell them."""
        reading = self.read(real)
        day, inside = divmod(reading, 86400.0)
        stretch = float(self.rate.nominal / self.rate.exact) if not self.rate.dropped else 1.0
        if self.jam == "always":
            return inside * stretch
        if self.jam == "label":
            morning = (self.read(real - 3 * 3600) // 86400) * 86400 + 6 * 3600.0
            return 6 * 3600.0 * stretch + (reading - morning)
        if inside < 4 * 3600:  # a run over midnight
            return (reading - (day - 1) * 86400.0) if day else inside
        return inside


def shoot(rng: random.Random, days: int, scenes: int, start: float, *, unit: str = "") -> list[list[Take]]:
    """The takes of each day."""
    whole = []
    slate = 1
    for day in range(days):
        now = day * 86400 + start + rng.uniform(-1800, 1800)
        takes: list[Take] = []
        for _ in range(scenes):
            scene = f"{unit}{rng.randint(1, 150)}{rng.choice(['', 'A', 'B', 'C', 'D'])}"
            now += rng.uniform(300, 2400)
            typical = min(400.0, max(6.0, rng.lognormvariate(3.8, 0.8)))
            for number in range(1, rng.choice([1, 2, 3, 3, 4, 5, 6, 8, 10]) + 1):
                length = max(3.0, typical * rng.uniform(0.7, 1.3))
                kind = rng.choices(["take", "mos", "wild", "false", "pickup"], [86, 5, 4, 3, 2])[0]
                if kind == "false":
                    length = rng.uniform(2.0, 7.0)
                name = f"{number}PU" if kind == "pickup" else str(number)
                takes.append(Take(now, now + length, scene, str(slate), name, kind))
                now += length + 25.0 + rng.expovariate(1 / 60)
            slate += 1
        whole.append(takes)
    return whole


def _clock(rng: random.Random, name: str, rate: Rate, level: float, begin: float, stop: float) -> Clock:
    drift = rng.gauss(0, 8e-6)
    steps = [(0.0, rng.gauss(0, 0.04), drift)]
    clock = Clock(name, rate, steps)
    if rng.random() < level:
        what = rng.choice(
            ["hour", "any", "seconds", "rejam", "battery", "day", "none", "recrun", "zero", "drift"]
        )
        middle = rng.uniform(begin + 0.2 * (stop - begin), stop - 0.2 * (stop - begin))
        if what == "hour":
            steps[:] = [(0.0, rng.choice([-7200, -3600, 3600, 7200]) + rng.gauss(0, 0.1), drift)]
        elif what == "any":
            steps[:] = [(0.0, rng.uniform(-40000, 40000), drift)]
        elif what == "seconds":
            steps[:] = [(0.0, rng.uniform(-8, 8), drift)]
        elif what == "rejam":
            steps.append((middle, rng.uniform(-2, 2), drift))
        elif what == "battery":
            steps.append((middle, rng.uniform(-20000, 20000), drift))
        elif what == "drift":
            steps[:] = [(0.0, 0.0, rng.uniform(-1e-4, 1e-4))]
        else:
            clock.mode = what
    if rng.random() < level:
        what = rng.choice(["zone", "minutes", "date", "missing", "some", "copied", "year"])
        if what == "zone":
            clock.wall = rng.choice([-5, -4, 1, 2, 8]) * 3600.0
        elif what == "minutes":
            clock.wall = rng.uniform(-900, 900)
        elif what == "date":
            clock.wall = rng.choice([-1, 1, 2]) * 86400.0
        elif what == "year":
            clock.wall = -rng.randint(300, 4000) * 86400.0 + rng.uniform(-43000, 43000)
        elif what == "missing":
            clock.wall = None
        elif what == "some":
            clock.drop_wall = 0.3
        else:
            clock.wall_from = "modified"
    if rng.random() < level / 2:
        clock.drop_code = 0.06
    return clock


def make(seed: int, level: float = 0.25, *, days: int | None = None, scenes: int | None = None) -> Made:
    """A production by its seed; `level` is how likely each thing is wrong."""
    rng = random.Random(seed)
    made = Made()
    days = days or rng.choice([1, 1, 1, 2, 3])
    start = rng.choice([7, 8, 9, 13, 17, 19]) * 3600.0
    _unit(rng, made, "", days, scenes or rng.choice([3, 8, 12, 20]), start, level)
    if rng.random() < 0.15:
        _unit(rng, made, "2", days, scenes or 6, start + rng.uniform(-3600, 3600), level)
    rng.shuffle(made.items)
    return made


def _unit(
    rng: random.Random, made: Made, unit: str, days: int, scenes: int, start: float, level: float
) -> None:
    schedule = shoot(rng, days, scenes, start, unit=unit)
    begin, stop = start, days * 86400.0
    picture_rate = RATE[rng.choice(["23.976", "24", "25", "29.97df", "23.976"])]
    sound_rate = picture_rate if rng.random() < 0.7 else RATE[rng.choice(["29.97", "24", "25", "30"])]
    named = rng.choice([0.0, 0.5, 0.95, 0.95])
    keyed = rng.choice(["device", "device", "device", "card", "same"])
    sounds: list[tuple[str, list[Take], float, float, str]] = []
    recorders = [f"{unit}R1"] + ([f"{unit}R2"] if rng.random() < 0.25 else [])
    cameras = [f"{unit}{letter}" for letter in "ABCD"[: rng.choice([1, 2, 2, 3, 4])]]
    carry = rng.random() < 0.5
    jam = rng.choice(["real", "real", "label", "always"])
    master = rng.uniform(1.0, 12.0)
    plans: list[tuple[list[Take], float, float]] = []
    for takes in schedule:
        at = 0
        while at < len(takes):
            group = [takes[at]]
            if (
                carry
                and rng.random() < 0.04
                and at + 1 < len(takes)
                and takes[at + 1].begin - takes[at].end < 60
            ):
                group.append(takes[at + 1])
            at += len(group)
            plans.append(
                (group, group[0].begin - rng.uniform(0.5, master), group[-1].end + rng.uniform(0.5, 5))
            )
    for recorder in recorders:
        clock = _clock(rng, recorder, sound_rate, level * 0.6, begin, stop)
        clock.jam = jam
        clock.mode = "day" if clock.mode in ("recrun", "zero") else clock.mode
        made.story.append(f"{recorder} {clock}")
        lag = 0.0 if recorder.endswith("R1") else rng.uniform(0.0, 0.3)
        index = 0
        mistakes = 0.01
        for group, a, b in plans:
            if group[0].kind == "mos" and len(group) == 1:
                continue
            index += 1
            take = group[0]
            name = f"s{recorder}-{index:04}"
            told = take.take if rng.random() > mistakes else str(rng.randint(1, 9))
            made.items.append(
                _item(rng, name, "sound", clock, keyed, index, a + lag, b + lag, take, named, told, unit)
            )
            sounds.append((name, group, a + lag, b + lag, recorder))
    for letter in cameras:
        clock = _clock(rng, letter, picture_rate, level, begin, stop)
        clock.jam = jam
        made.story.append(f"{letter} {clock}")
        busy = rng.choice([1.0, 0.9, 0.6]) if letter != cameras[0] else 1.0
        camera_named = rng.choice([0.0, 0.9, 0.9])
        index = 0
        running = 0.0
        skip: set[int] = set()
        flat = [take for takes in schedule for take in takes]
        for number, take in enumerate(flat):
            if take.kind == "wild" or number in skip or rng.random() > busy:
                continue
            if take.kind == "false" and rng.random() < 0.5:
                continue
            group = [take]
            if rng.random() < 0.03 and number + 1 < len(flat) and 0 < flat[number + 1].begin - take.end < 60:
                group.append(flat[number + 1])
                skip.add(number + 1)
            a = take.begin + rng.uniform(-1.0, 4.0)
            b = max(a + 1.0, group[-1].end + rng.uniform(-0.5, 4.0))
            index += 1
            name = f"p{letter}-{index:04}"
            running_at, running = running, running + (b - a)
            item = _item(
                rng,
                name,
                "picture",
                clock,
                keyed,
                index,
                a,
                b,
                take,
                camera_named,
                take.take,
                unit,
                running_at,
            )
            made.items.append(item)
            for sound, members, begin_at, end_at, _ in sounds:
                if (
                    any(one is two for one in group for two in members)
                    and min(b, end_at) - max(a, begin_at) > 0.3
                ):
                    made.truth.add((name, sound))


def _item(
    rng: random.Random,
    name: str,
    side: str,
    clock: Clock,
    keyed: str,
    index: int,
    a: float,
    b: float,
    take: Take,
    named: float,
    told: str,
    unit: str,
    running: float = 0.0,
) -> Item:
    rate = clock.rate
    roll = f"{clock.name}{'_' if side == 'sound' else ''}{1 + index // 25:03}"
    if clock.mode == "recrun":
        reading = 3600.0 + running
    elif clock.mode == "zero":
        reading = 0.0
    else:
        reading = clock.seconds(a)
    frames = int(Fraction(reading).limit_denominator(10**6) * rate.exact) % rate.frames_per_day
    if side == "sound":
        day = float(rate.frames_per_day / rate.exact)
        begin = int((reading % day) * 48000) * (FLICKS // 48000)
    else:
        begin = int(frames / rate.exact * FLICKS)
    label = int(Fraction(frames, rate.nominal) * FLICKS)
    coded = clock.mode != "none" and rng.random() >= clock.drop_code
    lasts = b - a
    length = (
        int(lasts * rate.exact) * int(FLICKS / rate.exact)
        if side == "picture"
        else int(lasts * 48000) * 14700
    )
    wall = None
    if clock.wall is not None and rng.random() >= clock.drop_wall:
        wall = EPOCH + a + clock.wall + rng.uniform(-1, 1)
        if clock.wall_from == "modified":
            wall = EPOCH + (a // 86400 + 1) * 86400 + 3600.0 * rng.random()
    speaks = rng.random() < named
    stream = {"device": clock.name, "card": roll, "same": f"{unit}{side}"}[keyed]
    return Item(
        id=name,
        side=side,  # type: ignore[arg-type]
        stream=stream,
        roll=roll,
        start=begin if coded else None,
        label=label if coded else None,
        length=length if rng.random() > 0.01 else None,
        rate=rate,
        wall=wall,
        wall_from="" if wall is None else clock.wall_from,
        name=f"{roll}C{index:03}" if side == "picture" else f"{take.scene}T{told}",
        camera=clock.name if side == "picture" and rng.random() < 0.9 else "",
        scene=take.scene if speaks else "",
        slate=take.slate if speaks and rng.random() < 0.7 else "",
        take=told if speaks else "",
        mos=side == "picture" and take.kind == "mos" and rng.random() < 0.7,
    )
