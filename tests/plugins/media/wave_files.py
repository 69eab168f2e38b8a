"""WAVE files as production recorders write them, chunk by chunk."""

from __future__ import annotations

from struct import pack


def chunk(name, payload):
    return name.encode() + pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def bext(start, description="", originator="Test", date="2026-11-22", time="09:30:00"):
    fixed = (description.encode(), originator.encode(), b"", date.encode(), time.encode())
    return chunk("bext", pack("<256s32s32s10s8sQH64s10x180x", *fixed, start, 1, b""))


def ixml(text):
    return chunk("iXML", f'<?xml version="1.0" encoding="UTF-8"?><BWFXML>{text}</BWFXML>'.encode())


def speed(rate, flag="NDF", more=""):
    return f"<SPEED><TIMECODE_RATE>{rate}</TIMECODE_RATE><TIMECODE_FLAG>{flag}</TIMECODE_FLAG>{more}</SPEED>"


def wave(*chunks, channels=1, sample_rate=48000, samples=4800):
    block = channels * 2
    fmt = chunk("fmt ", pack("<HHIIHH", 1, channels, sample_rate, sample_rate * block, block, 16))
    body = b"WAVE" + fmt + b"".join(chunks) + chunk("data", b"\0" * (samples * block))
    return b"RIFF" + pack("<I", len(body)) + body


def rf64(*chunks, samples=4800):
    """The same with every size in a ds64 chunk, as for a recording beyond 4 GiB."""
    plain = wave(*chunks, samples=samples)
    ds64 = chunk("ds64", pack("<QQQI", len(plain) - 8 + 36, samples * 2, samples, 0))
    body = plain[12:].replace(b"data" + pack("<I", samples * 2), b"data\xff\xff\xff\xff")
    return b"RF64\xff\xff\xff\xffWAVE" + ds64 + body
