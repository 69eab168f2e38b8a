"""The clip records of a simulated day: what cameras and recorders say of a take as it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from rushes.timecode import Rate, Timecode
from rushes_masterlockit.formats import fps_name, seconds_frames
from rushes_masterlockit.simulate.devices import A_CAM, RECORDER, SetDevice
from rushes_masterlockit.simulate.script import PRODUCER, PROJECT, Kind, Shot

_CAMERA_REMARKS = ("focus late on the turn", "dolly bump", "flare at the window", "hair in the gate checked")
_SOUND_REMARKS = ("plane overhead", "lav rustle on Lena", "fridge is off", "generator audible")
_NICE = ("best for the eyeline", "faster ending", "good for all", "nice hands")
_LENSES = ("32mm", "40mm", "50mm", "75mm")
_STOPS = ("T2", "T2 1/2", "T2.8", "T4")
TRACKS = ("Mix", "Boom", "Lena", "Paul")


@dataclass(frozen=True, kw_only=True, slots=True)
class Production:
    """What all records of a day have in common."""

    seed: int
    number: int
    on: date
    rate: Rate
    project: Mapping[str, Any]
    day: Mapping[str, Any]

    @classmethod
    def make(cls, random: Random, seed: int, number: int, rate: Rate, on: date) -> Production:
        return cls(
            seed=seed,
            number=number,
            on=on,
            rate=rate,
            project={
                "uuid": uuid(random),
                "name": PROJECT,
                "customer": {"uuid": uuid(random), "name": PRODUCER},
                "numbers": [{"title": "Production", "number": f"NOC-{seed:04}"}],
                "type": "movie",
            },
            day={"uuid": uuid(random), "number": number, "date": on.isoformat()},
        )

    def timecode(self, frame: int) -> Timecode:
        """The label that runs at a frame since midnight."""
        return Timecode.from_frames(frame, self.rate)

    def milliseconds(self, frame: int) -> int:
        """The set's clock as an epoch time: it runs on UTC, so that a seed says all."""
        midnight = datetime(self.on.year, self.on.month, self.on.day, tzinfo=UTC)
        return int(midnight.timestamp()) * 1000 + int(frame * 1000 / self.rate.exact)


