"""A look into one recording: PyAV's view, and what each container tells beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePath
from typing import BinaryIO

import av
from av.container import InputContainer

from rushes import Scalar
from rushes_media.containers import boxes, matroska, movie, mxf, riff, w64
from rushes_media.containers.movie import Movie, Track
from rushes_media.facts import Facts
from rushes_media.recordings import codes, heard, nrtm, picture, sound
from rushes_media.words import label, tags

#: Playlists are text and are refused before; beneath that, no demuxer may open anything but this file.
OPTIONS = {"protocol_whitelist": "file"}
#: Recordings that only their maker's software opens.
CAMERA_RAW = frozenset({".ari", ".arx", ".braw", ".crm", ".nev", ".r3d", ".rmf"})
WORD_BITS = 16
SECONDS = 1_000_000  # a container's duration is in microseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the container itself tells: `values` stand where PyAV is silent or cannot read the file, `over` above
    what it says; `sound` are the payloads of a WAVE file, `rate` that of an MXF header.
    """

    problem: str = ""
    values: Mapping[str, Scalar] = field(default_factory=dict)
    over: Mapping[str, Scalar] = field(default_factory=dict)
    movie: Movie = field(default_factory=Movie)
    sound: Mapping[str, bytes] = field(default_factory=dict)
    rate: Fraction | None = None


def look(path: str, stream: BinaryIO, head: bytes, size: int) -> Facts:
    """What the recording with that head and size is.

    A damaged one tells what can be read, and its problem. OSError when the file itself cannot be read.
    """
    told = _told(stream, head, size)
    try:
        with av.open(path, options=OPTIONS, metadata_errors="replace") as container:
            return _facts(container, told)
    except av.FFmpegError as error:
        if (
            isinstance(error, OSError) and not told.problem
        ):  # the disk, not the file; PyAV's own class does not cross the border
            raise OSError(error.errno, error.strerror) from error
        if not told.problem and PurePath(path).suffix.lower() in CAMERA_RAW:
            return Facts()  # nobody but its maker's software opens it: that says nothing against it
        return Facts(
            values=_ended({**told.values, **told.over}),
            problem=told.problem or f"not readable as media: {error.strerror or error}",
        )


def _told(stream: BinaryIO, head: bytes, size: int) -> Told:
    if riff.is_riff(head):
        return _wave("wav", riff.read(stream, size))
    if w64.is_w64(head):
        return _wave("w64", w64.read(stream, size))
    if riff.is_avi(head):
        return Told(problem=riff.avi_problem(stream, size), values={"container": "avi"})
    if matroska.is_matroska(head):
        return Told(problem=matroska.problem(stream, size), values={"container": "matroska"})
    if boxes.is_movie(head):
        return _movie(movie.read(stream, size))
    if mxf.is_mxf(head):
        header = mxf.read(stream, size)
        values: dict[str, Scalar] = {"container": "mxf", **header.described}
        if header.pattern:
            values["pattern"] = header.pattern
        if header.tracks:
            values["tracks"] = ", ".join(header.tracks)
        over: dict[str, Scalar] = {}
        if header.created:
            over |= {"created": header.created, "created_zone": "UTC", "created_basis": "container"}
        return Told(problem=header.problem, values=values, over=over, rate=header.timecode_rate)
    return Told()


def _wave(name: str, wave: riff.Riff) -> Told:
    """Their bext and iXML are read as a recorder means them; PyAV's tags of a WAVE file are that bext again."""
    values = wave.values()
    sample_rate = values.get("sample_rate")
    heard_ = sound.read(wave.chunks, sample_rate) if isinstance(sample_rate, int) else {}
    return Told(problem=wave.problem, values={"container": name, **values}, over=heard_, sound=wave.chunks)


def _movie(index: Movie) -> Told:
    values: dict[str, Scalar] = {"container": "mov" if index.brand in {"", "qt"} else "mp4"}
    if index.model:
        values |= {"make": "GoPro", "model": index.model}
    over = nrtm.read(index.xml) if nrtm.is_nrtm(index.xml) else {}
    return Told(problem=index.problem, values=values, over=over, movie=index)


