"""What PyAV tells of a picture stream, and what must be looked up in its packets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition

from rushes import Scalar
from rushes_media.containers import steady
from rushes_media.containers.movie import Track
from rushes_media.recordings import colour
from rushes_media.words import label

#: Pictures whose times are read where no index lists them, and where reading ends however few they are.
TIMED_PICTURES, TIMED_BYTES = 600, 64 * 1024 * 1024
#: Pictures may be stored in another order than they are shown: of a cut list of times, the last are not sure.
REORDERED = 16
#: Pictures a second that no recording is meant to be shown at.
FASTEST = 1000
#: Formats whose pictures come at one rate by design.
CONSTANT = frozenset({"avi", "mxf", "dv"})


def pick(container: InputContainer) -> av.VideoStream | None:
    """The picture: the default stream, else the first; a cover image is no picture."""
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    return next(
        (one for one in streams if one.disposition & Disposition.default), streams[0] if streams else None
    )


def size(picture: av.VideoStream) -> dict[str, Scalar]:
    """`width` and `height` as stored, before any turn; {} where the reader does not know."""
    context = picture.codec_context
    return {"width": context.width, "height": context.height} if context and context.width else {}


def read(container: InputContainer, picture: av.VideoStream, track: Track, name: str) -> dict[str, Scalar]:
    """The columns of a picture; `track` is what the index of a MOV or MP4 tells, `name` the container's."""
    values: dict[str, Scalar] = dict(size(picture))
    seen = _seen(container, picture, name)
    values["rotation"] = turn = track.rotation or seen.rotation
    values |= _shape(picture, turn)
    values |= _coding(picture, seen)
    uneven = _uneven(container, picture, track, name)
    if uneven is not None:
        values["variable_rate"] = uneven
    if pace := rate(picture, uneven=bool(uneven)):
        values["rate"] = label.written(pace)
    if frames := _frames(picture, name, pace):
        values["frames"] = frames
    if track.curve:
        values["gamma"] = track.curve
    return values


def rate(picture: av.VideoStream, *, uneven: bool = False) -> Fraction | None:
    """Pictures a second: the average, or the even rate it rounds; a file of one picture has only that."""
    average, even = picture.average_rate, picture.base_rate
    if not average:  # a guess, which without any picture is the clock's own rate
        return even if even and even <= FASTEST else None
    near = even and not uneven and abs(even / average - 1) < Fraction(1, 100)
    return even if near and label.of(average) is None else average


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one decoded picture told; `interlaced` is None where none was looked at."""

    rotation: int = 0
    interlaced: bool | None = None


def _seen(container: InputContainer, picture: av.VideoStream, name: str) -> _Seen:
    """Decodes a picture only where the headers are silent: MKV keeps its turn where PyAV does not tell it."""
    context = picture.codec_context
    if not context or (context.field_order and name != "matroska"):
        return _Seen()
    try:
        for frame in islice(container.decode(picture), 1):
            turned = round(-frame.rotation / 90) * 90 % 360
            return _Seen(turned, frame.interlaced_frame)
    except (av.FFmpegError, ValueError):
        pass
    return _Seen()


def _shape(picture: av.VideoStream, turn: int) -> dict[str, Scalar]:
    context = picture.codec_context
    if not context or not context.width or not context.height:
        return {}
    pixel = picture.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1)
    if pixel <= 0:
        pixel = Fraction(1)
    shown = pixel * context.width / context.height
    if turn % 180:
        shown = 1 / shown
    values: dict[str, Scalar] = {"aspect": f"{shown.numerator}:{shown.denominator}"}
    if pixel != 1:
        values["pixel_aspect"] = f"{pixel.numerator}:{pixel.denominator}"
    return values


def _coding(picture: av.VideoStream, seen: _Seen) -> dict[str, Scalar]:
    context = picture.codec_context
    if not context:  # no decoder for it here
        return {}
    told = {
        "profile": context.profile,
        "pixel_format": context.pix_fmt,
        "colour_space": colour.PRIMARIES.get(context.color_primaries),
        "transfer": colour.TRANSFERS.get(context.color_trc),
        "colour_matrix": colour.MATRICES.get(context.colorspace),
        "colour_range": colour.RANGES.get(context.color_range),
        "field_order": colour.FIELDS.get(context.field_order),
    }
    values: dict[str, Scalar] = {name: value for name, value in told.items() if value}
    if context.format:
        values["bit_depth"] = max(part.bits for part in context.format.components)
    if context.field_order:
        values["interlaced"] = context.field_order != colour.PROGRESSIVE
    elif seen.interlaced is not None:
        values["interlaced"] = seen.interlaced
    return values


def _uneven(container: InputContainer, picture: av.VideoStream, track: Track, name: str) -> bool | None:
    """Whether pictures come at uneven times; None where nothing tells."""
    if name in CONSTANT:
        return False
    if track.runs:
        return steady.uneven(track.runs, track.scale)
    if not picture.time_base:
        return None
    try:
        container.seek(0)
        times = _times(container.demux(picture))
    except (av.FFmpegError, ValueError):
        return None
    return steady.uneven(steady.of_times(times), round(1 / picture.time_base)) if len(times) > 2 else None


def _times(packets: Iterable[av.Packet[Any]]) -> list[int]:
    """When pictures are shown; where the list is cut, without the last of them."""
    times: list[int] = []
    read_bytes = 0
    for packet in packets:
        if packet.size and packet.pts is not None:
            times.append(packet.pts)
        read_bytes += packet.size
        if len(times) >= TIMED_PICTURES or read_bytes > TIMED_BYTES:
            return sorted(times)[:-REORDERED]
    return times


def _frames(picture: av.VideoStream, container: str, pace: Fraction | None) -> int:
    """Pictures as the container tells them, 0 where it does not; MXF tells a duration in edit units."""
    if picture.frames or container != "mxf" or not pace or not picture.duration or not picture.time_base:
        return picture.frames
    units = picture.duration * picture.time_base * pace
    return int(units) if units.denominator == 1 else 0
