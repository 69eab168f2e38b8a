"""The records that cameras and recorders make of what they recorded."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET

from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.form import Form, Maybe
from rushes_masterlockit.formats.production import Episode, Project, ProjectDay, Scene, Slate, Take
from rushes_masterlockit.formats.script import ScriptLine, ScriptParagraph


class Camera(Form, frozen=True, kw_only=True):
    number: Maybe[int] = UNSET
    model: Maybe[str] = UNSET
    name: Maybe[str] = UNSET


class SoundRecorder(Form, frozen=True, kw_only=True):
    number: Maybe[int] = UNSET
    model: Maybe[str] = UNSET
    name: Maybe[str] = UNSET


class ClipLabel(Form, frozen=True, kw_only=True):
    name: Maybe[str] = UNSET
    comment: Maybe[str] = UNSET
    episode: Maybe[Episode] = UNSET
    scene: Maybe[Scene] = UNSET
    slate: Maybe[Slate] = UNSET


class ClipLog(Form, frozen=True, kw_only=True):
    """A remark at a label of timecode."""

    tc_seconds: Maybe[int] = UNSET
    tc_frames: Maybe[int] = UNSET
    comment: Maybe[str] = UNSET
    preset_comments: Maybe[list[str]] = UNSET


class CastMember(Form, frozen=True, kw_only=True):
    firstname: Maybe[str] = UNSET
    lastname: Maybe[str] = UNSET


class Track(Form, frozen=True, kw_only=True):
    name: Maybe[str] = UNSET
    number: Maybe[int] = UNSET
    is_active: Maybe[bool] = UNSET


class ClipVersion(Form, frozen=True, kw_only=True):
    """All that ListType 2 tells of a clip; `version` counts the edits of each device that made any (A9)."""

    id: str
    type: Literal["video", "sound"]
    version: dict[str, int]

    def __post_init__(self) -> None:
        if not self.id:
            raise FormatError(f"{type(self).__name__}: id is empty")
        if any(count < 0 for count in self.version.values()):
            raise FormatError(f"{type(self).__name__}: version counts edits, which are never negative")


class Clip(ClipVersion, frozen=True, kw_only=True):
    """What video and sound have in common. `created` and `updated` in ms since the epoch."""

    project: Maybe[Project] = UNSET
    clip_name: Maybe[str] = UNSET
    episode: Maybe[Episode] = UNSET
    scene: Maybe[Scene] = UNSET
    slate: Maybe[Slate] = UNSET
    take: Maybe[Take] = UNSET
    project_day: Maybe[ProjectDay] = UNSET
    clip_label: Maybe[ClipLabel] = UNSET
    height: Maybe[str] = UNSET
    distance: Maybe[str] = UNSET
    is_clapper_only: Maybe[bool] = UNSET
    file_name: Maybe[str] = UNSET
    tc_start_seconds: Maybe[int] = UNSET
    tc_start_frames: Maybe[int] = UNSET
    tc_stop_seconds: Maybe[int] = UNSET
    tc_stop_frames: Maybe[int] = UNSET
    is_waste: Maybe[bool] = UNSET
    is_rec_final: Maybe[bool] = UNSET
    is_manual: Maybe[bool] = UNSET
    clip_logs: Maybe[list[ClipLog]] = UNSET
    cast: Maybe[list[CastMember]] = UNSET
    script_paragraphs: Maybe[list[ScriptParagraph]] = UNSET
    script_line: Maybe[ScriptLine] = UNSET
    created: Maybe[int] = UNSET
    updated: Maybe[int] = UNSET


class VideoClip(Clip, frozen=True, kw_only=True):
    """A camera's; `sensor_fps` is how fast it exposed, not how it counts."""

    type: Literal["video"] = "video"
    camera: Maybe[Camera] = UNSET
    cam_roll: Maybe[str] = UNSET
    angle: Maybe[float] = UNSET
    aperture: Maybe[str] = UNSET
    lens: Maybe[str] = UNSET
    magazine: Maybe[str] = UNSET
    filter: Maybe[list[str]] = UNSET
    white_balance: Maybe[str] = UNSET
    exposure_index_asa: Maybe[str] = msgspec.field(name="exposureIndexASA", default=UNSET)
    exposure_time: Maybe[str] = UNSET
    shutter_angle: Maybe[str] = UNSET
    is_production_sound: Maybe[bool] = UNSET
    is_mos: Maybe[bool] = msgspec.field(name="isMOS", default=UNSET)
    sensor_fps: Maybe[str] = msgspec.field(name="sensorFPS", default=UNSET)


class SoundClip(Clip, frozen=True, kw_only=True):
    """A recorder's; `fps` is how it counts, `circle` marks a take to be used."""

    type: Literal["sound"] = "sound"
    sound_recorder: Maybe[SoundRecorder] = UNSET
    fps: Maybe[str] = UNSET
    bitdepth: Maybe[str] = UNSET
    filetype: Maybe[str] = UNSET
    samplingrate: Maybe[str] = UNSET
    soundroll: Maybe[str] = UNSET
    tracks: Maybe[list[Track]] = UNSET
    sound_types: Maybe[list[str]] = msgspec.field(name="sound_types", default=UNSET)
    circle: Maybe[bool] = UNSET
    comment: Maybe[str] = UNSET
