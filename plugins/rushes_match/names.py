"""Names of recordings brought to one form: clip names, reels, scenes and takes, as cameras and people write them.

Everything here is total: any text has a normal form, the empty one an empty form.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from msgspec import Struct

#: How far a name tells one recording from all others: `unique` holds a date or a random part, `roll` a reel and
#: an index, `take` what people call the take, `generic` a counter that starts again on every card.
Weight = Literal["unique", "roll", "take", "generic", ""]

_EXTENSIONS = (
    "360 3gp aac aif aifc aiff ari arw arx avi bmp braw bw64 bwf caf cin cr2 cr3 crm dav dng dpx exr flac gif "
    "heic heif insv jpeg jpg jxl lrf lrv m2t m2ts m2v m4a m4v mkv mov mp3 mp4 mpeg mpg mts mxf nef nev oga ogg "
    "ogv opus orf png qt r3d raf rf64 rmf rw2 tga thm tif tiff ts w64 wav wave webm webp"
)
_EXTENSION = re.compile(rf"\.(?:{'|'.join(_EXTENSIONS.split())})$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s_.\-/\\:]+")
_NO_WORD = re.compile(r"[\W_]+")

#: ARRI A001C003_221122_R1AB, Sony A001C003_221122AB, Canon A001C003H221122AB_CANON, RED A001_C003_1122LZ, ALEXA 35
#: A_0001C003_221122_093000_a1B2C, Blackmagic A001_11220930_C003.
_CAMERA = re.compile(
    r"(?P<letter>[a-z]{1,2})_?(?P<reel>\d{3,4})_?(?:\d{8}_)?c(?P<index>\d{3,4})(?!\d)(?P<rest>.*)", re.ASCII
)
_REEL = re.compile(
    r"(?P<letter>[a-z]{1,2})_?(?P<reel>\d{1,4})(?!\d)(?:_?(?:[a-z]\w{2,3}|\d[a-z]{3}|\d{4}[a-z]{2}|\d{6}\w{0,4}))?",
    re.ASCII,
)
_INDEX = re.compile(r"(?:c(?:lip)?_?)?0*(\d{1,5})", re.ASCII)
_GENERIC = re.compile(
    r"(?:c|g[xhlpo]|gopr|gp|mvi|img|dsc|dscf|dji|zoom|tascam|mixpre|clip|take|t|ste|mov|vid|file|track|audio|p|aa|"
    r"untitled|video|rec|sound|scene|dr|rx)?_?\d{1,8}(?:_\d{1,4})?|[a-z]{2,6}_?\d{4,6}|\d{4}[a-z0-9]{2}",
    re.ASCII,
)
_DATED = re.compile(r"\d{6}|[0-9]{4}[a-z]{2}", re.ASCII)


def stem(name: str) -> str:
    """The name without folders of any system and without the extension of a media file."""
    return _EXTENSION.sub("", re.split(r"[/\\]", name.strip())[-1])


@lru_cache(65536)
def normal(name: str) -> str:
    """What spellings of one file or clip name have in common: case, extension and the kind of separator are gone."""
    folded = unicodedata.normalize("NFKC", stem(name)).casefold()
    return _SEPARATORS.sub("_", folded).strip("_")


@lru_cache(65536)
def squashed(name: str) -> str:
    """The normal form without separators: looser than `normal`, to look names up by."""
    return _NO_WORD.sub("", normal(name))


class Parsed(Struct, frozen=True, gc=False):
    """What a normal name says: `reel` and `index` as `reel_key` and `index_key` write them, "" where it has none."""

    weight: Weight
    camera: str = ""
    reel: str = ""
    index: str = ""


@lru_cache(65536)
def parsed(name: str) -> Parsed:
    """What the name of a clip or file says."""
    text = normal(name)
    if not text:
        return Parsed("")
    if found := _CAMERA.fullmatch(text):
        letter = found["letter"].upper()
        unique = _DATED.search(found["rest"]) is not None or re.search(r"_\d{8}_c", text) is not None
        return Parsed(
            "unique" if unique else "roll",
            letter,
            f"{letter}{int(found['reel']):03}",
            str(int(found["index"])),
        )
    return Parsed("generic" if _GENERIC.fullmatch(text) else "take")


@lru_cache(65536)
def reel_key(reel: str) -> str:
    """What spellings of a reel have in common: "a1", "A001", "A_0001" and ARRI's "A001R2EC" are A001."""
    text = normal(reel)
    if (found := _REEL.fullmatch(text)) or (found := _CAMERA.fullmatch(text)):
        return f"{found['letter'].upper()}{int(found['reel']):03}"
    return squashed(reel).upper()


@lru_cache(65536)
def index_key(index: str) -> str:
    """The number of a clip on its reel: "C003", "003" and "Clip 3" are 3; "" for anything else."""
    found = _INDEX.fullmatch(normal(index))
    return found[1] if found else ""


@lru_cache(65536)
def camera_key(camera: str) -> str:
    """What spellings of a camera's letter or name have in common: "A", "a-cam", "Camera A", "CAM A" are A."""
    text = squashed(camera).upper()
    short = re.sub(r"^(?:CAMERA|CAM)|(?:CAMERA|CAM)$", "", text)
    return short or text


@lru_cache(65536)
def scene_key(scene: str) -> str:
    """What spellings of a scene or slate have in common: "Sc. 014 a", "14A" and "14 A" are 14A; 14-2 is not 142."""
    text = unicodedata.normalize("NFKC", scene).casefold()
    text = re.sub(r"^(?:scene|sc|slate|sl)(?=[\W_\d])", "", text)
    text = re.sub(r"(?<=\d)[\W_]+(?=\d)", "-", text.strip())
    text = re.sub(r"[^\w-]|_|(?<!\d)-|-(?!\d)", "", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text).upper()


@lru_cache(65536)
def take_key(take: str) -> tuple[str, bool]:
    """A take as its number and whether it is a pickup: "T01" and "Take 1" are 1; "3 PU", "PU3", "3 pick" pickups."""
    text = _NO_WORD.sub("", unicodedata.normalize("NFKC", take).casefold())
    text = re.sub(r"^(?:take|tk|t)(?=\d|pu|pick)", "", text)
    plain = re.sub(r"pick(?:up)?|pku|pup?(?![a-z])", "", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain).upper(), plain != text
