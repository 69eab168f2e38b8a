"""The ffmpeg command of a recipe, a pure function; runs in a worker process (see `rushes_media.worker`).

Why MOV and not MP4: ffmpeg's MP4 writer keeps a timecode track but drops its reel, its MOV writer keeps both and
editors read both.
"""

from __future__ import annotations

from typing import Any

import ffmpeg
import imageio_ffmpeg

from rushes_media.making import bwf, fragments, pictures, soundtrack
from rushes_media.making.recipe import Recipe

#: What the writer puts there itself; copied as metadata they would stand there twice. "timecode" is the track's.
OF_CONTAINER = ("major_brand", "minor_version", "compatible_brands", "timecode")
#: ffmpeg's writer by extension.
FORMATS = {"mov": "mov", "wav": "wav", "m4a": "mp4", "mp4": "mp4", "mp3": "mp3"}


def command(source: str, target: str, recipe: Recipe) -> list[str]:
    """The arguments that make the proxy `target` of `source`, program first.

    Progress is written to stdout (`-progress pipe:1`), errors to stderr.
    """
    # Two channels of a recorder that does not say so are no stereo pair.
    guess: dict[str, Any] = {"guess_layout_max": 0} if recipe.extension == "wav" else {}
    guess |= fragments.reading(recipe)
    media = ffmpeg.input(source, threads=pictures.THREADS, protocol_whitelist="file", **guess)
    streams = soundtrack.streams(media, recipe)
    options: dict[str, Any] = {"format": FORMATS[recipe.extension], **soundtrack.encoder(recipe)}
    if recipe.material.picture is not None:
        streams.insert(0, pictures.filtered(media[str(recipe.material.picture.index)], recipe))
        options |= {"filter_complex_threads": pictures.THREADS, **pictures.encoder(recipe)}
        options |= _timecode(media, streams, recipe)
    if recipe.extension == "wav":
        options |= bwf.room(recipe)
    else:
        options |= _tags(recipe)
    options |= fragments.writing(recipe) if recipe.live else {}
    return list(
        ffmpeg.output(*streams, target, **options)
        .global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error", "-progress", "pipe:1")
        .overwrite_output()
        .compile(cmd=recipe.form.ffmpeg or imageio_ffmpeg.get_ffmpeg_exe())
    )


def _timecode(media: Any, streams: list[Any], recipe: Recipe) -> dict[str, Any]:
    """The timecode track with its reel."""
    reel = recipe.tags.get("reel")
    named = {"metadata:s:v:0": f"reel_name={reel}"} if reel else {}
    if recipe.track is not None:
        # It counts at another rate than the picture, which -timecode cannot say: keep the track itself.
        streams.append(media[str(recipe.track)])
        return named | {"c:d": "copy"} | ({"metadata:s:d:0": f"reel_name={reel}"} if reel else {})
    return named | ({"timecode": recipe.start.label} if recipe.start.label else {})


def _tags(recipe: Recipe) -> dict[str, Any]:
    """Metadata of the container: those of the original, what else is told on top."""
    told = dict.fromkeys(OF_CONTAINER, "")
    if recipe.created:
        told["creation_time"] = recipe.created.isoformat()
    if recipe.material.picture is None and recipe.start.label:
        told["timecode"] = recipe.start.label  # sound alone has no timecode track; this is read as one
    told |= recipe.tags
    # ffmpeg-python takes an option once: "g" is the container, the number only makes the name unique.
    options: dict[str, Any] = {
        f"metadata:g:{number}": f"{key}={value}" for number, (key, value) in enumerate(told.items())
    }
    flags = {} if recipe.extension == "mp3" else {"movflags": "+use_metadata_tags"}
    return {"map_metadata": 0, **flags, **options}
