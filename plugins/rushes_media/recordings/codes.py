"""The start timecode of a recording: which of a file's labels counts, and where it was read."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import av
from av.container import InputContainer

from rushes import Scalar
from rushes_media.containers.movie import Movie, Track
from rushes_media.recordings import picture
from rushes_media.words import label


def read(
    container: InputContainer, index: Movie, shown: av.VideoStream | None, pace: Fraction | None
) -> dict[str, Scalar]:
    """The start as the file tells it: the picture's own, else a timecode track's, else the container's."""
    streams = (
        *([shown] if shown is not None else []),
        *container.streams.data,
        *container.streams.video,
        *container.streams.audio,
    )
    for one in streams:
        if code := _label(one.metadata):
            return label.told(code, pace, _origin(container, index, one))
    if code := _label(container.metadata):
        return label.told(code, pace, "mxf" if container.format.name == "mxf" else "tag")
    return {}


def _origin(container: InputContainer, index: Movie, stream: av.stream.Stream) -> str:
    """What the label was read from: a timecode track, Sony's real time metadata, an MXF header, or a tag."""
    formats = {track.format for track in index.tracks.values()}
    if b"tmcd" in formats:
        return "tmcd"
    if index.tracks.get(stream.id, Track()).format == b"rtmd":
        return "rtmd"
    return "mxf" if container.format.name == "mxf" else "tag"


def _label(metadata: Mapping[str, str]) -> str:
    return next((value for key, value in metadata.items() if key.lower() == "timecode"), "")


def other_track(
    container: InputContainer, timecode_rate: Fraction | None, shown: av.VideoStream | None
) -> int | None:
    """The timecode track's index, where it counts at another rate than the picture."""
    pace = None if shown is None else picture.rate(shown)
    if timecode_rate is None or pace is None or label.written(timecode_rate) == label.written(pace):
        return None
    return next((one.index for one in container.streams.data if _label(one.metadata)), None)
