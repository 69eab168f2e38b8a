"""How ffmpeg reads a recording that grows, and writes a file that can be read while it grows (ISO 14496-12)."""

from __future__ import annotations

from typing import Any

from rushes_media.making.recipe import Recipe

#: Seconds of a fragment: what is shot is seen so much later, and each one costs a key frame.
SECONDS = 1
#: Seconds that ffmpeg looks at before it begins: what streams there are is known already.
ANALYSED_S = 1
FLAGS = "+use_metadata_tags+frag_keyframe+empty_moov+delay_moov+default_base_moof"


def reading(recipe: Recipe) -> dict[str, Any]:
    """Options of ffmpeg's input, which is a pipe that is open until the recording is complete."""
    if not recipe.live:
        return {}
    # The length in a WAVE header is that of the last time its recorder wrote it.
    known = {"ignore_length": 1} if recipe.live == "wav" else {}
    return {"analyzeduration": ANALYSED_S * 1_000_000, **known}


def writing(recipe: Recipe) -> dict[str, Any]:
    """Options of its output: a fragment a second, which is in the file as soon as it is whole."""
    # The index waits for the first fragment: only then are the sound's first samples known (its edit list).
    options: dict[str, Any] = {"movflags": FLAGS, "flush_packets": 1}
    if recipe.material.picture is None:
        return options | {"frag_duration": SECONDS * 1_000_000}
    return options | {"g": max(1, round(SECONDS / recipe.frame))}