class Recording:
    """One file of one device: its record as it grows, and what the file is called."""

    def __init__(
        self, production: Production, device: SetDevice, shot: Shot, *, number: int, start: int, stop: int
    ) -> None:
        """`start` and `stop` count frames since midnight, the stop is the first that is not recorded; `number` counts
        the files of the device.
        """
        self.device, self.shot, self.start, self.stop = device, shot, start, stop
        self.production = production
        self._random = Random(f"{production.seed}/{production.number}/{device.name}/{number}")
        self.roll, self.name = _names(production, device, shot, number)
        self.clip: dict[str, Any] = {
            "id": uuid(self._random),
            "type": "sound" if device.name == RECORDER else "video",
            "version": {},
            "project": production.project,
            "projectDay": production.day,
            **_place(production, shot),
            "clipName": self.name.rpartition(".")[0],
            "fileName": self.name,
            "cast": [{"firstname": first, "lastname": last} for first, last in shot.scene.cast],
            "isManual": False,
            "isClapperOnly": False,
            "created": production.milliseconds(start),
            **(self._sound() if device.name == RECORDER else self._picture(number)),
        }

    @property
    def path(self) -> str:
        """Where the file lies below the media folder."""
        folder = self.device.name if self.device.name == RECORDER else f"{self.device.name}/{self.roll}"
        return f"{folder}/{self.name}"

    def rolled(self) -> dict[str, Any]:
        """The record as it is said at the roll: its end is not known."""
        seconds, frames = seconds_frames(self.production.timecode(self.start))
        return self._said(
            self.start,
            tcStartSeconds=seconds,
            tcStartFrames=frames,
            isRecFinal=False,
            isWaste=False,
        )

    def cut(self) -> dict[str, Any]:
        """As it is said at the cut."""
        seconds, frames = seconds_frames(self.production.timecode(self.stop))
        length = round((self.stop - self.start) / self.production.rate.exact)
        return self._said(
            self.stop,
            tcStopSeconds=seconds,
            tcStopFrames=frames,
            isRecFinal=True,
            isWaste=self.shot.kind is Kind.FALSE_START,
            take={**self.clip["take"], "runningTime": length},
            clipLogs=self._remarks(),
        )

    def circled(self, at: int) -> dict[str, Any]:
        """As it is said when the director has chosen the take."""
        comment = self._random.choice(_NICE)
        take = {**self.clip["take"], "printState": 1, "comment": f"print; {comment}"}
        sound = {"circle": True, "comment": comment} if self.clip["type"] == "sound" else {}
        return self._said(at, take=take, **sound)

    def commented(self, by: SetDevice, at: int, comment: str) -> dict[str, Any]:
        """What another device makes of the record as it is now, without knowing of what its own device says next."""
        return {
            **self.clip,
            "version": {**self.clip["version"], by.text: 1},
            "take": {**self.clip["take"], "comment": comment},
            "updated": self.production.milliseconds(at),
        }

    def _said(self, at: int, **changes: Any) -> dict[str, Any]:
        own = self.device.text
        version = {own: self.clip["version"].get(own, 0) + 1}
        self.clip = {**self.clip, **changes, "version": version, "updated": self.production.milliseconds(at)}
        return self.clip

    def _remarks(self) -> list[dict[str, Any]]:
        if self.shot.kind is Kind.FALSE_START:
            comment, presets = "false start", ["NG"]
        elif self._random.random() < 0.4:
            sound = self.clip["type"] == "sound"
            comment, presets = self._random.choice(_SOUND_REMARKS if sound else _CAMERA_REMARKS), []
        else:
            return []
        middle = self.start + (self.stop - self.start) * self._random.randint(30, 70) // 100
        seconds, frames = seconds_frames(self.production.timecode(middle))
        return [{"tcSeconds": seconds, "tcFrames": frames, "comment": comment, "presetComments": presets}]

    def _picture(self, number: int) -> dict[str, Any]:
        random, mos = self._random, self.shot.kind is Kind.MOS
        first = self.device.name == A_CAM
        return {
            "camera": {"number": 1 if first else 2, "model": "ALEXA 35", "name": "A" if first else "B"},
            "camRoll": self.roll,
            "magazine": f"{self.roll}-{1 + number // 20}",
            "lens": random.choice(_LENSES),
            "aperture": random.choice(_STOPS),
            "angle": random.choice((180.0, 172.8)),
            "filter": random.choice(([], ["ND 0.6"], ["ND 0.9", "1/8 BPM"])),
            "whiteBalance": "5600K" if self.shot.scene.day else "3200K",
            "exposureIndexASA": "800",
            "exposureTime": "1/50",
            "shutterAngle": "180",
            "height": f"{random.randint(8, 19) / 10:.1f} m",
            "distance": f"{random.randint(12, 60) / 10:.1f} m",
            # Slow motion: the sensor's rate is not that of the timecode.
            "sensorFPS": str(2 * self.production.rate.nominal if mos else self.production.rate.exact),
            "isMOS": mos,
            "isProductionSound": not mos,
        }

    def _sound(self) -> dict[str, Any]:
        active = 2 if self.shot.kind is Kind.WILD else len(TRACKS)
        return {
            "soundRecorder": {"number": 1, "model": "Scorpio", "name": "Recorder"},
            "fps": fps_name(self.production.rate),
            "bitdepth": "24",
            "samplingrate": "48000",
            "filetype": "WAV",
            "soundroll": self.roll,
            "tracks": [
                {"number": number, "name": name, "isActive": number <= active}
                for number, name in enumerate(TRACKS, 1)
            ],
            "sound_types": ["wild track"] if self.shot.kind is Kind.WILD else ["sync"],
            "circle": False,
            "comment": "room tone, no picture" if self.shot.kind is Kind.WILD else "",
        }


def uuid(random: Random) -> str:
    """32 lower hex digits, as the devices write them."""
    return f"{random.getrandbits(128):032x}"


def _place(production: Production, shot: Shot) -> dict[str, Any]:
    """Scene, slate and take: one object each for all devices that record it, by its uuid."""

    def same(*parts: object) -> str:
        return uuid(Random("/".join(map(str, (production.seed, *parts)))))

    scene = shot.scene
    return {
        "scene": {
            "uuid": same("scene", scene.name),
            "number": scene.number,
            "additional": scene.additional,
            "content": scene.content,
            "insideOutside": "I" if scene.inside else "A",
            "dayNight": "T" if scene.day else "N",
            "pages": scene.pages,
            "location": scene.location,
            "sets": list(scene.sets),
            "storyDay": {"number": scene.story_day},
            "shootingStartedOnProjectDay": production.day,
        },
        "slate": {
            "uuid": same(production.number, scene.name, shot.slate),
            "number": shot.slate,
            "additional": shot.slate_letter,
        },
        "take": {
            "uuid": same(production.number, shot.name),
            "number": shot.take,
            "comment": "",
            "isPickup": shot.kind is Kind.PICKUP,
            "printState": 0,
        },
    }


def _names(production: Production, device: SetDevice, shot: Shot, number: int) -> tuple[str, str]:
    """The roll, and the file in it: A001C001_261122_R1F3.mov, 14A-3-2.WAV."""
    if device.name == RECORDER:
        return f"S{production.number:03}", f"{shot.name}.WAV"
    roll = f"{device.name[0]}{production.number:03}"
    return roll, f"{roll}C{number:03}_{production.on:%y%m%d}_R{device.text[-3:].upper()}.mov"
