"""What a proxy will be: every decision about it, in one place.

`graph` spells a recipe for ffmpeg and `compare` reads the result by it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from rushes import Permanent, Scalar
from rushes.timecode import RATES, Rate
from rushes_media.facts import Facts
from rushes_media.making.form import CODECS, Form
from rushes_media.making.grade import after
from rushes_media.making.material import UNTAGGED, Colour, Material, Picture
from rushes_media.words import label

#: A container's own rate is believed where its pictures come nearly as often.
NEARLY = Fraction(4, 5)
#: Codecs of sound as a probe calls them.
SOUND_CODECS = {"aac": "aac", "pcm": "pcm_s24le", "bwf": "pcm_s24le", "mp3": "mp3"}
#: Sound that is coded for people's ears: what every player plays.
EAR_RATE = 48000


#: Where a tag stands in the iXML of a BWF; the others have no place there.
IXML_PLACES = {
    "project": "PROJECT",
    "scene": "SCENE",
    "take": "TAKE",
    "reel": "TAPE",
    "note": "NOTE",
    "circled": "CIRCLED",
}
#: The origin of a start that the original itself tells.
FILE = "file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Where a clip starts: `label` at `rate`, or `sample` since midnight, or both; `origin` says who told.

    It is FILE for the original itself, and "" where there is no start at all.
    """

    label: str = ""
    rate: str = ""
    sample: int | None = None
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """`name` is the clip's; `tags` become metadata of the container, as does `created`; `recorded`
    is the recorder's own clock, as "2026-11-22 09:29:50". `track` is a timecode track to copy. `live` is the
    container of an original that is read while it grows, so that the result must be readable as well.

    Of a picture: `size` in square pixels, `rate` in pictures a second, `conform` the
    constant rate that uneven pictures are laid out at, `weave` whether both fields are kept, `colour` what the
    result is tagged with. A rate that is no timecode's is None too: such pictures keep their own times.
    """

    name: str
    form: Form
    material: Material
    start: Start
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    recorded: Scalar = ""
    live: str = ""
    track: int | None = None
    size: tuple[int, int] = (0, 0)
    rate: Fraction | None = None
    conform: Fraction | None = None
    weave: bool = False
    colour: Colour = UNTAGGED

    @property
    def codec(self) -> str:
        """The codec of the main stream, as a probe calls it."""
        return CODECS[self.form.codec] if self.material.picture else self.sound_codec

    @property
    def sound_codec(self) -> str:
        """The codec of the sound, as a probe calls it."""
        return SOUND_CODECS[self.form.audio if self.material.picture else self.form.sound]

    @property
    def extension(self) -> str:
        """Of the file, without its dot."""
        if self.live:
            return "mp4"
        if self.material.picture:
            return "mov"
        return {"bwf": "wav", "aac": "m4a", "mp3": "mp3"}[self.form.sound]

    @property
    def deinterlace(self) -> bool:
        """Whether two fields become one picture."""
        return self.material.picture is not None and self.material.picture.fields and not self.weave

    @property
    def counted(self) -> bool:
        """Whether the proxy has as many pictures as the original."""
        return self.material.picture is not None and self.conform is None

    @property
    def clips(self) -> bool:
        """Whether samples over full scale, which the original can hold, are clipped."""
        return self.extension == "wav" and any(sound.floating for sound in self.material.sounds)

    @property
    def frame(self) -> Fraction:
        """How long a picture is seen, in seconds."""
        mean = self.material.picture.mean if self.material.picture else None
        return 1 / (self.rate or mean or Fraction(25))

    def sample_rate(self, own: int) -> int:
        """Samples a second of a sound stream that has `own`."""
        return own if self.sound_codec == SOUND_CODECS["pcm"] else EAR_RATE


def recipe(
    filename: str, facts: Facts, material: Material, form: Form, start: Start, tags: Mapping[str, str]
) -> Recipe:
    """What the proxy of a file will be; Permanent where it cannot be what it must."""
    created = facts.values.get("created")
    common = Recipe(
        name=filename.rpartition(".")[0] or filename,
        form=form,
        material=material,
        start=start,
        tags=tags,
        created=created if isinstance(created, datetime) else None,
        recorded=facts.values.get("recorded", ""),
    )
    picture = material.picture
    if picture is None:
        return _sound_only(filename, common)
    uneven = bool(facts.values.get("variable_rate"))
    if uneven and form.variable_rate == "refuse":
        raise Permanent(
            f"{filename}: its pictures come at uneven times; choose variable_rate: conform, or conform it yourself"
        )
    rate = paced(facts, material)
    return replace(
        common,
        size=size(picture, form),
        rate=rate,
        conform=rate if uneven else None,
        weave=picture.fields and form.interlaced == "keep",
        track=None if uneven else facts.timecode_track,
        colour=_colour(picture, form),
    )


def paced(facts: Facts, material: Material) -> Fraction | None:
    """Pictures a second of the result; None where they come at a rate that no timecode counts at, and of sound."""
    if material.picture is None:
        return None
    if facts.values.get("variable_rate"):
        return _nearest(facts, material.picture)
    told = str(facts.values.get("rate", ""))
    return Rate.parse(told).exact if told and label.named(told) else None


def _colour(picture: Picture, form: Form) -> Colour:
    """What the result is tagged with; ProRes knows no full range, ffmpeg converts to what it knows."""
    colour = after(form.grade, picture.colour, rgb=picture.rgb, lines=picture.upright[1])
    return replace(colour, full=colour.full and form.codec != "prores-proxy")


def size(picture: Picture, form: Form) -> tuple[int, int]:
    """Upright, in square pixels, even, and never more lines than there are.

    Two woven fields are halved in colour once more, so their lines come in fours.
    """
    wide, lines = picture.upright
    step = 4 if picture.fields and form.interlaced == "keep" else 2
    height = max(step, min(form.height, lines) // step * step)
    return max(2, round(wide * height / lines / 2) * 2), height


def _sound_only(filename: str, common: Recipe) -> Recipe:
    channels = common.material.channels
    if common.form.sound == "mp3" and channels > 2:
        raise Permanent(f"{filename}: it has {channels} channels, an MP3 holds two; choose sound: bwf or aac")
    if common.form.sound != "bwf":
        return common
    return replace(common, tags={name: told for name, told in common.tags.items() if name in IXML_PLACES})


def _nearest(facts: Facts, picture: Picture) -> Fraction:
    """The nominal rate that uneven pictures are meant at: that of their timecode, else of their container where
    they come nearly as often, else the nearest to their mean.
    """
    told = facts.values.get("timecode_rate")
    if told:
        return Rate.parse(str(told)).exact
    mean = picture.mean or picture.rate or Fraction(25)
    claimed = None if picture.rate is None else label.of(picture.rate)
    if claimed and NEARLY <= mean / claimed.exact <= 1 / NEARLY:
        return claimed.exact
    return min((rate.exact for rate in RATES), key=lambda exact: abs(exact - mean))
