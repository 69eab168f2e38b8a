"""Shooting days with their truth, for judging `match`: made from what sets do, not from how the solver works.

A `Day` holds the items as their devices told them, and which pairs a fair judge holds true: the same take, and at
least a second of the same real time. Overlaps that no editor wants (shorter, or of neighbouring takes) are grey and
count nowhere. `told` are the true pairs that what is told suffices for; recall is asked of these alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from rushes.timecode import FLICKS, Rate
from rushes_match.items import Item

from .day_clocks import DAY, RecRun, TimecodeClock, WallClock, label_seconds
from .day_kit import Kit
from .day_takes import EPOCH, Recording, Shoot, shoot_days
from .day_truth import Ids, told_pairs, truth

#: A recorder's samples a second.
CLOCK = 48_000


@dataclass(frozen=True)
class Day:
    """Items and the truth of them; pairs are (picture, sound)."""

    name: str
    items: Sequence[Item]
    true: Mapping[Ids, float]
    grey: frozenset[Ids]
    told: frozenset[Ids]
    #: A day of which nothing can be known: any match is a guess.
    blind: bool = False
    recordings: Mapping[str, Recording] = field(default_factory=dict)


def make_day(name: str, shoot: Shoot, kit: Kit, seed: int, *, blind: bool = False) -> Day:
    """The same day for the same arguments."""
    random = Random(f"{name} {seed}")
    recordings = shoot_days(shoot, random)
    sound = {*shoot.recorders, *shoot.second_unit[1]}
    mixer = _mixer_clock(shoot, kit, random)
    by_device: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        by_device[recording.device] += _files(recording)
    made: list[tuple[Item, Recording]] = []
    for device, rolled in sorted(by_device.items()):
        rolled.sort(key=lambda one: one.begins)
        made += _Gear(device, device in sound, shoot, kit, mixer, random).items(rolled)
    random.shuffle(made)
    items = [item for item, _ in made]
    true, grey = truth(made)
    told = frozenset() if blind else frozenset(told_pairs(true, items, kit))
    return Day(name, items, true, grey, told, blind, {item.id: recording for item, recording in made})


def _files(recording: Recording) -> list[Recording]:
    step = (recording.ends - recording.begins) / recording.files
    return [
        replace(recording, begins=recording.begins + step * part, ends=recording.begins + step * (part + 1))
        for part in range(recording.files)
    ]


def _mornings(shoot: Shoot) -> list[float]:
    return [
        EPOCH + number * DAY + shoot.begins_hour * 3600 - 1800
        for number in shoot.day_numbers or range(shoot.days)
    ]


def _mixer_clock(shoot: Shoot, kit: Kit, random: Random) -> TimecodeClock:
    """The clock of the mixer's bag: set to the time of day each morning, roughly."""
    rate = Rate.parse(kit.sound_rate)
    clock = TimecodeClock(rate, _drift(kit, random))
    for morning in _mornings(shoot):
        of_day = (morning - EPOCH) % DAY + random.uniform(-40, 40)
        clock.jam(morning, float(int(of_day * rate.nominal) / rate.exact))
    return clock


def _drift(kit: Kit, random: Random) -> float:
    return random.choice((-1, 1)) * random.uniform(*kit.drift_ppm) * 1e-6


