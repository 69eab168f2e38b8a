"""What the header metadata of an MXF file say of its picture, sound and timecode (SMPTE ST 377-1, annexes B and F).

Stands where PyAV is silent: in a header without its essence, or with essence that nobody here decodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from struct import error as struct_error
from struct import unpack

from rushes import Scalar
from rushes.timecode import Rate, Timecode
from rushes_media.words import label

Items = Mapping[int, bytes]
Sets = Sequence[tuple[int, Items]]

TIMECODE, MATERIAL_PACKAGE, SOURCE_PACKAGE = 0x14, 0x36, 0x37
INSTANCE, TRACKS, TRACK_SEQUENCE, EDIT_RATE = 0x3C0A, 0x4403, 0x4803, 0x4B01
DESCRIPTOR, COMPONENTS = 0x4701, 0x1001
START, BASE, DROP = 0x1501, 0x1502, 0x1503
SAMPLE_RATE, LENGTH = 0x3001, 0x3002
HEIGHT, WIDTH, LAYOUT, ASPECT = 0x3202, 0x3203, 0x320C, 0x320E
TRANSFER, PRIMARIES, COMPONENT_BITS, PIXEL = 0x3210, 0x3219, 0x3301, 0x3401
AUDIO_RATE, CHANNELS, AUDIO_BITS = 0x3D03, 0x3D07, 0x3D01
#: How a picture is stored: fields apart, one field, fields mixed, segments of a picture apart.
SEPARATE, ONE, MIXED, SEGMENTED = 1, 2, 3, 4
#: A component of a half float, among the depths of a pixel's layout.
HALF_FLOAT = 253
#: Byte 13 of the labels of curves and primaries, by ffmpeg's names.
_COLOURS = bytes.fromhex("04010101")
TRANSFERS: Mapping[int, str] = {
    1: "bt470m", 2: "bt709", 3: "smpte240m", 4: "bt709", 5: "bt1361e", 6: "linear", 7: "smpte428",
    8: "iec61966-2-4", 9: "bt2020-10", 10: "smpte2084", 11: "arib-std-b67",
}  # fmt: skip
PRIMARY: Mapping[int, str] = {
    1: "smpte170m", 2: "bt470bg", 3: "bt709", 4: "bt2020", 5: "smpte428", 6: "smpte432",
}  # fmt: skip


def read(sets: Sets) -> dict[str, Scalar]:
    """Columns of the largest picture, of all sound, and the start: the tape's before the edit's before the file's."""
    pictures = [items for _, items in sets if WIDTH in items]
    sounds = [items for _, items in sets if AUDIO_RATE in items]
    # Beside the picture, one to grade by may be described (ACES).
    values = _picture(max(pictures, key=lambda items: _whole(items, WIDTH) or 0)) if pictures else {}
    if sounds:
        values |= _sound(sounds, alone=not pictures)
    return values | _start(sets)


def _picture(items: Items) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    layout, width, height = (_whole(items, tag) for tag in (LAYOUT, WIDTH, HEIGHT))
    if width and height:
        values |= {"width": width, "height": height * 2 if layout in {SEPARATE, SEGMENTED} else height}
    if layout is not None:
        values["interlaced"] = layout in {SEPARATE, ONE, MIXED}
    if (shape := _ratio(items, ASPECT)) is not None:
        values["aspect"] = f"{shape.numerator}:{shape.denominator}"
    if bits := _whole(items, COMPONENT_BITS) or _bits(items.get(PIXEL, b"")):
        values["bit_depth"] = bits
    for name, tag, kind, names in (
        ("transfer", TRANSFER, 1, TRANSFERS),
        ("colour_space", PRIMARIES, 3, PRIMARY),
    ):
        told = items.get(tag, b"")
        if len(told) == 16 and told[8:12] == _COLOURS and told[12] == kind and told[13] in names:
            values[name] = names[told[13]]
    if (pace := _ratio(items, SAMPLE_RATE)) is not None:
        values["rate"] = label.written(pace)
    frames = _whole(items, LENGTH)
    return values | ({"frames": frames} if frames else {}) | _duration(items)


