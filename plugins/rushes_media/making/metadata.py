"""What a proxy says of its recording, and what of itself."""

from __future__ import annotations

from collections.abc import Mapping

from rushes import Clip, Scalar
from rushes_media.facts import Facts
from rushes_media.making.recipe import FILE, Recipe

#: Findings that are true of the original's file only: a proxy has its own.
OF_FILE = (
    "container",
    "streams",
    "codec",
    "profile",
    "pixel_format",
    "bit_depth",
    "colour_space",
    "transfer",
    "width",
    "height",
    "aspect",
    "rotation",
    "interlaced",
    "variable_rate",
    "rate",
    "frames",
    "duration",
    "timecode_end",
    "channels",
    "audio_layout",
    "sample_rate",
)
#: And what stays true of a proxy that does not tell: it is upright and even.
PLAIN: Mapping[str, Scalar] = {"rotation": 0, "interlaced": False, "variable_rate": False}
#: Findings that travel as tags of the proxy's container.
TAGS = ("scene", "slate", "take", "camera", "reel", "project", "note", "circled")


def findings(made: Facts, made_as: Recipe) -> dict[str, Scalar]:
    """What the derived clip says of itself; a start that the original does not have, and who told it."""
    told = {**PLAIN, **{name: made.values[name] for name in OF_FILE if name in made.values}}
    begins = made_as.start
    if begins.origin not in {"", FILE}:
        told |= {"timecode_from": begins.origin}
        told |= {
            name: made.values[name]
            for name in ("timecode", "timecode_rate", "start_sample")
            if name in made.values
        }
    return told


def tags(clip: Clip, original: Facts) -> dict[str, str]:
    """What a person, a record or the file tells, in this order; the clip's metadata are merged so."""
    told = {name: clip.meta.get(name, original.values.get(name, "")) for name in TAGS}
    # On one line and without the zero that no argument can hold.
    plain = {name: " ".join(str(value).replace("\0", " ").split()) for name, value in told.items()}
    return {name: value for name, value in plain.items() if value}
