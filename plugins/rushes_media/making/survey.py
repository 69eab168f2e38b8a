"""A file's material, read with PyAV; runs only in a worker process (see `rushes_media.worker`)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from rushes_media.containers import riff
from rushes_media.facts import Facts
from rushes_media.making.material import UNTOLD, Colour, Material, Picture, Sound
from rushes_media.recordings import colour
from rushes_media.recordings.recording import OPTIONS

#: ffmpeg's number of a full range.
FULL = 2
MICROSECONDS = 1_000_000
#: Until a first picture comes out; a recording that begins with so many broken ones tells nothing.
MOST_PACKETS = 300


def survey(path: str, facts: Facts) -> Material:
    """The material of a file that was looked at; OSError and av.FFmpegError when it cannot be read."""
    with av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        begins = Fraction(container.start_time or 0, MICROSECONDS)
        sounds = []
        for index, channels in facts.sound.items():
            stream = container.streams[index]
            assert isinstance(stream, av.AudioStream)
            context = stream.codec_context
            sounds.append(
                Sound(
                    index=index,
                    channels=channels,
                    sample_rate=context.sample_rate,
                    late=_late(stream, begins),
                    floating=context.format.name.startswith(("flt", "dbl")) and "pcm" in context.name,
                )
            )
        picture = None if facts.picture is None else _picture(container, facts.picture, begins)
    if picture is not None or facts.values.get("container") != "wav":
        return Material(picture=picture, sounds=tuple(sounds))
    with Path(path).open("rb") as wave:
        said = riff.read(wave, Path(path).stat().st_size).chunks
    return Material(sounds=tuple(sounds), bext=said.get("bext", b""), ixml=said.get("iXML", b""))


def count(path: str, index: int) -> int:
    """The pictures of a stream that are shown, counted by reading all of the file; raises as `survey`."""
    with av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        packets = container.demux(container.streams[index])
        return sum(1 for packet in packets if packet.size and not packet.is_discard)


def _picture(container: InputContainer, index: int, begins: Fraction) -> Picture:
    stream = container.streams[index]
    assert isinstance(stream, av.VideoStream)
    context = stream.codec_context
    first = _first(container, stream)
    woven = int(getattr(context, "field_order", 0) or 0) in colour.FIELDS
    said = context if first is None else first
    layout = None if context.pix_fmt is None else context.format
    return Picture(
        index=index,
        width=context.width if first is None else first.width,
        height=context.height if first is None else first.height,
        pixel=Fraction(stream.sample_aspect_ratio or 1),
        turned=0 if first is None else -first.rotation % 360,
        fields=woven or (first is not None and first.interlaced_frame),
        bits=max((each.bits for each in layout.components), default=8) if layout else 8,
        rgb=bool(layout and layout.is_rgb),
        colour=Colour(
            primaries=_told(said.color_primaries),
            transfer=_told(said.color_trc),
            matrix=_told(said.colorspace),
            full=said.color_range == FULL or (context.pix_fmt or "").startswith("yuvj"),
        ),
        late=_late(stream, begins),
        rate=stream.base_rate,
        mean=stream.average_rate,
    )


def _first(container: InputContainer, stream: av.VideoStream) -> av.VideoFrame | None:
    """The first picture; what it is counts more than what its container says. None when none comes out."""
    try:
        for number, packet in enumerate(container.demux(stream)):
            for frame in packet.decode():
                return frame
            if number > MOST_PACKETS:
                return None
    except av.FFmpegError:
        return None  # whether the file can be made a proxy of is for ffmpeg to say
    return None


def _told(code: int | None) -> int:
    """A code point; "reserved" (0) and nothing tell as little as "unspecified"."""
    return int(code) if code else UNTOLD


def _late(stream: av.stream.Stream, begins: Fraction) -> Fraction:
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base - begins
