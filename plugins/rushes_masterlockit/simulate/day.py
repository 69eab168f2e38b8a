"""A shooting day as a script, pure: the same seed says the same, byte for byte.

Moments are frames since midnight of the day's own clock, which is the timecode that the whole set shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from rushes.timecode import Rate, Timecode
from rushes_masterlockit.formats import write
from rushes_masterlockit.protocol import DeviceType
from rushes_masterlockit.simulate.devices import (
    A_CAM,
    B_CAM,
    RECORDER,
    SLATE,
    TABLET,
    SetDevice,
    devices,
)
from rushes_masterlockit.simulate.records import Production, Recording
from rushes_masterlockit.simulate.script import Kind, Shot, shots
from rushes_masterlockit.simulate.slates import clap, slate_info

#: The date of project day 1.
FIRST_DAY = date(2026, 11, 22)

#: Seconds of the day's clock: the slate is told so long before the roll; cameras follow the recorder, and each other;
#: the sticks meet once all roll; the recorder cuts last; then the director speaks.
_TOLD, _CAMERAS, _SECOND, _CLAP, _TAIL = 6.0, 0.8, 0.4, 1.0, 0.6
_CHOSEN, _WRITING = (4.0, 9.0), 2.0
_WRAP = 12.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What a device says at a frame: `data` of a DataEvent of `type`; `what` and `text` tell it to people.

    `knows` is the device that it had this from by way of the hub, empty where it is its own.
    """

    frame: int
    device: str
    type: DeviceType
    what: str
    text: str
    data: bytes
    knows: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """`moments` in their order; the devices are there from `first` to `last`. `rolls` are the frames, start and stop,
    in which A-Cam records. Of each recording the clip is what its device said last.
    """

    seed: int
    number: int
    rate: Rate
    first: int
    last: int
    devices: Mapping[str, SetDevice]
    moments: Sequence[Moment]
    recordings: Sequence[Recording]
    rolls: Sequence[tuple[int, int]]

    def timecode(self, frame: int) -> Timecode:
        """The label of a frame."""
        return Timecode.from_frames(frame, self.rate)


def make_day(
    *, seed: int = 1, number: int = 1, takes: int = 12, seconds: float = 20.0, rate: Rate | str = "25"
) -> Day:
    """Project day `number` with so many takes, each about so long."""
    counted = Rate.parse(rate)
    known = devices(Random(f"{seed}"), counted)
    random = Random(f"{seed}/{number}/{takes}/{seconds}/{counted}")
    on = FIRST_DAY + timedelta(days=number - 1)
    production = Production.make(Random(f"{seed}/{number}"), seed, number, counted, on)
    first = round((random.randint(8, 10) * 3600 + random.randint(0, 3599)) * counted.exact)
    writing = _Writing(production, known, first, random)
    for shot in shots(random, number, takes, seconds):
        writing.shoot(shot)
    return Day(
        seed=seed,
        number=number,
        rate=counted,
        first=first,
        last=writing.now + writing.frames(_WRAP),
        devices=known,
        moments=sorted(writing.moments, key=lambda moment: moment.frame),
        recordings=writing.recordings,
        rolls=writing.rolls,
    )


class _Writing:
    """The day, take by take."""

    def __init__(
        self, production: Production, known: Mapping[str, SetDevice], first: int, random: Random
    ) -> None:
        self.now = first
        self.moments: list[Moment] = []
        self.recordings: list[Recording] = []
        self.rolls: list[tuple[int, int]] = []
        self._production = production
        self._devices = known
        self._random = random
        self._counts = dict.fromkeys(known, 0)
        self._disputed = False

    def frames(self, seconds: float) -> int:
        return round(seconds * self._production.rate.exact)

    def shoot(self, shot: Shot) -> None:
        """One take, from its slate to the director's word."""
        roll = self.now + self.frames(shot.gap)
        made = self._rolling(shot, roll)
        cameras = [recording for recording in made if recording.device.name != RECORDER]
        if cameras:
            self._slate(shot, roll, cameras)
        for recording in made:
            self._clip(recording, recording.start, "rolls", recording.rolled())
            self._clip(recording, recording.stop, "cuts", recording.cut())
        self.now = max(recording.stop for recording in made)
        if shot.circled:
            self._circle(made)
        self.recordings += made

    def _rolling(self, shot: Shot, roll: int) -> list[Recording]:
        length = self.frames(shot.seconds)
        if shot.kind is Kind.WILD:
            return [self._record(RECORDER, shot, roll, roll + length)]
        start = roll + self.frames(_CAMERAS)
        stop = start + length
        second = self._record(B_CAM, shot, start + self.frames(_SECOND), stop + self.frames(_SECOND))
        if shot.kind is Kind.MOS:
            return [second]
        self.rolls.append((start, stop))
        return [
            self._record(RECORDER, shot, roll, stop + self.frames(_TAIL)),
            self._record(A_CAM, shot, start, stop),
            second,
        ]

    def _record(self, name: str, shot: Shot, start: int, stop: int) -> Recording:
        self._counts[name] += 1
        return Recording(
            self._production, self._devices[name], shot, number=self._counts[name], start=start, stop=stop
        )

    def _slate(self, shot: Shot, roll: int, cameras: Sequence[Recording]) -> None:
        names = "/".join(recording.device.name[0] for recording in cameras)
        rolls = "/".join(recording.roll for recording in cameras)
        shown = slate_info(self._production, shot, names, rolls)
        told = roll - self.frames(_TOLD)
        self._say(told, TABLET, DeviceType.SLATE_INFO, "slate", f"{shot.name}  {shot.scene.content}", shown)
        if shot.kind is not Kind.MOS:
            at = max(recording.start for recording in cameras) + self.frames(_CLAP)
            self._say(at, SLATE, DeviceType.SLATE, "claps", shot.name, clap(self._production, at, shown))

    def _circle(self, made: Sequence[Recording]) -> None:
        at = self.now + self.frames(self._random.uniform(*_CHOSEN))
        for recording in made:
            if recording.device.name == A_CAM and not self._disputed:
                self._dispute(recording, at - self.frames(_WRITING))
            self._clip(recording, at, "circled", recording.circled(at))
        self.now = at

    def _dispute(self, recording: Recording, at: int) -> None:
        """Once a day the tablet says of a clip what its camera, which does not know of it, says otherwise."""
        self._disputed = True
        said = recording.commented(self._devices[TABLET], at, "boom dips in at the end")
        text, camera = self._called(recording), recording.device.name
        self._say(at, TABLET, DeviceType.CAMERA, "edits", text, said, knows=camera)

    def _clip(self, recording: Recording, frame: int, what: str, said: Mapping[str, Any]) -> None:
        self._say(frame, recording.device.name, recording.device.type, what, self._called(recording), said)

    def _called(self, recording: Recording) -> str:
        kind = recording.shot.kind
        return f"{recording.shot.name}  {recording.name}" + ("" if kind is Kind.TAKE else f"  {kind}")

    def _say(
        self,
        frame: int,
        device: str,
        type_: DeviceType,
        what: str,
        text: str,
        said: Mapping[str, Any],
        *,
        knows: str = "",
    ) -> None:
        data = write(said)
        self.moments.append(
            Moment(frame=frame, device=device, type=type_, what=what, text=text, data=data, knows=knows)
        )


def lens_frames(day: Day, after: int) -> Iterator[int]:
    """The frames at which the lens speaks, from one on: while A-Cam rolls."""
    for start, stop in day.rolls:
        yield from range(max(start, after), stop)
