"""What an MXF header alone says: of essence that nobody decodes, or that is not there."""

from __future__ import annotations

import io
from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from rushes_media.containers import essence, mxf
from rushes_media.look import look

HEADER = mxf.PARTITION + b"\x04\x00\x83\0\0\x58" + pack(">HHIQQQ", 1, 3, 1, 0, 0, 100) + bytes(56)
PICTURE_DESCRIPTOR, SOUND_DESCRIPTOR, TAPE_DESCRIPTOR, TRACK, SEQUENCE = 0x28, 0x48, 0x2E, 0x3B, 0x0F
CURVE = bytes.fromhex("060e2b34040101") + b"\1" + essence._COLOURS


def identity(name):
    return name.encode().ljust(16, b"\0")


def references(*names):
    return pack(">II", len(names), 16) + b"".join(map(identity, names))


def one(kind, name, items):
    told = {essence.INSTANCE: identity(name), **items}
    value = b"".join(pack(">HH", tag, len(data)) + data for tag, data in told.items())
    return mxf.SET + bytes([kind, 0, 0x82]) + pack(">H", len(value)) + value


def label(kind, number):
    return CURVE + bytes([kind, number, 0, 0])


def picture(name="picture", width=1920, **more):
    return one(
        PICTURE_DESCRIPTOR,
        name,
        {
            essence.SAMPLE_RATE: pack(">II", 25, 1),
            essence.LENGTH: pack(">q", 750),
            essence.WIDTH: pack(">I", width),
            essence.HEIGHT: pack(">I", 540),
            essence.LAYOUT: bytes([essence.SEPARATE]),
            essence.ASPECT: pack(">II", 16, 9),
            essence.PIXEL: b"R\x0cG\x0cB\x0c" + bytes(10),
            essence.TRANSFER: label(1, 10),
            essence.PRIMARIES: label(3, 6),
            **{int(tag): data for tag, data in more.items()},
        },
    )


def sound(name, channels):
    return one(
        SOUND_DESCRIPTOR,
        name,
        {
            essence.SAMPLE_RATE: pack(">II", 25, 1),
            essence.LENGTH: pack(">q", 50),
            essence.AUDIO_RATE: pack(">II", 48000, 1),
            essence.CHANNELS: pack(">I", channels),
            essence.AUDIO_BITS: pack(">I", 24),
        },
    )


def clock(name, start, *, base=30, edit=(30000, 1001), drop=True, wrapped=True):
    """A timecode track, whose component stands in a sequence or by itself."""
    code = {essence.START: pack(">q", start), essence.BASE: pack(">H", base), essence.DROP: bytes([drop])}
    inside = f"{name} sequence" if wrapped else f"{name} code"
    parts = one(
        TRACK, name, {essence.EDIT_RATE: pack(">II", *edit), essence.TRACK_SEQUENCE: identity(inside)}
    )
    if wrapped:
        parts += one(SEQUENCE, inside, {essence.COMPONENTS: references(f"{name} code")})
    return parts + one(essence.TIMECODE, f"{name} code", code)


def package(kind, track, descriptor=""):
    items = {essence.TRACKS: references(track)}
    return one(
        kind, f"of {track}", items | ({essence.DESCRIPTOR: identity(descriptor)} if descriptor else {})
    )


def told(*sets):
    content = HEADER + b"".join(sets) + bytes(100)
    return mxf.read(io.BytesIO(content), len(content)).described


def test_a_picture_that_nobody_decodes():
    expected = {
        "width": 1920, "height": 1080, "interlaced": True, "aspect": "16:9", "bit_depth": 12, "rate": "25",
        "transfer": "smpte2084", "colour_space": "smpte432", "frames": 750, "duration": 30.0,
    }  # fmt: skip
    assert told(picture()) == expected
    # A picture to grade by beside it, and the sets of the footer once more.
    assert told(picture("target", 240), picture(), picture()) == expected


def test_half_floats_and_unknown_lengths():
    values = told(picture(**{str(essence.PIXEL): b"R\xfdG\xfdB\xfd", str(essence.LENGTH): pack(">q", -1)}))
    assert values["bit_depth"] == 16
    assert not values.keys() & {"frames", "duration"}


def test_sound_of_every_track():
    expected = {"channels": 3, "sample_rate": 48000, "bit_depth": 24, "duration": 2.0}
    assert told(sound("a", 2), sound("b", 1), sound("b", 1)) == expected
    assert told(picture(), sound("a", 2))["bit_depth"] == 12


def test_the_tape_before_the_edit_before_the_file():
    edit = package(essence.MATERIAL_PACKAGE, "edit") + clock("edit", 30, base=25, edit=(25, 1), drop=False)
    file = package(essence.SOURCE_PACKAGE, "file", "picture") + clock("file", 60) + picture()
    tape = (
        package(essence.SOURCE_PACKAGE, "tape", "cassette")
        + clock("tape", 1800, wrapped=False)
        + one(TAPE_DESCRIPTOR, "cassette", {})
    )
    drop = {"timecode": "00:01:00;02", "timecode_rate": "29.97df", "timecode_from": "mxf"}
    assert told(edit, file, tape).items() >= drop.items()
    even = {"timecode": "00:00:01:05", "timecode_rate": "25", "timecode_from": "mxf"}
    assert told(file, edit).items() >= even.items()
    assert told(file)["timecode"] == "00:00:02;00"


def test_a_timecode_that_counts_every_second_picture():
    fast = package(essence.MATERIAL_PACKAGE, "edit") + clock("edit", 26, base=25, edit=(50, 1), drop=False)
    assert told(fast) == {"timecode": "00:00:01:01", "timecode_rate": "25", "timecode_from": "mxf"}
    odd = package(essence.MATERIAL_PACKAGE, "edit") + clock("edit", 26, base=25, edit=(24, 1), drop=False)
    assert told(odd) == {}


def test_a_header_alone_says_it_all_beside_its_problem(tmp_path):
    path = tmp_path / "reel1.mxf"
    path.write_bytes(
        HEADER + picture() + package(essence.MATERIAL_PACKAGE, "edit") + clock("edit", 0) + bytes(100)
    )
    facts = look(str(path), "video")
    assert facts.problem.startswith("not readable as media: ")
    assert (facts.values["width"], facts.values["bit_depth"], facts.values["timecode"]) == (
        1920,
        12,
        "00:00:00;00",
    )


def test_bits_that_a_decoder_puts_into_wider_words(ffmpeg, tmp_path):
    path = ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.2", "-c:v", "jpeg2000", "-pix_fmt", "rgb48le"),
        tmp_path / "A001.mxf",
    )
    content = path.read_bytes()
    deep, shallow = (pack(">HHI", essence.COMPONENT_BITS, 4, bits) for bits in (16, 12))
    assert deep in content
    assert look(str(path), "video").values["bit_depth"] == 16
    path.write_bytes(content.replace(deep, shallow))
    values = look(str(path), "video").values
    assert (values["pixel_format"], values["bit_depth"]) == ("rgb48le", 12)


@given(st.lists(st.tuples(st.integers(0, 255), st.dictionaries(
    st.sampled_from([essence.WIDTH, essence.LAYOUT, essence.PIXEL, essence.AUDIO_RATE, essence.TRACKS,
                     essence.INSTANCE, essence.TRACK_SEQUENCE, essence.START, essence.SAMPLE_RATE]),
    st.binary(max_size=40)))))  # fmt: skip
def test_anything_is_read(sets):
    essence.read(sets)
