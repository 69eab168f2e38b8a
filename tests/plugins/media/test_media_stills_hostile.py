"""Bytes of strangers through every reader of stills, looks, raw and sidecars: none raises, hangs or swells."""

from __future__ import annotations

import struct
import time
import tracemalloc
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rushes_media import stills
from rushes_media.facts import Facts
from rushes_media.looks import cdl, cube
from rushes_media.recordings import raw, red
from rushes_media.sidecars import blackmagic, documents, tables
from rushes_media.words import markup, names, text

HEADS = [
    *(b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0"),
    *(b"SDPX", b"XPDS", b"\x76\x2f\x31\x01\x02\0\0\0", b"\x80\x2a\x5f\xd7", b"FUJIFILMCCD-RAW "),
    *(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypcrx \0\0\0\1crx isom"),
    *(b"\0\0\1\0RED2", b"\0\0\1\0RED1", b"ARRI\x12\x34\x56\x78", b"CI\x2c\0"),
]
few = settings(max_examples=60, deadline=20_000, suppress_health_check=[HealthCheck.too_slow])


@few
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=4000), extension=st.sampled_from(["jpg", "dng"]))
def test_stills(head, rest, extension):
    content = head + rest
    told = stills.read(BytesIO(content), len(content), content[:4096], extension)
    assert "\n" not in told.problem
    assert all(isinstance(value, str | int | float | bool) or value.year for value in told.values.values())


@few
@given(data=st.data())
def test_stills_with_a_few_bytes_turned(data, request):
    content = bytearray(tiff_with_everything())
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    told = stills.read(BytesIO(bytes(content)), len(content), bytes(content[:4096]), "tif")
    assert "\n" not in told.problem


def tiff_with_everything():
    """A directory that names itself as every directory it can: next, sub, EXIF."""
    entries = [
        struct.pack("<HHII", tag, 4, count, 8)
        for tag, count in ((0x0100, 1), (0x0101, 1), (0x014A, 30), (0x8769, 1), (0x829A, 1), (0xC763, 8))
    ]
    return (
        b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + struct.pack("<I", 8) + bytes(200)
    )


@few
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=3000))
@example(b"\0\0\1\0RED2", b"\xff" * 500)
def test_camera_raw(head, rest):
    content = head + rest
    stream = BytesIO(content)
    kind, values = raw.header(stream, content)
    assert kind or not values
    told = raw.complete(Facts(), "A001_C003_1122AB_001.R3D", stream, content[:4096], len(content))
    assert told.values["clip_name"] == "A001_C003_1122AB" or "file_name" in told.values
    assert isinstance(red.read(BytesIO(content)), dict)


@few
@given(content=st.binary(max_size=2000))
@example(b"LUT_3D_SIZE 256\n")
@example(b"TITLE\n")
@example(b"LUT_1D_SIZE 2\nnan nan nan\n1e999 0 0\n")
@example("LUT_1D_SIZE \u0663\n".encode())
def test_cubes(content):
    assert cube.read(BytesIO(content)).problem
    assert "\n" not in cube.read(BytesIO(content)).problem


@few
@given(content=st.text(max_size=800).map(str.encode) | st.binary(max_size=800))
@example(b"<ColorCorrection id='x'><SOPNode><Slope>1 1</Slope></SOPNode></ColorCorrection>")
def test_documents(content):
    assert isinstance(cdl.read(content).problem, str)
    root, problem = markup.parse(content)
    assert root is not None or problem
    documents.read(content, "A001C003_221122_R1ABM01.XML")


TABLE = st.lists(
    st.lists(
        st.sampled_from(
            ["Name", "Start", "FPS", "Scene", "ISO", "1/0", "01:00:00:99", "\t", "\0", '"', "A001C003"]
        ),
        max_size=6,
    ),
    max_size=8,
)


@few
@given(
    rows=TABLE,
    delimiter=st.sampled_from("\t,;"),
    end=st.sampled_from(["\r", "\n", "\r\n"]),
    junk=st.binary(max_size=300),
)
def test_tables(rows, delimiter, end, junk):
    content = end.join(delimiter.join(row) for row in rows).encode() + junk
    for told in (
        tables.ale(b"Heading\rFPS\t25\r\rColumn\r" + content),
        tables.comma(content, "A001_C003_1122AB_001.csv"),
        blackmagic.lines(content, "metadata.txt"),
        blackmagic.values(content, "A.sidecar"),
    ):
        assert isinstance(told.findings(), dict)


@given(name=st.text(alphabet="AC0123456789_HRG.X -DJIredmov", max_size=40))
def test_names(name):
    found = names.parse(name)
    assert found is None or (found.clip_name and name.startswith(found.clip_name))


@given(st.binary(max_size=400))
def test_text_is_one_printable_line(raw_bytes):
    told = text.line(raw_bytes)
    assert told.isprintable()
    assert told == told.strip()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><NonRealTimeMeta>&c;</NonRealTimeMeta>"""


def test_entities_are_refused():
    root, problem = markup.parse(BOMB)
    assert (root, problem) == (None, "declares entities: not read")
    outside = b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><ColorCorrection id='&a;'/>"
    assert cdl.read(outside).problem == "declares entities: not read"
    assert documents.read(BOMB, "C0001M01.XML").problem == "declares entities: not read"


def test_deep_and_wide_xml_ends():
    assert markup.parse(b"<a>" * 100_000)[1] == "elements nested deeper than 64: not read further"
    assert markup.parse(b"<a>" + b"<b/>" * 250_000)[1] == "more than 200000 elements: not read further"
    root, problem = markup.parse(b"<P2Main><ClipContent><ClipName>0001AB</ClipName><Dura")
    assert root.first("ClipName").text == "0001AB"
    assert problem.startswith("broken XML")


@pytest.mark.parametrize(
    "content",
    [
        b"LUT_3D_SIZE 256\n" + b"0 0 0\n",
        b"LUT_3D_SIZE 99999999999999\n",
        b"LUT_1D_SIZE 65536\n0 0 0\n",
        b"x" * 3_000_000,
        struct.pack(">I4s", 0xFFFFFFFF, b"ftyp") + b"heic" + struct.pack(">I4s", 0x7FFFFFFF, b"meta") * 100,
        b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x02BC, 1, 0xFFFFFFFF, 0) + bytes(4),
    ],
)
def test_giant_sizes_cost_nothing(content):
    tracemalloc.start()
    begin = time.perf_counter()
    told = cube.read(BytesIO(content))
    stills.read(BytesIO(content), len(content), content[:4096], "heic")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.problem
    assert most < 20_000_000
    assert time.perf_counter() - begin < 5
