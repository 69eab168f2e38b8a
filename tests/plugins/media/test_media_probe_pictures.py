"""The columns of pictures in every container, of files that a real ffmpeg makes."""

from __future__ import annotations

import math
from fractions import Fraction
from struct import pack, pack_into
from types import SimpleNamespace

import pytest

from rushes.columns import METADATA_NAMES
from rushes.timecode import Timecode
from rushes_media.containers import movie
from rushes_media.look import look
from rushes_media.probe import PROBE
from rushes_media.recordings import heard, picture

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.4")
HD = ("-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=0.08")
PAL = ("-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=0.2")
TONE = ("-f", "lavfi", "-i", "sine=440:r=48000:d=0.4")
FAST = ("-c:v", "libx264", "-preset", "ultrafast")
DROPS = ("-vf", "select='not(eq(mod(n,3),1))'", "-fps_mode", "vfr")
PQ = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv,format=yuv420p10le"
FIELDS = ("-vf", "setfield=tff,format=yuv422p", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-b:v", "50M")
MADE = {
    "plain.mp4": (
        (*PICTURE, *FAST),
        {
            "container": "mp4", "codec": "h264", "profile": "Constrained Baseline", "pixel_format": "yuv420p",
            "bit_depth": 8, "aspect": "16:9", "rotation": 0, "interlaced": False, "variable_rate": False,
            "rate": "25", "frames": 10, "timecode": None, "timecode_end": None, "colour_space": None,
        },
    ),
    "422.mov": (
        (*PICTURE, *FAST, "-pix_fmt", "yuv422p10le"),
        {"profile": "High 4:2:2", "pixel_format": "yuv422p10le", "bit_depth": 10},
    ),
    "drops.mp4": ((*PICTURE, *DROPS, *FAST), {"variable_rate": True, "rate": "17.5", "frames": 7}),
    "drops.mkv": ((*PICTURE, *DROPS, *FAST), {"variable_rate": True, "container": "matroska"}),
    "live.mp4": (
        (*PICTURE, *DROPS, *FAST, "-movflags", "frag_keyframe+empty_moov"),
        {"variable_rate": True, "frames": None},
    ),
    "even.mkv": (
        ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=30000/1001:d=0.5", *FAST, "-timecode", "00:59:59;28"),
        {"variable_rate": False, "rate": "29.97", "timecode": "00:59:59;28", "timecode_from": "tag"},
    ),
    "ticks.mp4": (
        ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=24000/1001:d=1", *FAST, "-video_track_timescale", "600"),
        {"variable_rate": False, "rate": "23.976"},
    ),
    "pq.mp4": (
        (*PICTURE, "-vf", PQ, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
        {
            "codec": "hevc", "profile": "Main 10", "bit_depth": 10, "colour_space": "bt2020",
            "transfer": "smpte2084", "colour_matrix": "bt2020nc", "colour_range": "tv",
        },
    ),
    "wide.mov": (
        (*PAL, "-vf", "format=yuv420p", "-c:v", "dvvideo", "-aspect", "16:9", "-timecode", "02:03:04:05"),
        {"codec": "dvvideo", "aspect": "16:9", "pixel_aspect": "64:45", "timecode_end": "02:03:04:10"},
    ),
    "fields.avi": (
        (*PAL, "-vf", "setfield=bff,format=yuv420p", "-c:v", "dvvideo", "-aspect", "4:3"),
        {"container": "avi", "interlaced": True, "variable_rate": False, "aspect": "4:3", "frames": 5},
    ),
    "xdcam.mxf": (
        (*HD, *FIELDS, "-timecode", "09:00:00:00"),
        {
            "pattern": "OP1a", "profile": "4:2:2", "interlaced": True, "field_order": "tt", "frames": 2,
            "timecode": "09:00:00:00", "timecode_end": "09:00:00:02", "timecode_from": "mxf",
        },
    ),
    "atom.mxf": (
        (*HD, "-c:v", "dnxhd", "-b:v", "120M", "-pix_fmt", "yuv422p", "-timecode", "03:00:00:00", "-f", "mxf_opatom"),
        {"pattern": "OP-Atom", "codec": "dnxhd", "profile": "DNXHD", "timecode": "03:00:00:00", "interlaced": False},
    ),
    "sound.mxf": (
        (*TONE, "-c:a", "pcm_s24le", "-metadata", "reel_name=R1", "-timecode", "03:00:00:00", "-f", "mxf_opatom"),
        {"codec": "pcm_s24le", "bit_depth": 24, "audio_layout": "mono", "reel": "R1", "timecode_end": "03:00:00:10"},
    ),
    "named.mov": (
        (*PICTURE, *TONE, "-map", "0", "-map", "1", "-map", "1", *FAST, "-c:a", "pcm_s24le",
         "-metadata:s:a:0", "title=Boom", "-metadata:s:a:1", "title=Lav"),
        {"tracks": "Boom, Lav", "audio_layout": "mono, mono", "channels": 2},
    ),
    "tags.mov": (
        (*PICTURE, *FAST, "-movflags", "use_metadata_tags", "-metadata", "com.arri.camera.ReelName=A001R1AB",
         "-metadata", "com.arri.camera.ExposureIndexAsa=800", "-metadata", "com.arri.camera.ShutterAngle=1728",
         "-metadata", "com.arri.camera.WhiteBalanceKelvin=5600", "-metadata", "com.arri.camera.LensType=SP40",
         "-metadata", "com.apple.quicktime.creationdate=2023-05-01T12:00:00+0200"),
        {
            "reel": "A001R1AB", "iso": 800, "shutter": "172.8", "white_balance": 5600, "lens": "SP40",
            "created_zone": "+02:00", "created_basis": "creationdate",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_columns(ffmpeg, tmp_path, name):
    arguments, expected = MADE[name]
    facts = look(str(ffmpeg(*arguments, tmp_path / name)), "video")
    assert not facts.problem
    assert {column: facts.values.get(column) for column in expected} == expected
    assert facts.values.keys() <= METADATA_NAMES | PROBE.keys.keys() | {"kind"}


@pytest.mark.parametrize(
    ("told", "turn", "aspect"), [(90, 270, "9:16"), (180, 180, "16:9"), (270, 90, "9:16")]
)
@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
def test_a_phone_held_upright(ffmpeg, tmp_path, container, told, turn, aspect):
    """ffmpeg is told degrees against the clock, a column tells them with it."""
    flat = ffmpeg(*PICTURE, *FAST, tmp_path / "flat.mp4")
    turned = ffmpeg("-display_rotation:v:0", told, "-i", flat, "-c", "copy", tmp_path / f"turned.{container}")
    values = look(str(turned), "video").values
    assert (values["rotation"], values["aspect"], values["width"], values["height"]) == (
        turn,
        aspect,
        320,
        180,
    )


def test_the_clock_that_the_picture_names(shoot):
    """Two timecode tracks at two rates: the picture's own counts, whichever stands first."""
    own, other = movie.Track(b"tmcd", timecode_rate=25), movie.Track(b"tmcd", timecode_rate=30)
    index = movie.Movie(tracks={1: movie.Track(b"avc1", clock=3), 2: other, 3: own})
    assert (index.timecode_rate(1), index.timecode_rate(None)) == (25, 30)


def test_the_end_of_what_an_edit_list_shows(ffmpeg, shoot, tmp_path):
    whole = shoot("A001C001.mov", "25", "01:00:00:00", "-g", "10", frames=50)
    part = ffmpeg("-ss", "0.52", "-i", whole, "-map", "0:v", "-c", "copy", tmp_path / "part.mov")
    values = look(str(part), "video").values
    shown = math.ceil(values["duration"] * 25 - 0.01)
    assert shown < values["frames"]
    assert values["timecode_end"] == str(Timecode.parse(values["timecode"], 25) + shown)


SONY = b"""<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20">
<LtcChangeTable tcFps="25" halfStep="true">
<LtcChange frameCount="0" value="10433512" status="increment"/></LtcChangeTable>
<CreationDate value="2026-07-14T12:35:43+02:00"/><Device manufacturer="Sony" modelName="ILCE-7SM3" serialNo="4"/>
<AcquisitionRecord><Group name="CameraUnitMetadataSet"><Item name="CaptureGammaEquation" value="s-log3-cine"/>
<Item name="CaptureColorPrimaries" value="s-gamut3-cine"/></Group></AcquisitionRecord></NonRealTimeMeta>\0"""


def test_the_document_in_a_sony_file(ffmpeg, tmp_path):
    """50 pictures a second beside a timecode that counts 25, with the zone of the camera."""
    path = ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=50:d=0.2", *FAST, tmp_path / "C0001.MP4")
    document = pack(">I4sI", len(SONY) + 12, b"xml ", 0) + SONY
    meta = bytearray(
        pack(">I4sI", 0, b"meta", 0) + pack(">I4sII4s13x", 33, b"hdlr", 0, 0, b"nrtm") + document
    )
    pack_into(">I", meta, 0, len(meta))
    path.write_bytes(path.read_bytes() + meta)
    values = look(str(path), "video").values
    expected = {
        "timecode": "12:35:43:10",
        "timecode_rate": "25",
        "timecode_from": "nrtm",
        "timecode_end": "12:35:43:15",
        "rate": "50",
        "make": "Sony",
        "model": "ILCE-7SM3",
        "gamma": "s-log3-cine",
        "gamut": "s-gamut3-cine",
        "created_zone": "+02:00",
        "created_basis": "nrtm",
    }
    assert {name: values.get(name) for name in expected} == expected
    assert str(values["created"]) == "2026-07-14 10:35:43+00:00"
    assert str(values["recorded"]) == "2026-07-14 12:35:43"


def test_a_track_without_pictures_has_no_rate():
    """Of a fragmented file's first part ffmpeg tells the ticks of its clock."""
    empty = SimpleNamespace(average_rate=None, base_rate=Fraction(120_000))
    single = SimpleNamespace(average_rate=None, base_rate=Fraction(25))
    assert (picture.rate(empty), picture.rate(single)) == (None, 25)


def test_sound_without_a_packet_says_nothing():
    silent = SimpleNamespace(codec_context=SimpleNamespace(channels=0, sample_rate=0))
    assert heard.read([silent]) == {}


def test_sound_that_nobody_decodes_is_not_broken(tmp_path):
    form = pack("<HHIIHH", 1, 1, 48000, 48000 * 6, 6, 48)
    body = b"WAVEfmt " + pack("<I", 16) + form + b"data" + pack("<I", 600) + bytes(600)
    (tmp_path / "A.wav").write_bytes(b"RIFF" + pack("<I", len(body)) + body)
    facts = look(str(tmp_path / "A.wav"), "audio")
    assert (facts.problem, facts.values["bit_depth"], facts.values["channels"]) == ("", 48, 1)


def test_text_in_place_of_a_clip_still_has_the_clips_name(tmp_path):
    path = tmp_path / "A002C006_141024_R2EC.mov"
    path.write_text("data")
    facts = look(str(path), "video")
    assert facts.problem == "not a media file: text named .mov"
    assert (facts.values["camera"], facts.values["clip_day"]) == ("A", "2014-10-24")
