"""The checks are pure functions: whole files pass, cut ones do not, and no bytes make them raise."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_folder import containers

MEDIA = Path(__file__).parents[3].parent / "shared" / "media"


def problem(extension, data):
    return containers.problem(extension, lambda offset, length: data[offset : offset + length], len(data))


def atom(kind, body=b"", size=None):
    return struct.pack(">I4s", 8 + len(body) if size is None else size, kind) + body


def riff(*chunks, magic=b"RIFF", size=None):
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


def chunk(name, body=b"", size=None):
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


FORMAT = chunk(b"fmt ", b"\1\0\1\0" + bytes(12))
DATA = chunk(b"data", b"\1" * 100)
FTYP, MOOV = atom(b"ftyp", b"qt  \0\0\2\0"), atom(b"moov", b"x" * 20)


@pytest.mark.parametrize("extension", sorted(containers.CHECKS))
@given(data=st.binary(max_size=400))
def test_no_bytes_make_a_check_raise(extension, data):
    assert "\n" not in problem(extension, data)


@pytest.mark.parametrize(
    ("extension", "start"),
    [
        ("mov", FTYP),
        ("mov", FTYP + MOOV),
        ("wav", b"RIFF"),
        ("wav", riff(FORMAT)),
        ("wav", b"RF64\xff\xff\xff\xffWAVEds64"),
        ("mxf", bytes.fromhex("060e2b34020501010d0102010102")),
    ],
)
@given(rest=st.binary(max_size=200))
def test_no_bytes_behind_a_good_start_make_a_check_raise(extension, start, rest):
    assert "\n" not in problem(extension, start + rest)


@pytest.mark.parametrize("extension", [*containers.CHECKS, "txt", ""])
def test_an_empty_file_is_a_problem_in_any_format(extension):
    assert problem(extension, b"") == "empty file"


def test_other_formats_pass():
    assert not problem("r3d", b"anything")
    assert not containers.checkable("r3d")


@pytest.mark.parametrize(
    "data",
    [
        FTYP + atom(b"mdat", b"essence") + MOOV,
        FTYP + MOOV + atom(b"mdat", b"essence"),
        FTYP + MOOV + atom(b"mdat", b"to the end", size=0),
        atom(b"wide") + atom(b"mdat", struct.pack(">Q", 23) + b"essence", size=1) + MOOV,
        FTYP + atom(b"mdat", b"essence") + MOOV + b"\0\0\0\0",
        FTYP + atom(b"mdat", b"essence") + MOOV + bytes(512),
        FTYP + MOOV + (atom(b"moof", b"x") + atom(b"mdat", b"y")) * 50,
    ],
    ids=["moov last", "fast start", "mdat to the end", "64 bit", "terminator", "padding", "fragments"],
)
def test_whole_movies(data):
    assert not problem("mov", data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (FTYP + atom(b"mdat", b"essence"), "truncated: no moov atom"),
        (FTYP + atom(b"mdat", b"essence", size=0), "truncated: no moov atom"),
        (FTYP + atom(b"mdat", b"essence", size=1000), "truncated: no moov atom"),
        (FTYP + MOOV + atom(b"mdat", b"essence", size=1000), "truncated: mdat atom lacks 985 bytes"),
        (FTYP + atom(b"mdat", b"essence") + MOOV[:-5], "truncated: moov atom lacks 5 bytes"),
        (FTYP, "truncated: no moov atom"),
        (b"This is a text that somebody named .mov", "not a QuickTime file"),
        (b"short", "not a QuickTime file"),
        (bytes(100), "not a QuickTime file"),
    ],
)
def test_broken_movies(data, says):
    assert problem("mov", data) == says


def test_a_movie_cut_anywhere_is_not_whole(movie):
    assert not problem("mov", movie)
    for length in range(1, len(movie), max(1, len(movie) // 200)):
        assert problem("mov", movie[:length])


def test_a_movie_of_endless_atoms_ends():
    assert problem("mp4", FTYP + atom(b"free") * 200_000) == "truncated: no moov atom"


RF64 = (b"RF64", 0xFFFFFFFF)


@pytest.mark.parametrize(
    "data",
    [
        riff(FORMAT, DATA),
        riff(chunk(b"bext", b"x" * 603), FORMAT, chunk(b"data", b"\1" * 101)),
        riff(FORMAT, chunk(b"data", b"\1" * 101))[:-1],
        riff(FORMAT, DATA) + bytes(300),
        riff(
            chunk(b"ds64", struct.pack("<QQQI", 4 + 36 + 24 + 108, 100, 0, 0)),
            FORMAT,
            chunk(b"data", b"\1" * 100, size=0xFFFFFFFF),
            magic=b"RF64",
            size=0xFFFFFFFF,
        ),
    ],
    ids=["plain", "odd chunks", "pad byte left out", "zeros to the end of a cluster", "RF64"],
)
def test_whole_sound(data):
    assert not problem("wav", data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (riff(FORMAT, chunk(b"data", bytes(356)), size=992), "WAV size says 1000 bytes, the file has 400"),
        (riff(FORMAT, DATA, size=0), "WAV size says 8 bytes, the file has 144"),
        (riff(FORMAT, DATA, size=0xFFFFFFFF), "WAV size says 4294967303 bytes, the file has 144"),
        (
            riff(FORMAT, chunk(b"data", b"\1" * 100, size=5000)),
            "WAV data says 5000 bytes, the file has 100",
        ),
        (riff(FORMAT, DATA, magic=b"RF64", size=0xFFFFFFFF), "truncated: no ds64 chunk"),
        (riff(FORMAT), "truncated: no data chunk"),
        (b"RIFF\4\0", "truncated: no WAV header"),
        (b"ID3 and so on, an MP3", "not a WAV file"),
        (b"RIFF\0\0\0\0AVI LIST", "not a WAV file"),
    ],
)
def test_sound_whose_sizes_lie(data, says):
    assert problem("wav", data) == says


def test_an_mxf_without_its_footer_is_not_whole(mxf):
    assert not problem("mxf", mxf)
    footer = mxf.rfind(bytes.fromhex("060e2b34020501010d0102010104"))
    assert problem("mxf", mxf[:footer]).startswith("truncated: no MXF footer")
    assert problem("mxf", mxf[:100]).startswith("truncated")
    assert problem("mxf", mxf[:30]) == "truncated: no MXF header"
    assert problem("mxf", b"text") == "not an MXF file"


def test_an_mxf_whose_header_was_never_closed_may_name_its_footer_at_the_end(mxf):
    key = bytes.fromhex("060e2b34020501010d0102010102")
    opened = bytearray(mxf)
    start = opened.find(key)
    opened[start + 14] = 1
    value = start + 17 + (opened[start + 16] & 0x7F if opened[start + 16] & 0x80 else 0)
    opened[value + 24 : value + 32] = bytes(8)
    assert not problem("mxf", bytes(opened))
    footer = mxf.rfind(bytes.fromhex("060e2b34020501010d0102010104"))
    assert problem("mxf", bytes(opened[:footer])) == "truncated: no MXF footer"


def test_real_files_are_whole():
    if not MEDIA.is_dir():
        pytest.skip(f"no real media at {MEDIA}")
    checked = 0
    for path in MEDIA.rglob("*"):
        extension = path.suffix.lower().removeprefix(".")
        if path.is_file() and containers.checkable(extension) and "mhl" not in path.parts:
            assert not problem(extension, path.read_bytes()), path
            checked += 1
    assert checked > 10
