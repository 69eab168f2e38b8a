"""The sound of a recipe, as ffmpeg is told to make it.

A stream of one or two channels stays as it is; a larger one becomes one mono stream for each channel, because
production sound is discrete: as "5.1", AAC would cut the top off channel 4, and it knows no layout of more than
eight. Every stream is laid out from the first picture on: what was heard before it is cut, what begins later is
padded, a hole is filled with silence, so that no player has to shift anything.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ffmpeg

from rushes_media.making.recipe import EAR_RATE, SOUND_CODECS, Recipe

#: Most channels that are kept together in one stream.
TOGETHER = 2
BITRATE = "160k"


def streams(media: Any, recipe: Recipe) -> list[Any]:
    """The sound streams of the result, in the order of the original's channels."""
    sounds = recipe.material.sounds
    picture = recipe.material.picture
    begins = picture.late if picture else min((each.late for each in sounds), default=Fraction(0))
    laid = [(_laid(media[str(each.index)], begins), each.channels) for each in sounds]
    if recipe.extension == "wav":
        return [_poly(laid)]
    return [one for stream, channels in laid for one in _kept(stream, channels)]


def encoder(recipe: Recipe) -> dict[str, Any]:
    """The options of ffmpeg for the codec of the sound."""
    name = recipe.sound_codec
    if not recipe.material.sounds:
        return {}
    if name == SOUND_CODECS["pcm"]:
        return {"c:a": name}
    return {"c:a": "libmp3lame" if name == "mp3" else name, "ar": EAR_RATE, "b:a": BITRATE}


def _laid(stream: Any, begins: Fraction) -> Any:
    """The stream from that moment on, without holes."""
    if begins:
        stream = stream.filter("asetpts", f"PTS-{begins}/TB")
    return stream.filter("aresample", **{"async": 1, "first_pts": 0})


def _kept(stream: Any, channels: int) -> list[Any]:
    """The stream itself, or a mono stream for each of its channels."""
    return [stream] if channels <= TOGETHER else _monos(stream, channels)


def _monos(stream: Any, channels: int) -> list[Any]:
    split = stream.filter_multi_output("asplit", channels)
    return [
        split[channel].filter("channelmap", map=channel, channel_layout="mono") for channel in range(channels)
    ]


def _poly(laid: list[tuple[Any, int]]) -> Any:
    """One stream of all channels; monos are put together because streams with layouts would be sorted by them."""
    if len(laid) == 1:
        return laid[0][0]
    monos = [one for stream, channels in laid for one in _monos(stream, channels)]
    return ffmpeg.filter(monos, "amerge", inputs=len(monos))
