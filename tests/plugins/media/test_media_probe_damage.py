"""Recordings cut anywhere: never an exception, a problem where something is missing, and what can be read."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_media.containers import boxes, matroska, movie, mxf, riff, steady, w64
from rushes_media.containers.steady import Run
from rushes_media.look import look
from rushes_media.recordings import nrtm
from rushes_media.words import tags

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.4", "-f", "lavfi", "-i", "sine=440:r=48000:d=0.4")
MADE = {
    "late.mov": ("-c:v", "libx264", "-c:a", "pcm_s24le"),
    "early.mp4": ("-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart"),
    "a.mxf": ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-timecode", "01:00:00:00"),
    "a.mkv": ("-c:v", "libx264", "-c:a", "flac"),
    "a.avi": ("-c:v", "mjpeg", "-c:a", "pcm_s16le"),
}


@pytest.mark.parametrize("name", MADE)
def test_cut_anywhere(ffmpeg, tmp_path, name):
    whole = ffmpeg(*PICTURE, *MADE[name], tmp_path / name)
    content = whole.read_bytes()
    assert not look(str(whole), "video").problem
    for cut in (1, 9, 17, 40, 100, 130, 500, 1500, len(content) // 2, len(content) * 9 // 10):
        whole.write_bytes(content[:cut])
        facts = look(str(whole), "video")
        assert facts.problem, cut
        assert "\n" not in facts.problem
        assert "the reader fails" not in facts.problem
        if cut >= 40:
            assert facts.values["container"] == {"mov": "mov", "mp4": "mp4", "mkv": "matroska"}.get(
                name[-3:], name[-3:]
            )
            assert "truncated" in facts.problem


def test_a_header_that_was_written_first_tells_all_of_a_cut_file(ffmpeg, tmp_path):
    for name in ("early.mp4", "a.mxf", "a.mkv", "a.avi"):
        whole = ffmpeg(*PICTURE, *MADE[name], tmp_path / name)
        told = look(str(whole), "video").values
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 9 // 10])
        kept = look(str(whole), "video").values
        names = ("codec", "width", "height", "rate", "channels", "sample_rate", "timecode")
        assert {each: kept.get(each) for each in names} == {each: told.get(each) for each in names}


def renamed(content, *path):
    """The file with the type of the first box on that path made one that nobody knows."""
    place = 0
    for kind in path:
        place = content.index(kind, place)
    return content[:place] + b"xxxx" + content[place + 4 :]


@pytest.mark.parametrize("name", ["late.mov", "early.mp4"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ((b"mdia",), "damaged: its index holds a track that cannot be read"),
        ((b"minf",), "damaged: its index tells of a picture that cannot be read"),
        ((b"minf", b"stbl"), "damaged: its index tells of a picture that cannot be read"),
        ((b"minf", b"stbl", b"stsd"), "damaged: its index tells of a picture that cannot be read"),
    ],
)
def test_a_movie_whose_picture_track_is_destroyed_is_no_sound(ffmpeg, tmp_path, name, path, told):
    whole = ffmpeg(*PICTURE, *MADE[name], tmp_path / name)
    whole.write_bytes(renamed(whole.read_bytes(), b"moov", b"trak", *path))
    facts = look(str(whole), "video")
    assert facts.problem == told
    assert "kind" not in facts.values
    assert facts.sound


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.mov", ("-map", "1", "-c:a", "pcm_s24le", "-timecode", "01:00:00:00")),
        ("a.mp4", ("-map", "1", "-c:a", "aac")),
        ("a.m4a", ("-map", "1", "-map", "0", "-frames:v", "1", "-c:a", "aac", "-c:v", "mjpeg",
                   "-disposition:v", "attached_pic")),
    ],
)  # fmt: skip
def test_a_movie_of_sound_alone_is_sound(ffmpeg, tmp_path, name, made):
    facts = look(str(ffmpeg(*PICTURE, *made, tmp_path / name)), "video")
    assert facts.problem == ""
    assert facts.values["kind"] == "audio"


@given(st.binary(max_size=300))
def test_anything_is_walked(content):
    stream, size = io.BytesIO(content), len(content)
    boxes.layout(stream, size)
    movie.read(stream, size)
    mxf.problem(stream, size)
    matroska.problem(io.BytesIO(matroska.EBML + content), size + 4)
    riff.avi_problem(io.BytesIO(b"RIFF" + content), size + 4)
    w64.read(io.BytesIO(w64.RIFF + content), size + 16)
    nrtm.read(b"<NonRealTimeMeta>" + content)


@given(
    st.dictionaries(
        st.sampled_from(["com.arri.camera.ShutterAngle", "iso", "com.x.shutterSpeed", "wb", "ubits"]),
        st.text(),
    )
)
def test_any_tag_is_read(told):
    tags.read(told)


@pytest.mark.parametrize(
    ("text", "shutter"),
    [
        ("1/48", "1/48"),
        ("1/50s", "1/50"),
        ("0.02", "1/50"),
        ("179.2deg", "179.2"),
        ("", ""),
        ("auto", ""),
        ("1/0", ""),
    ],
)
def test_shutters(text, shutter):
    assert tags.exposure({"shutterspeed": text}).get("shutter", "") == shutter


@pytest.mark.parametrize(
    ("text", "angle"), [("1728", "172.8"), ("172800", "172.8"), ("180", "180"), ("off", None)]
)
def test_angles(text, angle):
    assert tags.read({"com.arri.camera.ShutterAngle": text}).get("shutter") == angle


@pytest.mark.parametrize(
    ("text", "bits"), [("$12311801", "12311801"), ("0x0000abcd", "0000ABCD"), ("12", ""), ("", "")]
)
def test_user_bits(text, bits):
    assert tags.user_bits(text) == bits


@pytest.mark.parametrize(
    ("runs", "scale", "uneven"),
    [
        ([Run(100, 512)], 12800, False),
        ([Run(99, 512), Run(1, 3)], 12800, False),  # nothing follows the last
        ([Run(1, 25), Run(20, 25), Run(1, 26), Run(20, 25)], 600, False),  # 23.976 in ticks of 1/600 s
        ([Run(1, 1), Run(1, 2)] * 10, 25, True),  # two of three pictures, in ticks of a picture
        ([Run(50, 512), Run(1, 1024), Run(50, 512)], 12800, True),  # one was dropped
        ([Run(1, 33), Run(2, 33), Run(1, 34)] * 10, 1000, False),  # 29.97 in milliseconds
        ([Run(1, 2900), Run(1, 3100)] * 10, 90000, True),  # a phone, two milliseconds off
        ([Run(1, 0)], 25, False),
        ([], 25, False),
    ],
)
def test_evenness(runs, scale, uneven):
    assert steady.uneven(runs, scale) is uneven


@given(st.integers(5, 40_000), st.integers(1, 300), st.sampled_from([600, 1000, 12800, 90000]))
def test_any_even_rate_is_even_however_it_is_rounded(millirate, pictures, scale):
    times = [number * 1000 * scale // (millirate + 500) for number in range(pictures)]
    each = 1000 * scale / (millirate + 500)
    if each >= 8:  # a tick is then a small part of a picture
        assert not steady.uneven(steady.of_times(times), scale)
