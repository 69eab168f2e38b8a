"""What files are sent as: their media types, by our own table alone, and their names."""

import mimetypes
import re

import pytest

from rushes import Clip
from rushes_frameio.clip.filetypes import KINDS, TYPES, UNKNOWN, filetype
from rushes_frameio.clip.names import asset_name

#: RFC 6838, section 4.2.
MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def clip(path, **meta):
    return Clip(volume="v", path=path, size=1, mtime_ns=1, meta=meta)


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_media_type(kind):
    assert MIME.fullmatch(kind)


def test_no_extension_has_two_types_and_all_are_in_lower_case():
    extensions = [extension for group in KINDS.values() for extension in group]
    assert len(extensions) == len(set(extensions)) == len(TYPES)
    assert extensions == [extension.lower().strip(".") for extension in extensions]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ("a.mov A.MOV", "video/quicktime"),
        ("a.mp4 a.LRV", "video/mp4"),
        ("a.mxf", "application/mxf"),
        ("a.wav a.bwf a.rf64", "audio/wav"),
        ("a.aif a.aiff", "audio/aiff"),
        ("a.aac", "audio/aac"),
        ("a.mp3", "audio/mpeg"),
        ("a.jpg a.JPEG", "image/jpeg"),
        ("a.heif a.hif", "image/heif"),
        ("a.heic", "image/heic"),
        ("a.png", "image/png"),
        ("a.tif a.tiff", "image/tiff"),
        ("a.dng", "image/x-adobe-dng"),
        ("a.exr", "image/x-exr"),
        ("a.dpx", "image/dpx"),
        ("a.ari a.arx a.r3d a.braw a.crm a.nev a.cine a.rmf a.ocn", UNKNOWN),
        ("a.cube a.3dl a.ale a.edl a.txt", "text/plain"),
        ("a.look a.cdl a.cc a.ccc a.xml a.fdx a.mhl", "application/xml"),
        ("a.csv", "text/csv"),
        ("a.pdf", "application/pdf"),
        ("a.json", "application/json"),
        ("a.srt", "application/x-subrip"),
        ("a a.unheardof .mov a.mov.part", UNKNOWN),
    ],
)
def test_file_types(names, kind):
    assert {filetype(clip(f"A001/{name}")) for name in names.split()} == {kind}


def test_the_machines_own_table_has_no_say(monkeypatch):
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_args, **_options: ("text/wrong", None))
    mimetypes.add_type("text/wrong", ".mov")
    mimetypes.add_type("text/wrong", ".unheardof")
    try:
        assert filetype(clip("a.mov")) == "video/quicktime"
        assert filetype(clip("a.unheardof")) == UNKNOWN
    finally:
        mimetypes.init()


@pytest.mark.parametrize(
    ("path", "meta", "name"),
    [
        ("A/A001C001.mov", {}, "A001C001.mov"),
        ("A/GX020034.MP4", {}, "GX020034.MP4"),
        ("A/TAKE.WAV", {"part": "1", "parts": "1"}, "TAKE.WAV"),
        ("A/TAKE.WAV", {"part": "2", "parts": "3"}, "TAKE_02.WAV"),
        ("A/TAKE_2.WAV", {"part": "2", "parts": "3"}, "TAKE_2.WAV"),
        ("A/TAKE_2.WAV", {"part": "2", "parts": "12"}, "TAKE_2_02.WAV"),
        ("A/TAKE.WAV", {"part": "7", "parts": "120"}, "TAKE_007.WAV"),
        ("A/A001_C001_002.R3D", {"part": "2", "parts": "12"}, "A001_C001_002.R3D"),
        ("A/TAKE.WAV", {"part": "4", "parts": "3"}, "TAKE.WAV"),
        ("A/TAKE.WAV", {"part": "two", "parts": "3"}, "TAKE.WAV"),
        ("A/TAKE.WAV", {"part": "²", "parts": "3"}, "TAKE.WAV"),
        ("A/TAKE.WAV", {"part": 2, "parts": 3}, "TAKE_02.WAV"),
    ],
)
def test_names(path, meta, name):
    assert asset_name(clip(path, **meta)) == name


def test_parts_sort_together_and_proxies_keep_their_heros_name():
    meta = [{"part": str(number), "parts": "12"} for number in range(1, 13)]
    names = [asset_name(clip(f"{number}/C0001.MXF", **each)) for number, each in enumerate(meta)]
    assert names == sorted(names)
    assert len(set(names)) == 12
    proxies = [asset_name(clip(f"{number}/C0001.mp4", **each)) for number, each in enumerate(meta)]
    assert [name.split(".")[0] for name in proxies] == [name.split(".")[0] for name in names]
