"""Checklist, QA: an asset that is shot is uploaded, in every format that a device may record."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from journeys.frameio.live import PART_BYTES
from journeys.frameio.recorders import shoot
from journeys.harness import sha256
from journeys.many import make_picture, make_sound

CDL = """<?xml version="1.0" encoding="UTF-8"?>
<ColorCorrection id="A001C001"><SOPNode><Slope>1 1 1</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode>
<SatNode><Saturation>0.9</Saturation></SatNode></ColorCorrection>
"""
CUBE = 'TITLE "set look"\nLUT_3D_SIZE 2\n' + "".join(
    f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)
)
_BOX = struct.Struct(">I4s")


def encode(path: Path, *options: str) -> None:
    """One picture, or a second of them, by what the extension says."""
    source = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1")
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *source, *options, str(path)],
        check=True,
    )


def tiff(path: Path) -> None:
    encode(path.with_suffix(".tiff"), "-frames:v", "1")
    path.with_suffix(".tiff").rename(path)


def heif(path: Path) -> None:
    brand = b"heic\0\0\0\0mif1heic"
    noise = random.Random(path.name).randbytes(2000)
    boxes = [(b"ftyp", brand), (b"meta", bytes(4)), (b"mdat", noise)]
    path.write_bytes(b"".join(_BOX.pack(8 + len(body), kind) + body for kind, body in boxes))


def raw(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(2 * PART_BYTES + 1))


#: What a device may record: how it is made, and what it is called at Frame.io.
FORMATS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "MOV": ("F001C001.mov", lambda path: make_picture(path, seconds=1), "video/quicktime"),
    "MP4": (
        "F001C002.MP4",
        lambda path: encode(path, "-c:v", "libx264", "-preset", "ultrafast"),
        "video/mp4",
    ),
    "MXF": ("F001C003.mxf", lambda path: encode(path, "-c:v", "mpeg2video"), "application/mxf"),
    "WAV": ("F001T004.WAV", lambda path: make_sound(path, 4, seconds=1), "audio/wav"),
    "JPEG": ("F0010005.JPG", lambda path: encode(path, "-frames:v", "1"), "image/jpeg"),
    "HEIF": ("F0010006.HIF", heif, "image/heif"),
    "HEIC": ("F0010007.heic", heif, "image/heic"),
    "TIFF": ("F0010008.tif", tiff, "image/tiff"),
    "DNG": ("F0010009.dng", tiff, "image/x-adobe-dng"),
    "camera raw, still": ("F0010010.ARW", tiff, "image/x-sony-arw"),
    "camera raw, R3D": ("F001_C011_1122AB_001.R3D", raw, "application/octet-stream"),
    "camera raw, BRAW": ("F001C012.braw", raw, "application/octet-stream"),
    "LUT": ("F001C013.cube", lambda path: path.write_text(CUBE), "text/plain"),
    "CDL": ("F001C014.cdl", lambda path: path.write_text(CDL), "application/xml"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One file of each format."""
    folder = tmp_path_factory.mktemp("formats")
    for name, make, _kind in FORMATS.values():
        make(folder / name)
    return folder


@pytest.fixture
def card(live, made):
    """The same, on a card that is inserted."""
    if not (live.cards / "F001").exists():
        live.add_card(made, "F001")
    return live.cards / "F001"


@pytest.mark.parametrize("form", FORMATS)
def test_every_recordable_format_is_uploaded(live, card, form):
    name, _make, kind = FORMATS[form]
    job = live.wait_for(card / name)
    asset = live.only(card / name)
    assert (asset["filetype"], asset["state"], asset["sha256"]) == (kind, "complete", sha256(card / name))
    assert job["steps"][-1]["receipt"]["id"] == asset["id"]


def test_a_proxy_is_uploaded_by_the_name_of_its_original(live, made):
    hero = made / FORMATS["MOV"][0]
    path = live.cards / "HERO" / "H001C001.mov"
    path.parent.mkdir()
    path.write_bytes(hero.read_bytes() + _BOX.pack(_BOX.size, b"free"))
    live.wait_for(path)
    asset = live.only(path)
    assert (asset["filetype"], asset["state"]) == ("video/quicktime", "complete")
    assert asset["sha256"] != sha256(path)
    with av.open(live.service.whole(asset)) as proxy:
        assert proxy.streams.video[0].codec.name == "h264"


def test_an_asset_that_is_shot_is_uploaded_by_itself(live):
    path = shoot(live.cards / "A001" / "A001C001.braw", 3 * PART_BYTES)
    job = live.wait_for(path)
    assert live.only(path)["sha256"] == sha256(path)
    assert job["steps"][0]["receipt"]["checked"] == "md5 of each part"
    assert live.service.sandbox.breaches() == []


def test_camera_raw_that_the_probe_cannot_read_is_delivered_all_the_same(bare):
    names = [f"A001C001.{extension}" for extension in ("ari", "arx")]
    for name in names:
        bare.put(name, PART_BYTES)
    bare.write_pipeline(when="true", prepare=["probe"], sinks=[bare.disk()])
    bare.run("--once").wait(30)
    assert {name: job["reason"] for name, job in bare.by_name().items() if job["state"] != "done"} == {}
