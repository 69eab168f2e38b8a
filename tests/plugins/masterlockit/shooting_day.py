"""A day on a set, as its devices tell it: three scenes, two cameras, a recorder and a slate.

There are 25 takes, circled ones, waste, a pickup, a set-up without sound, and three wild tracks.

The clips and claps are JSON as it goes over the wire (reference section 3). Day 12 starts in the morning in a
kitchen and ends at a jetty after midnight. Nothing is random: the same arguments give the same day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

CAMERA_A, CAMERA_B = "00000000000000a1", "00000000000000b1"
RECORDER, SLATE, TABLET = "00000000000000c1", "00000000000000d1", "00000000000000e1"
DATE = "2026-09-14"
MIDNIGHT = int(datetime(2026, 9, 13, 22, tzinfo=UTC).timestamp())
PROJECT = {
    "uuid": "7d0f",
    "name": "Der letzte Fährmann",
    "type": "movie",
    "customer": {"name": "Nordufer Film GmbH"},
    "numbers": [{"title": "NDR", "number": "2026/117"}],
}
HEADER = {
    "unit": "Main unit",
    "scriptSupervisor": "Mara Öztürk",
    "boomOperator": "Tom Rieger",
    "referenceLevel": "-20 dBFS, 1 kHz",
}
PEOPLE = {
    "producer": "Ines Falk",
    "director": "Jonas Brandt",
    "dop": "Léa Marchand",
    "soundmixer": "Henrik Sørensen",
}
_KITCHEN = {
    "number": 14,
    "additional": "A",
    "insideOutside": "INT",
    "dayNight": "DAY",
    "location": "Ferry house",
    "sets": ["Kitchen"],
    "pages": 11,
    "content": "Anna finds the letter behind the stove.",
}
_HARBOUR = {
    "number": 27,
    "insideOutside": "EXT",
    "dayNight": "DAY",
    "location": "Harbour",
    "pages": 6,
    "content": "The ferry comes in without its captain.",
}
_JETTY = {
    "number": 28,
    "insideOutside": "EXT",
    "dayNight": "NIGHT",
    "location": "Jetty",
    "pages": 20,
    "content": "Anna and Nils wait for the light on the other shore. Neither says what both know.",
}


@dataclass(frozen=True)
class SetUp:
    """One slate: when it began (label), and of each take its length in seconds and what became of it.

    `o` circled, `x` waste, `p` a pickup, `.` nothing.
    """

    scene: dict[str, Any]
    slate: int
    begins: str
    takes: tuple[tuple[int, str], ...]
    lenses: tuple[tuple[str, str], ...]
    comments: dict[int, str] = field(default_factory=dict)
    mos: bool = False
    sensor_fps: str = "25.000"


SET_UPS = (
    SetUp(_KITCHEN, 31, "08:41:12", ((74, "x"), (96, "."), (101, "."), (98, "o"), (103, "o")),
          (("Signature 35mm", "T2.8"), ("Signature 75mm", "T2.8")),
          {1: "false start, kettle", 3: "Anna late on the turn", 4: "best for Nils", 5: "director's choice"}),
    SetUp(_KITCHEN, 32, "10:05:47", ((61, "."), (58, "."), (64, "o"), (33, "p")),
          (("Signature 47mm", "T2.8 1/3"), ("Signature 95mm", "T2.8 1/3")),
          {2: "boom shadow on the wall, wide only", 4: "from “You knew it” to the end"}),
    SetUp(_KITCHEN, 33, "11:32:08", ((22, "."), (24, "o")), (("Macro 100mm", "T5.6"),),
          {2: "hands, letter, flame"}, mos=True, sensor_fps="50.000"),
    SetUp(_HARBOUR, 34, "14:18:30", ((131, "."), (47, "x"), (128, "."), (135, "o")),
          (("Signature 25mm", "T8"), ("Signature 150mm", "T5.6")), {2: "ship's horn", 4: "wind in the hair, lovely"}),
    SetUp(_HARBOUR, 35, "16:02:55", ((88, "."), (92, "o"), (41, "op")),
          (("Signature 58mm", "T5.6"), ("Signature 125mm", "T5.6")), {3: "only the line on the gangway"}),
    SetUp(_JETTY, 36, "22:51:20", ((182, "."), (176, "."), (201, "o"), (190, ".")),
          (("Signature 40mm", "T1.8"), ("Signature 75mm", "T1.8")), {2: "B soft from 22:58", 3: "magic"}),
    SetUp(_JETTY, 37, "23:56:40", ((158, "x"), (149, "."), (153, "o")),
          (("Signature 65mm", "T1.8"), ("Signature 95mm", "T1.8")), {1: "generator dies, all dark"}),
)  # fmt: skip
WILD = (
    ("14A", "11:48:15", 62, "room tone", "kitchen, fridge off"),
    ("27", "16:31:02", 95, "atmo", "gulls, rigging, no engines"),
    ("28", "00:21:30", 48, "wild lines", "Anna: “Turn the light off.” three readings"),
)
TRACKS = ("Mix L", "Mix R", "Boom 1", "Anna", "Nils", "Plant")


@dataclass
class ShootingDay:
    """What was recorded, in the order in which it was told, and the devices that told it, by the clip's id."""

    clips: list[dict[str, Any]] = field(default_factory=list)
    claps: list[dict[str, Any]] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, device: str, clip: dict[str, Any]) -> None:
        count = self.counts[device] = self.counts.get(device, 0) + 1
        clip |= {"id": uuid5(NAMESPACE_URL, f"{device}/{count}").hex, "version": {device: 1}}
        self.clips.append(clip)
        self.origins[clip["id"]] = device


