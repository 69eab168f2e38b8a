"""One picture of a clip as a small JPEG, for people to know it by. Runs in a worker process (PyAV)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice

import av
import av.filter
from av.codec.context import CodecContext

#: Where it is taken: past the slate's first blur, before most takes have ended.
PART = 0.1
#: Pictures that are looked at before it is given up: a seek may land before the first one that can be shown.
MOST_LOOKS = 48
_FORMAT = "yuvj420p"
_CLOCK = Fraction(1, 25)


#: Clockwise turns as filters.
_TURNS: Mapping[int, tuple[tuple[str, str], ...]] = {
    0: (),
    90: (("transpose", "clock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "cclock"),),
}


def jpeg(path: str, width: int, turn: int | None = None, *, mirrored: bool = False) -> bytes | None:
    """As it is to be shown: upright, its pixels square, at most `width` pixels across.

    None where the file has no picture that can be decoded. It is `mirrored` before the `turn` (degrees clockwise), for
    which the file itself is asked where it is None.
    """
    with av.open(path, metadata_errors="replace") as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        stream.thread_count = 1
        if container.duration:
            container.seek(int(container.duration * PART))
        frame = next(islice(container.decode(stream), MOST_LOOKS), None)
        if frame is None:
            return None
        turn = round(-frame.rotation / 90) * 90 % 360 if turn is None else turn
        pixel = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or Fraction(1)
        wide, high = _size(frame, pixel if pixel > 0 else Fraction(1), width, lying=turn % 180 == 90)
        small = frame.reformat(wide, high, format=_FORMAT)
        return _encoded(_turned(small, (*((("hflip", ""),) if mirrored else ()), *_TURNS[turn])))


def _size(frame: av.VideoFrame, pixel: Fraction, width: int, *, lying: bool) -> tuple[int, int]:
    """Of the picture before it is turned: pixels are made square by leaving some out, never by making some up."""
    wide = frame.width * min(pixel, Fraction(1))
    high = frame.height / max(pixel, Fraction(1))
    less = min(Fraction(1), width / (high if lying else wide))
    return max(2, round(wide * less) // 2 * 2), max(2, round(high * less) // 2 * 2)


def _turned(frame: av.VideoFrame, filters: Sequence[tuple[str, str]]) -> av.VideoFrame:
    if not filters:
        return frame
    graph = av.filter.Graph()
    chain = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_CLOCK)]
    chain += [graph.add(*each) for each in filters]
    graph.link_nodes(*chain, graph.add("buffersink")).configure()
    frame.pts, frame.time_base = 0, _CLOCK
    graph.push(frame)
    turned = graph.pull()
    assert isinstance(turned, av.VideoFrame)
    return turned


def _encoded(frame: av.VideoFrame) -> bytes:
    frame.pts = None
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, _FORMAT
    encoder.time_base = _CLOCK
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
