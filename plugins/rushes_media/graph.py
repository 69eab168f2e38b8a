"""The ffmpeg command of a proxy, a pure function; runs in a worker process (see `rushes_media.worker`).

Why MOV and not MP4: ffmpeg's MP4 writer keeps a timecode track but drops its reel, its MOV writer keeps
both and editors read both. The pictures are passed through one for one, so that a frame of the proxy is
that frame of the original. A sound stream of one or two channels stays as it is; a larger one becomes one
mono stream for each channel, because production sound is discrete: as "5.1", AAC would cut the top off
channel 4, and it knows no layout of more than eight.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import ffmpeg
import imageio_ffmpeg

from rushes_media.facts import Facts
from rushes_media.form import Form

THREADS = 2
#: What the writer puts there itself; copied as metadata they would stand there twice.
OF_CONTAINER = ("major_brand", "minor_version", "compatible_brands")


def command(source: str, target: str, facts: Facts, form: Form, tags: Mapping[str, str]) -> list[str]:
    """The arguments that make the proxy `target` of `source`, program first.

    `facts` are those of the source, which has a picture; `tags` become metadata of the container, and "reel"
    the reel of the timecode track too. Progress is written to stdout (`-progress pipe:1`), errors to stderr.
    """
    media = ffmpeg.input(source, threads=THREADS, protocol_whitelist="file")
    height = f"min({form.height},floor(ih/2)*2)"
    streams = [media[str(facts.picture)].filter("scale", w=-2, h=height)]
    for index, channels in facts.sound.items():
        streams += _sound(media[str(index)], channels)
    options: dict[str, Any] = {
        "format": "mov",
        "filter_complex_threads": THREADS,
        "fps_mode": "passthrough",
        "c:v": "libx264",
        "preset": form.preset,
        "pix_fmt": "yuv420p",
        "b:v": form.bitrate,
        "maxrate": form.bitrate,
        "bufsize": 2 * form.bitrate,
        "threads:v": THREADS,
        "map_metadata": 0,
        "movflags": "+use_metadata_tags",
    }
    # ffmpeg-python takes an option once: "g" is the container, the number only makes the name unique.
    for number, (key, value) in enumerate(_metadata(facts, tags).items()):
        options[f"metadata:g:{number}"] = f"{key}={value}"
    if facts.sound:
        options |= {"c:a": "aac", "b:a": "160k", "ar": 48000}
    if reel := tags.get("reel"):
        options["metadata:s:v:0"] = f"reel_name={reel}"
    if facts.timecode_track is not None:
        # It counts at another rate than the picture, which -timecode cannot say: keep the track itself.
        streams.append(media[str(facts.timecode_track)])
        options["c:d"] = "copy"
        if reel:
            options["metadata:s:d:0"] = f"reel_name={reel}"
    elif label := facts.values.get("timecode"):
        options["timecode"] = label
    return list(
        ffmpeg.output(*streams, target, **options)
        .global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error", "-progress", "pipe:1")
        .overwrite_output()
        .compile(cmd=form.ffmpeg or imageio_ffmpeg.get_ffmpeg_exe())
    )


def _sound(stream: Any, channels: int) -> list[Any]:
    """The stream itself, or a mono stream for each of its channels."""
    if channels <= 2:
        return [stream]
    split = stream.filter_multi_output("asplit", channels)
    return [
        split[channel].filter("channelmap", map=channel, channel_layout="mono") for channel in range(channels)
    ]


def _metadata(facts: Facts, tags: Mapping[str, str]) -> dict[str, str]:
    created = facts.values.get("created")
    told = {"creation_time": created.isoformat()} if isinstance(created, datetime) else {}
    return dict.fromkeys(OF_CONTAINER, "") | told | dict(tags)