def shooting_day(rate: str = "FPS_25", *, day: int = 12, additional: str = "") -> ShootingDay:
    """That day; `rate` is what the recorder says of its timecode."""
    told = ShootingDay()
    project_day = {"uuid": f"day{day}", "number": day, "additional": additional, "date": DATE}
    for set_up in SET_UPS:
        begins = _seconds(set_up.begins)
        for count, (length, fate) in enumerate(set_up.takes, 1):
            take = {
                "number": count,
                "isPickup": "p" in fate,
                "printState": int("o" in fate),
                "comment": set_up.comments.get(count, ""),
            }
            common = {
                "project": PROJECT,
                "projectDay": project_day,
                "scene": set_up.scene,
                "slate": {"number": set_up.slate},
                "take": take,
                "isWaste": "x" in fate,
                "isRecFinal": True,
            }
            for place, lens in enumerate(set_up.lenses):
                told.add(
                    (CAMERA_A, CAMERA_B)[place], _picture(common, set_up, place, lens, begins, length, told)
                )
            if not set_up.mos:
                told.add(RECORDER, _sound(common, begins - 4, length + 7, rate, fate, told))
            told.claps.append(_clap(set_up, count, begins + 3, told))
            begins += length + 95 + 40 * count
    for scene, starts, length, kind, words in WILD:
        label = next(
            s.scene for s in SET_UPS if scene == f"{s.scene['number']}{s.scene.get('additional', '')}"
        )
        wild = {
            "project": PROJECT,
            "projectDay": project_day,
            "scene": label,
            "comment": words,
            "sound_types": [kind],
        }
        told.add(RECORDER, _sound(wild, _seconds(starts), length, rate, "", told))
    return told


