"""What happens on a made-up set: setups, takes, and who rolled from when to when. The truth of the judge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from .day_clocks import DAY

#: 2025-11-03 00:00, the first shooting day.
EPOCH = 1_762_128_000.0


@dataclass(frozen=True)
class Recording:
    """One device rolled. `takes` are numbers of what is on it; names are as the script supervisor would say them."""

    device: str
    begins: float
    ends: float
    takes: frozenset[int]
    scene: str = ""
    slate: str = ""
    take: str = ""
    day: int = 0
    setup: int = 0
    mos: bool = False
    #: The number of files it was cut into without a gap.
    files: int = 1
    claps: tuple[float, ...] = ()


@dataclass(frozen=True)
class Shoot:
    """How a set works. Shares are probabilities per take unless said otherwise."""

    days: int = 1
    day_numbers: tuple[int, ...] = ()
    begins_hour: float = 7.0
    setups: int = 10
    cameras: tuple[str, ...] = ("A", "B")
    recorders: tuple[str, ...] = ("mixer",)
    take_s: tuple[float, float] = (10, 140)
    gap_s: tuple[float, float] = (10, 150)
    setup_gap_s: tuple[float, float] = (300, 1500)
    joins: float = 0.9
    late: float = 0.08
    pickups: float = 0.1
    false_starts: float = 0.06
    series: float = 0.06
    keeps_rolling: float = 0.05
    mos: float = 0.07
    wild: float = 0.05
    split: float = 0.04
    span: float = 0.04
    repeats: float = 0.0
    claps: float = 0.0
    #: The second recorder is not cut between takes: a file for each hour or so.
    rolls_on: bool = False
    first_scene: int = 12
    #: Cameras and recorders of a second unit that shoots scenes of its own at the same time.
    second_unit: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass
class Unit:
    """One unit's days, take after take."""

    shoot: Shoot
    random: Random
    cameras: tuple[str, ...]
    recorders: tuple[str, ...]
    first_take: int = 0
    made: list[Recording] = field(default_factory=list)
    _take: int = 0
    _day: int = 0
    _setup: int = 0

    def days(self) -> list[Recording]:
        shoot, scene, slate = self.shoot, self.shoot.first_scene + self.first_take, 100 + self.first_take
        for index, number in enumerate(shoot.day_numbers or range(shoot.days)):
            self._day = index
            now = EPOCH + number * DAY + shoot.begins_hour * 3600 + self.random.uniform(0, 1800)
            for setup in range(shoot.setups):
                self._setup = setup + 1000 * index
                if setup == 0 or self.random.random() < 0.3:
                    scene += self.random.choice((1, 1, 2, 7))
                    letter = 0
                else:
                    letter += 1
                slate += 1
                name = f"{scene}{'ABCDEFGHJKLMNPQRSTUVWXYZ'[letter % 24] if letter else ''}"
                now = self._shoot_setup(now, name, str(slate))
                now += self.random.uniform(*shoot.setup_gap_s)
            if shoot.rolls_on:
                self._roll_on([one for one in self.made if one.day == index])
        return self.made

    def _roll_on(self, day: list[Recording]) -> None:
        """One recorder that nobody cut: what it holds is every take of its hours."""
        now, last = min(one.begins for one in day) - 30, max(one.ends for one in day) + 30
        while now < last:
            ends = now + self.random.uniform(1800, 5400)
            heard = {take for one in day if one.begins < ends and one.ends > now for take in one.takes}
            self._add(self.recorders[-1], now, ends, heard)
            now = ends + self.random.choice((0, 0, self.random.uniform(1, 20)))

    def _shoot_setup(self, now: float, scene: str, slate: str) -> float:
        shoot, chance = self.shoot, self.random.random
        number, takes = 1, self.random.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))
        mos = chance() < shoot.mos
        for _ in range(takes):
            take = str(number)
            if number > 1 and chance() < shoot.pickups:
                take = self.random.choice((f"{number}PU", f"{number} pu", f"PU{number}", f"{number} PU"))
            if chance() < shoot.wild and not mos:
                now = self._wild(now, scene, slate) + self.random.uniform(20, 120)
            roll = self._mos if mos else self._one
            now = roll(now, scene, slate, take) + self.random.uniform(*shoot.gap_s)
            number += chance() >= shoot.repeats
        return now

    def _next(self) -> int:
        self._take += 1
        return self.first_take * 100_000 + self._take

    def _add(self, device: str, begins: float, ends: float, takes: set[int], **names: object) -> None:
        self.made.append(
            Recording(device, begins, ends, frozenset(takes), day=self._day, setup=self._setup, **names)  # type: ignore[arg-type]
        )

    def _files(self, share: float) -> int:
        return self.random.choice((2, 2, 3)) if self.random.random() < share else 1

    def _present(self) -> list[str]:
        present = [camera for camera in self.cameras if self.random.random() < self.shoot.joins]
        return present or [self.cameras[0]]

    def _wild(self, now: float, scene: str, slate: str) -> float:
        names = {"scene": scene, "slate": slate, "take": f"WT{self.random.randint(1, 3)}"}
        ends = now + self.random.uniform(15, 60)
        self._add(self.recorders[0], now, ends, {self._next()}, **names)
        return ends

    def _mos(self, now: float, scene: str, slate: str, take: str) -> float:
        ends, number = now + self.random.uniform(*self.shoot.take_s), self._next()
        for camera in self._present():
            begins = now + self.random.uniform(0, 5)
            self._add(camera, begins, max(begins + 5, ends + self.random.uniform(-3, 3)), {number},
                      scene=scene, slate=slate, take=take, mos=True)  # fmt: skip
        return ends + 5

    def _one(self, now: float, scene: str, slate: str, take: str) -> float:
        """A take with sound, with all that goes wrong around it. Returns when the last of them had cut."""
        chance, between, number = self.random.random, self.random.uniform, self._next()
        names = {"scene": scene, "slate": slate, "take": take}
        if chance() < self.shoot.false_starts:
            now = self._false_start(now, number, names)
        long = between(*self.shoot.take_s)
        action = now + between(6, 15)
        cut = action + long
        clap = (action - between(1, 3),) if chance() < self.shoot.claps else ()
        ends = self._sounds(now, action, cut, number, names, clap)
        for camera in self._present():
            begins, stops = now + between(-4, 5), cut + between(0.5, 4)
            if chance() < self.shoot.late:
                begins = action + between(0.1, 0.7) * long
            share = self.shoot.keeps_rolling if camera == self.cameras[0] else 0
            if chance() < share and long > 30:
                # It cut and rolled again while the sound went on.
                middle = action + long / 2
                self._add(camera, begins, middle - 1.5, {number}, claps=clap, **names)
                begins = middle + between(0, 3)
            known = clap if clap and begins < clap[0] else ()
            self._add(
                camera, begins, stops, {number}, files=self._files(self.shoot.span), claps=known, **names
            )
            ends = max(ends, stops)
        return ends

    def _sounds(
        self,
        now: float,
        action: float,
        cut: float,
        number: int,
        names: dict[str, str],
        clap: tuple[float, ...],
    ) -> float:
        between = self.random.uniform
        series = self.random.random() < self.shoot.series and cut - action > 40
        ends = now
        for index, recorder in enumerate(self.recorders):
            if index and (self.shoot.rolls_on or self.random.random() < 0.15):
                continue
            begins, stops = now + between(0, 3 if index else 1), cut + between(1, 6)
            if series and not index:
                # The mixer cut between two goes, the cameras did not.
                middle = action + (cut - action) / 2
                self._add(recorder, begins, middle, {number}, claps=clap, **names)
                again = replace_take(names)
                self._add(recorder, middle + between(2, 5), stops, {number}, **again)
            else:
                files = self._files(self.shoot.split)
                self._add(recorder, begins, stops, {number}, files=files, claps=clap, **names)
            ends = max(ends, stops)
        return ends

    def _false_start(self, now: float, number: int, names: dict[str, str]) -> float:
        """Somebody rolled for a moment: sound, a camera, or both."""
        who, between = self.random.choice(("sound", "camera", "both", "inside")), self.random.uniform
        short = between(1, 4)
        camera, recorder = self.random.choice(self.cameras), self.recorders[0]
        if who in {"sound", "both"}:
            self._add(recorder, now, now + short + between(0, 2), {number}, **names)
        if who in {"camera", "both"}:
            self._add(camera, now + between(-0.5, 0.5), now + short, {number}, **names)
        if who == "inside":
            # The camera cut at once, the sound rolled on: the two meet again in the take itself.
            self._add(camera, now + 1, now + 1 + short, {number}, **names)
            self._add(recorder, now, now + short + between(5, 15), {number}, **names)
            return now + short + between(18, 25)
        return now + short + between(6, 15)


def replace_take(names: dict[str, str]) -> dict[str, str]:
    """The names of the second half of a series: the next letter."""
    return {**names, "take": f"{names['take']}B"}


def shoot_days(shoot: Shoot, random: Random) -> list[Recording]:
    """All that every device of every unit recorded, in no device's terms yet."""
    made = Unit(shoot, random, shoot.cameras, shoot.recorders).days()
    cameras, recorders = shoot.second_unit
    if cameras:
        apart = replace(shoot, first_scene=shoot.first_scene + 60)
        made += Unit(apart, random, cameras, recorders, first_take=1).days()
    return made