def _sound(sounds: Sequence[Items], *, alone: bool) -> dict[str, Scalar]:
    told = {"channels": sum(_whole(items, CHANNELS) or 0 for items in sounds)}
    told["sample_rate"] = round(_ratio(sounds[0], AUDIO_RATE) or 0)
    if not alone:
        return {name: number for name, number in told.items() if number}
    told["bit_depth"] = _whole(sounds[0], AUDIO_BITS) or 0
    return {name: number for name, number in told.items() if number} | _duration(sounds[0])


def _duration(items: Items) -> dict[str, Scalar]:
    length, pace = _whole(items, LENGTH), _ratio(items, SAMPLE_RATE)
    return {"duration": float(length / pace)} if length and pace else {}


def _bits(layout: bytes) -> int:
    """The deepest component of a pixel, told as pairs of a letter and its bits; an alpha counts like a colour."""
    deepest = max((bits for code, bits in zip(layout[::2], layout[1::2], strict=False) if code), default=0)
    return 16 if deepest == HALF_FLOAT else deepest if deepest <= 64 else 0


def _start(sets: Sets) -> dict[str, Scalar]:
    by_id = {items[INSTANCE]: (kind, items) for kind, items in sets if INSTANCE in items}
    packages = [(kind, items) for kind, items in sets if kind in {MATERIAL_PACKAGE, SOURCE_PACKAGE}]
    for _, package in sorted(packages, key=lambda one: _rank(one[0], one[1], by_id)):
        for track, component in _timecodes(package, by_id):
            if told := _label(track, component):
                return told
    return {}


def _rank(kind: int, package: Items, by_id: Mapping[bytes, tuple[int, Items]]) -> int:
    """A tape's package has a descriptor that is no file's: without a sample rate."""
    if kind == MATERIAL_PACKAGE:
        return 1
    descriptor = by_id.get(package.get(DESCRIPTOR, b""))
    return 0 if descriptor is not None and SAMPLE_RATE not in descriptor[1] else 2


def _timecodes(package: Items, by_id: Mapping[bytes, tuple[int, Items]]) -> Iterator[tuple[Items, Items]]:
    """Each track of the package with each timecode in it, which may stand with or without a sequence."""
    for identity in _references(package.get(TRACKS, b"")):
        track = by_id.get(identity, (0, {}))[1]
        kind, inside = by_id.get(track.get(TRACK_SEQUENCE, b""), (0, {}))
        if kind == TIMECODE:
            yield track, inside
        for part in _references(inside.get(COMPONENTS, b"")):
            kind, component = by_id.get(part, (0, {}))
            if kind == TIMECODE:
                yield track, component


def _references(batch: bytes) -> Iterator[bytes]:
    """A count and a length stand before the references."""
    return (batch[place : place + 16] for place in range(8, len(batch) - 15, 16))


def _label(track: Items, component: Items) -> dict[str, Scalar]:
    """The start at the edit rate of its track; a camera at 50 or 59.94 may count every second picture."""
    start, base, edit = _whole(component, START), _whole(component, BASE), _ratio(track, EDIT_RATE)
    if start is None or edit is None:
        return {}
    pace = next((one for one in (edit, edit / 2) if round(one) == base), None)
    try:
        rate = Rate.parse(pace or 0, drop=bool(_whole(component, DROP)))
        code = Timecode.from_frames(start, rate)
    except ValueError:
        return {}
    return {"timecode": str(code), "timecode_rate": str(rate), "timecode_from": "mxf"}


def _whole(items: Items, tag: int) -> int | None:
    """A number of any width; None where it is missing or, as an unknown length, negative."""
    told = items.get(tag, b"")
    number = int.from_bytes(told, signed=len(told) == 8)
    return number if 0 < len(told) <= 8 and number >= 0 else None


def _ratio(items: Items, tag: int) -> Fraction | None:
    """A positive ratio of two numbers."""
    try:
        above, below = unpack(">ii", items.get(tag, b""))
    except struct_error:
        return None
    return Fraction(above, below) if above > 0 and below > 0 else None