def _seconds(label: str) -> int:
    hours, minutes, seconds = map(int, label.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def _timecode(starts: int, length: int) -> dict[str, Any]:
    stops, since = starts + length, starts if starts > 6 * 3600 else starts + 86400
    return {
        "tcStartSeconds": starts % 86400,
        "tcStartFrames": starts * 7 % 25,
        "tcStopSeconds": stops % 86400,
        "tcStopFrames": stops * 11 % 25,
        "created": (MIDNIGHT + since) * 1000,
        "updated": (MIDNIGHT + since + length) * 1000,
    }


def _picture(
    common: dict[str, Any],
    set_up: SetUp,
    place: int,
    lens: tuple[str, str],
    begins: int,
    length: int,
    told: ShootingDay,
) -> dict[str, Any]:
    letter, device = ("A", CAMERA_A) if place == 0 else ("B", CAMERA_B)
    count = told.counts.get(device, 0)
    roll, clip = f"{letter}{31 + count // 12:03}", count % 12 + 1
    night = set_up.scene["dayNight"] == "NIGHT"
    name = f"{roll}C{clip:03}_260914_R{'1M' if place == 0 else '2E'}{clip:X}"
    return {
        "type": "video",
        **common,
        **_timecode(begins + place, length - place),
        "camera": {"number": place + 1, "model": "ALEXA 35", "name": letter},
        "clipName": name,
        "fileName": f"{name}.mxf",
        "camRoll": roll,
        "lens": lens[0],
        "aperture": lens[1],
        "filter": [] if night else ["ND 0.9"] if set_up.slate < 34 else ["ND 1.8", "Pola"],
        "whiteBalance": "3200 K" if night else "5600 K",
        "exposureIndexASA": "1280" if night else "800",
        "shutterAngle": "180°",
        "sensorFPS": set_up.sensor_fps,
        "height": f"{1.2 + place * 0.3:.1f} m",
        "distance": f"{1.8 + place * 1.4:.1f} m",
        "isMOS": set_up.mos,
    }


def _sound(
    common: dict[str, Any], begins: int, length: int, rate: str, fate: str, told: ShootingDay
) -> dict[str, Any]:
    scene = f"{common['scene']['number']}{common['scene'].get('additional', '')}"
    if "slate" in common:
        name = f"{scene}-{common['slate']['number']}-T{common['take']['number']:02}"
    else:
        name = f"{scene}-WT{told.counts[RECORDER] + 1:02}"
    armed = TRACKS if "slate" in common else TRACKS[:3]
    return {
        "type": "sound",
        **common,
        **_timecode(begins, length),
        "soundRecorder": {"number": 1, "model": "Scorpio", "name": "Cart"},
        "clipName": name,
        "fileName": f"{name}.WAV",
        "soundroll": "S012",
        "fps": rate,
        "bitdepth": "24",
        "samplingrate": "48000",
        "filetype": "BWF poly",
        "tracks": [
            {"name": track, "number": place, "isActive": track in armed} for place, track in enumerate(TRACKS, 1)
        ],
        "circle": "o" in fate,
        "clipLogs": [{"tcSeconds": begins + 30, "tcFrames": 12, "comment": "plane"}] if begins % 5 == 0 else [],
    }  # fmt: skip


def _clap(set_up: SetUp, take: int, at: int, told: ShootingDay) -> dict[str, Any]:
    scene = set_up.scene
    since = at if at > 6 * 3600 else at + 86400
    return {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": at % 86400, "frames": at * 13 % 25},
        "slateInfo": {
            "type": "slate",
            "scene": f"{scene['number']}{scene.get('additional', '')}",
            "slate": str(set_up.slate),
            "take": str(take),
            "cam": "A" if set_up.mos else "A B",
            "roll": told.clips[-1].get("camRoll") or told.clips[-2]["camRoll"],
            "fps": 50 if set_up.mos else 25,
            "mos": set_up.mos,
            "day": scene["dayNight"] == "DAY",
            "night": scene["dayNight"] == "NIGHT",
            "inside": scene["insideOutside"] == "INT",
            "outside": scene["insideOutside"] == "EXT",
            "date": DATE,
            **PEOPLE,
        },
        "device": SLATE,
        "seen": float(MIDNIGHT + since),
    }