class _Gear:
    """A device with its clocks, cards and habits."""

    def __init__(
        self, device: str, sound: bool, shoot: Shoot, kit: Kit, mixer: TimecodeClock, random: Random
    ) -> None:
        self._device, self._sound, self._kit, self._random = device, sound, kit, random
        self._rate = Rate.parse(kit.sound_rate if sound else kit.picture_rate)
        self._days = len(shoot.day_numbers) or shoot.days
        self._clock = self._clock_for(shoot, mixer)
        wrong = kit.walls.get(device, random.uniform(-kit.wall_error, kit.wall_error))
        told_as, grain = random.choice((("recorded", 1.0), ("created", 1.0), ("modified", 2.0)))
        self._wall = None if wrong is None or kit.no_walls else WallClock(wrong, grain, told_as)
        self._wrong_setups: dict[int, int] = {}

    def _clock_for(self, shoot: Shoot, mixer: TimecodeClock) -> TimecodeClock | RecRun | None:
        random, kit = self._random, self._kit
        kind = kit.clocks.get(self._device, "tod")
        if kind == "none":
            return None
        if kind == "rec":
            return RecRun(self._rate)
        if self._device == shoot.recorders[0] and kind == "tod":
            return mixer
        clock = TimecodeClock(self._rate, _drift(kit, random))
        mornings = _mornings(shoot)
        if kind == "free":
            clock.jam(mornings[0], random.uniform(0, DAY))
            return clock
        beside = random.choice((-1, 1)) * random.uniform(0.1, 40) if kind == "near" else 0.0
        for morning in mornings:
            for hour in kit.jams:
                error = beside + random.uniform(-0.5, 0.5) / float(self._rate.exact)
                clock.jam_to(morning + hour * 3600 + random.uniform(1, 900), mixer, error)
            if kind == "lost":
                lost = morning + random.uniform(1.5, 4) * 3600
                clock.jam(lost, random.choice((0.0, random.uniform(0, DAY))))
        return clock

    def items(self, rolled: Sequence[Recording]) -> list[tuple[Item, Recording]]:
        made: list[tuple[Item, Recording]] = []
        roll, left, index = 0, 0, 0
        day = -1
        for recording in rolled:
            if left == 0 or recording.day != day:
                roll, index = roll + 1, 0
                left = self._random.randint(*self._kit.roll_clips)
                day = recording.day
            left, index = left - 1, index + 1
            made.append((self._item(recording, roll, index), recording))
        return self._offloaded(made)

    def _item(self, recording: Recording, roll: int, index: int) -> Item:
        kit, random = self._kit, self._random
        letter = self._device if len(self._device) == 1 else self._device[:2].upper()
        roll_name = f"SR{roll:02}" if self._sound else f"{letter}{roll:03}"
        told = random.random() < (kit.names_on_sound if self._sound else kit.names_on_pictures)
        scene, slate, take = self._names(recording) if told else ("", "", "")
        length = int((recording.ends - recording.begins) * self._rate.exact) / self._rate.exact
        start = label = rate = None
        claps: tuple[int, ...] = ()
        if self._clock is not None and random.random() >= kit.missing_timecode:
            start, label, claps = self._timecode(recording, roll_name)
            rate = self._rate
        wall = None
        if self._wall is not None and random.random() >= kit.missing_wall:
            wall = self._wall.says(recording.begins)
        return Item(
            id=f"{random.getrandbits(48):012x}",
            side="sound" if self._sound else "picture",
            stream=self._stream(roll_name),
            roll=roll_name,
            start=start,
            label=label,
            length=None if random.random() < kit.missing_length else int(length * FLICKS),
            rate=rate,
            wall=wall,
            wall_from=self._wall.told_as if self._wall and wall is not None else "",
            name=self._file_name(roll_name, index, scene, take),
            camera="" if self._sound or kit.grouping == "merged" else letter,
            reel=roll_name,
            scene=scene,
            slate=slate,
            take=take,
            mos=recording.mos and told,
            claps=claps if self._sound else (),
        )

    def _timecode(self, recording: Recording, roll: str) -> tuple[int, int, tuple[int, ...]]:
        clock, rate = self._clock, self._rate
        if isinstance(clock, RecRun):
            frames = clock.frames(roll, recording.ends - recording.begins)
            start = int(frames / rate.exact * FLICKS)
            return start, int(label_seconds(float(frames / rate.exact) + 1e-6, rate) * FLICKS), ()
        assert isinstance(clock, TimecodeClock)
        frames = clock.frames(recording.begins)
        start = int(frames / rate.exact * FLICKS)
        if self._sound:
            day = float(rate.frames_per_day / rate.exact)
            start = int(clock.own(recording.begins) % day * CLOCK) * FLICKS // CLOCK
        label = int(label_seconds(float(frames / rate.exact) + 1e-6, rate) * FLICKS)
        claps = tuple(int(clock.own(clap) % DAY * CLOCK) * FLICKS // CLOCK for clap in recording.claps)
        return start, label, claps

    def _stream(self, roll: str) -> str:
        if self._kit.grouping == "roll":
            return f"{self._device} {roll}"
        if self._kit.grouping == "merged" and not self._sound:
            return "cameras"
        return self._device

    def _names(self, recording: Recording) -> tuple[str, str, str]:
        """As this device spells them; a tired mixer is one take off for a whole setup."""
        kit, random = self._kit, self._random
        scene, take = recording.scene, recording.take
        if self._sound:
            off = self._wrong_setups.get(recording.setup)
            if off is None:
                off = random.choice((-1, 1)) if random.random() < kit.wrong_numbers else 0
                self._wrong_setups[recording.setup] = off
            if off and take.isdigit():
                take = str(max(1, int(take) + off))
        elif random.random() < 0.3:
            scene = random.choice(
                (scene.lower(), f"{scene[:-1]} {scene[-1]}" if scene[-1:].isalpha() else scene)
            )
            take = f"{int(take):02}" if take.isdigit() else take
        if kit.slates:
            return ("" if random.random() < 0.5 else scene), recording.slate, take
        return scene, "", take

    def _file_name(self, roll: str, index: int, scene: str, take: str) -> str:
        if self._sound:
            return f"{scene}-T{take:0>3}" if scene else f"{roll}_{index:03}"
        if self._kit.file_names == "C0001":
            return f"C{index:04}"
        return f"{roll}C{index:03}_251103_R{self._device}1X" if self._kit.file_names else ""

    def _offloaded(self, made: list[tuple[Item, Recording]]) -> list[tuple[Item, Recording]]:
        """When the pipeline saw each: cards come as a whole."""
        last: dict[str, float] = {}
        for item, recording in made:
            key = item.roll if self._kit.offload == "rolls" else str(recording.day)
            last[key] = max(last.get(key, 0.0), recording.ends)
        end = max(recording.ends for _, recording in made)
        seen = []
        for item, recording in made:
            key = item.roll if self._kit.offload == "rolls" else str(recording.day)
            at = end if self._kit.offload == "late" else last[key]
            seen.append((replace(item, seen=at + 3600 + self._random.uniform(0, 60)), recording))
        return seen
