"""A look into one file with PyAV; runs only in a worker process (see `rushes_media.worker`)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path, PurePath
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition

from rushes import Scalar
from rushes_media import boxes, label, mxf, riff, sound, tags
from rushes_media.facts import Facts

#: How much of a file is looked at to tell text from media.
HEAD_BYTES = 4096
#: Playlists are text and are refused before; beneath that, no demuxer may open anything but this file.
OPTIONS = {"protocol_whitelist": "file"}
#: Recordings that only their maker's software opens.
CAMERA_RAW = frozenset({".ari", ".arx", ".braw", ".crm", ".nev", ".r3d", ".rmf"})
SECONDS = 1_000_000  # a container's duration is in microseconds


def look(path: str, kind: str, *, count: bool = False) -> Facts:
    """What the file is. `kind` is the clip's; `count` also counts pictures by reading every packet.

    Pictures and sound that cannot be read have a `problem`; a still or camera raw that cannot be read, and data,
    are merely not told about. OSError when the file itself cannot be read.
    """
    size = Path(path).stat().st_size
    if not size:
        return Facts(problem="empty file")
    if kind == "data":
        return Facts()
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if kind == "image":
            return _still(path)
        if _is_text(head):
            return Facts(problem=f"not a media file: text named {Path(path).suffix or 'without extension'}")
        return _recording(path, stream, head, size, count=count)


def _is_text(head: bytes) -> bool:
    """Whether a head holds printable UTF-8 and nothing else; a character cut at its end is no matter."""
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character in "\t\r\n\f\ufeff" for character in text)
    return False


def _still(path: str) -> Facts:
    try:
        with av.open(path, options=OPTIONS) as container:
            picture = _picture(container)
            return Facts() if picture is None else Facts(values=_size(picture), picture=picture.index)
    except (av.FFmpegError, ValueError):
        return Facts()


def _recording(path: str, stream: BinaryIO, head: bytes, size: int, *, count: bool) -> Facts:
    problem = ""
    track_rate = header_rate = None
    payloads: Mapping[str, bytes] = {}
    if riff.is_riff(head):
        wave = riff.read(stream, size)
        problem, payloads = wave.problem, wave.chunks
    elif boxes.is_movie(head):
        movie = boxes.read(stream, size)
        problem, track_rate = movie.problem, movie.timecode_rate
    elif mxf.is_mxf(head):
        problem, header_rate = mxf.problem(stream, size), mxf.timecode_rate(stream)
    try:
        with av.open(path, options=OPTIONS, metadata_errors="replace") as container:
            values = _values(container, track_rate, header_rate)
            if "sample_rate" in values and payloads:
                values |= sound.read(payloads, int(str(values["sample_rate"])))
            picture = _picture(container)
            heard = {
                one.index: one.codec_context.channels for one in container.streams.audio if one.codec_context
            }
            if picture is None and not heard:
                problem = problem or "no picture and no sound in it"
            return Facts(
                values=values,
                problem=problem,
                picture=None if picture is None else picture.index,
                sound=heard,
                timecode_track=_timecode_track(container, track_rate, picture),
                packets=_count(container, picture) if count and picture is not None else None,
            )
    except av.FFmpegError as error:
        if isinstance(error, OSError):  # the disk, not the file; PyAV's own class does not cross the border
            raise OSError(error.errno, error.strerror) from error
        if not problem and PurePath(path).suffix.lower() in CAMERA_RAW:
            return Facts()  # nobody but its maker's software opens it: that says nothing against it
        return Facts(problem=problem or f"not readable as media: {error.strerror or error}")


def _picture(container: InputContainer) -> av.VideoStream | None:
    """The picture: the default stream, else the first; a cover image is no picture."""
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    return next(
        (one for one in streams if one.disposition & Disposition.default), streams[0] if streams else None
    )


def _size(picture: av.VideoStream) -> dict[str, Scalar]:
    context = picture.codec_context
    return {"width": context.width, "height": context.height} if context and context.width else {}


def _values(
    container: InputContainer, track_rate: Fraction | None, header_rate: Fraction | None
) -> dict[str, Scalar]:
    """What PyAV tells; the timecode counts at its track's rate, the picture's or the header's."""
    picture = _picture(container)
    audio = container.streams.audio
    everything = {
        **{key: value for one in container.streams for key, value in one.metadata.items()},
        **dict(container.metadata),
    }
    name = _container(container)
    # The tags of a WAVE file are its bext, which sound.py reads as a recorder means it.
    values = {} if name in {"wav", "w64"} else tags.read(everything)
    values["container"] = name
    values["streams"] = ", ".join(_codec(one) or one.type for one in container.streams)
    main = picture or next(iter(audio), None)
    if main is not None and (codec := _codec(main)):
        values["codec"] = codec
    rate = _rate(picture)
    if rate:
        values["rate"] = label.written(rate)
    if picture is not None:
        values |= _size(picture)
        if frames := _frames(picture, name, rate):
            values["frames"] = frames
    heard = [one.codec_context for one in audio if one.codec_context]
    if heard:
        values["channels"] = sum(context.channels for context in heard)
        values["sample_rate"] = heard[0].sample_rate
    if duration := _duration(container, main):
        values["duration"] = duration
    origin = "tmcd" if track_rate else "mxf" if name == "mxf" else "tag"
    values |= _timecode(container, track_rate or rate or header_rate, origin)
    return {"rate": values["timecode_rate"]} | values if "timecode_rate" in values else values


