"""One picture of a clip as a small JPEG, for people to know it by. Runs in a worker process (PyAV)."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import av
from av.codec.context import CodecContext

#: Where it is taken: past the slate's first blur, before most takes have ended.
PART = 0.1
#: Pictures that are looked at before it is given up: a seek may land before the first one that can be shown.
MOST_LOOKS = 48


def jpeg(path: str, width: int) -> bytes | None:
    """At most `width` pixels across, upright; None where the file has no picture that can be decoded."""
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
        wide = min(width, frame.width) // 2 * 2 or 2
        high = max(2, round(frame.height * wide / frame.width) // 2 * 2)
        small = frame.reformat(wide, high, format="yuvj420p")
        small.pts = None
        encoder = CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = wide, high, "yuvj420p"
        encoder.time_base = Fraction(1, 25)
        return b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])