def _facts(container: InputContainer, told: Told) -> Facts:
    shown = picture.pick(container)
    channels = {one.index: one.codec_context.channels for one in container.streams.audio if one.codec_context}
    problem = told.problem
    if shown is None and not container.streams.audio:
        problem = problem or "no picture and no sound in it"
    if shown is None or not picture.size(shown):
        problem = problem or told.movie.damage(pictures=len(container.streams.video))
    track_rate = told.movie.timecode_rate(None if shown is None else shown.id)
    return Facts(
        values=_values(container, told, shown),
        problem=problem,
        picture=None if shown is None else shown.index,
        sound=channels,
        timecode_track=codes.other_track(container, track_rate, shown),
    )


def _values(container: InputContainer, told: Told, shown: av.VideoStream | None) -> dict[str, Scalar]:
    """What everything tells together; a container's own word stands below PyAV's, `over` above it."""
    audio = container.streams.audio
    name = _container(container)
    everything = {
        **{key: value for one in container.streams for key, value in one.metadata.items()},
        **dict(container.metadata),
    }
    # The tags of a WAVE file are its bext, which sound.py reads as a recorder means it.
    values = {**told.values, **({} if told.sound else tags.read(everything))}
    if any("GoPro" in one.metadata.get("handler_name", "") for one in container.streams):
        values.setdefault("make", "GoPro")
    values["container"] = name
    values["streams"] = ", ".join(_codec(one) or one.type for one in container.streams)
    main = shown or next(iter(audio), None)
    if main is not None and (codec := _codec(main)):
        values["codec"] = codec
    values |= heard.read(audio)
    if shown is not None:
        values |= picture.read(container, shown, told.movie.tracks.get(shown.id, Track()), name)
        values |= _narrower(told.values, values)
    elif audio:
        values |= _sound_alone(audio[0])
    exact = _duration(container, main)
    if exact:
        values["duration"] = float(exact)
    return _ended({**_clocked(container, told, shown, values), **told.over}, exact)


def _narrower(told: Mapping[str, Scalar], values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The bits that a header tells, where a decoder puts them into words of 16 (JPEG 2000)."""
    stored, held = told.get("bit_depth"), values.get("bit_depth")
    return {"bit_depth": stored} if isinstance(stored, int) and stored and held == WORD_BITS else {}


def _sound_alone(stream: av.AudioStream) -> dict[str, Scalar]:
    if not stream.codec_context:
        return {}
    told = {"profile": stream.codec_context.profile, "bit_depth": heard.bit_depth(stream)}
    return {name: value for name, value in told.items() if value}


def _clocked(
    container: InputContainer, told: Told, shown: av.VideoStream | None, values: dict[str, Scalar]
) -> dict[str, Scalar]:
    """The same with the timecode, which counts at its track's rate, the picture's or the header's."""
    track_rate = told.movie.timecode_rate(None if shown is None else shown.id)
    sony = label.counted(str(told.over.get("nrtm_fps", "")), str(values.get("rate", "")))
    pace = track_rate or sony or told.rate or (None if shown is None else picture.rate(shown))
    found = codes.read(container, told.movie, shown, pace)
    values = {**values, **found}
    if "timecode_rate" in found:
        values.setdefault("rate", found["timecode_rate"])
    return values


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


def _duration(container: InputContainer, main: av.stream.Stream | None) -> Fraction:
    """Seconds of the main stream, else of the container, whose data tracks may be longer than the picture."""
    if main is not None and main.duration and main.time_base:
        return main.duration * main.time_base
    return Fraction(container.duration or 0, SECONDS)


def _ended(values: dict[str, Scalar], seconds: Fraction | None = None) -> dict[str, Scalar]:
    """The same with the label of its end, and Sony's timecode where the file has no other."""
    code, fps = str(values.pop("nrtm_timecode", "")), str(values.pop("nrtm_fps", ""))
    if code and "timecode" not in values:
        values |= label.told(code, label.counted(fps, str(values.get("rate", ""))), "nrtm")
    return values | label.end(values, seconds)