def _container(container: InputContainer) -> str:
    """The name people use: ffmpeg has one reader for mov and mp4, which its brand tells apart."""
    names = container.format.name.split(",")
    if "mov" not in names:
        return names[0]
    brand = container.metadata.get("major_brand", "qt  ").strip()
    return "mov" if brand == "qt" else "mp4"


def _codec(stream: av.stream.Stream) -> str:
    """The codec's own name, not that of the decoder at hand; "" where there is no decoder (tmcd, HTJ2K)."""
    context = stream.codec_context
    return context.codec.canonical_name if context else ""


def _frames(picture: av.VideoStream, container: str, rate: Fraction | None) -> int:
    """Pictures as the container tells them, 0 where it does not; MXF tells a duration in edit units."""
    if picture.frames or container != "mxf" or not rate or not picture.duration or not picture.time_base:
        return picture.frames
    units = picture.duration * picture.time_base * rate
    return int(units) if units.denominator == 1 else 0


def _duration(container: InputContainer, main: av.stream.Stream | None) -> float:
    """Seconds of the main stream, else of the container, whose data tracks may be longer than the picture."""
    if main is not None and main.duration and main.time_base:
        return float(main.duration * main.time_base)
    return (container.duration or 0) / SECONDS


def _timecode(container: InputContainer, rate: Fraction | None, origin: str) -> dict[str, Scalar]:
    """The start as the file tells it: a timecode track, else the picture's tag, else the container's."""
    streams = (*container.streams.data, *container.streams.video, *container.streams.audio)
    for metadata in (*(one.metadata for one in streams), container.metadata):
        if told := _label(metadata):
            return label.told(told, rate, origin)
    return {}


def _label(metadata: Mapping[str, str]) -> str:
    return next((value for key, value in metadata.items() if key.lower() == "timecode"), "")


def _timecode_track(
    container: InputContainer, timecode_rate: Fraction | None, picture: av.VideoStream | None
) -> int | None:
    """The timecode track's index, where it counts at another rate than the picture."""
    rate = _rate(picture)
    if timecode_rate is None or rate is None or label.written(timecode_rate) == label.written(rate):
        return None
    return next((one.index for one in container.streams.data if _label(one.metadata)), None)


def _rate(picture: av.VideoStream | None) -> Fraction | None:
    """Pictures a second; a file of one picture has no average, yet a rate."""
    return None if picture is None else picture.average_rate or picture.base_rate


def _count(container: InputContainer, picture: av.VideoStream) -> int:
    """Pictures that would be shown: packets with data that no edit list discards."""
    return sum(1 for packet in container.demux(picture) if packet.size and not packet.is_discard)
