"""What PyAV tells of the sound streams of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

import av

from rushes import Scalar

#: Bits in the name of a codec that stores samples as they are: pcm_s24le.
_PCM = re.compile(r"pcm_[sfu](\d+)")
#: Place of the bits of a sample in FLAC's STREAMINFO: five bits across bytes 12 and 13 (RFC 9639).
FLAC_BITS = 12


def read(streams: Sequence[av.AudioStream]) -> dict[str, Scalar]:
    """`channels`, `sample_rate`, `audio_layout` and the names of the `tracks`."""
    heard = [one for one in streams if one.codec_context and one.codec_context.channels]
    if not heard:
        return {}
    values: dict[str, Scalar] = {
        "channels": sum(one.codec_context.channels for one in heard),
        "sample_rate": heard[0].codec_context.sample_rate,
        "audio_layout": ", ".join(_layout(one) for one in heard),
    }
    names = [one.metadata.get("title") or one.metadata.get("name") or "" for one in heard]
    if any(names):
        values["tracks"] = ", ".join(name.strip() for name in names)
    return values


def bit_depth(stream: av.AudioStream) -> int:
    """Bits of a sample as they are stored; 0 where a codec stores none (AAC, MP3)."""
    context = stream.codec_context
    if match := _PCM.match(context.codec.canonical_name):
        return int(match[1])
    if context.codec.canonical_name == "flac" and context.extradata and len(context.extradata) >= 18:
        return (int.from_bytes(context.extradata[FLAC_BITS : FLAC_BITS + 2]) >> 4 & 0x1F) + 1
    return 0


def _layout(stream: av.AudioStream) -> str:
    """A layout's name; a file that names none has mono, or a number of channels."""
    name = stream.codec_context.layout.name
    return "mono" if name == "1 channels" else name
