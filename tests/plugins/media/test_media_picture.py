"""A picture of a clip, made in a worker process, and the file of it that a browser can play."""

from __future__ import annotations

import subprocess

import httpx
import imageio_ffmpeg
import pytest
import trio

from engine_rig import running
from rushes.api.app import build
from rushes.cli.load import load_pipeline
from rushes.engine import open_engine
from rushes.settings import Settings

pytestmark = pytest.mark.timeout(60)
FILE = """\
pipeline: shown
state: ./state
sources: [{id: card, use: folder, path: ./card, settle: 0s}]
prepare: [probe]
sinks: [{id: shelf, use: disk, path: ./shelf}]
routes: [{id: all, when: "false", to: [shelf]}]
"""


def film(path, *, codec="mjpeg"):
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:d=1",
            "-c:v", codec, "-pix_fmt", "yuv420p", str(path),
        ],
        check=True,
    )  # fmt: skip


async def test_a_clip_is_shown_and_played(tmp_path):
    for name in ("card", "shelf"):
        (tmp_path / name).mkdir()
    film(tmp_path / "card" / "A.mov")
    film(tmp_path / "card" / "B.mp4", codec="libx264")
    (tmp_path / "card" / "C.avi").write_bytes(b"RIFF" + bytes(3000))
    file = tmp_path / "shown.yaml"
    file.write_text(FILE)
    async with open_engine(load_pipeline(str(file)), Settings()) as engine, running(engine):
        ids = await probed(engine)
        transport = httpx.ASGITransport(build(engine, trio.Event()))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:

            async def ask(name, what, **options):
                return await client.get(f"/v1/clips/{ids[name]}/{what}", **options)

            picture = await ask("A.mov", "picture?width=160")
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
            assert size_of(picture.content) == (160, 90)
            kept = list((tmp_path / "state" / "pictures").iterdir())
            assert [each.read_bytes() for each in kept] == [picture.content]
            (tmp_path / "card" / "A.mov").rename(tmp_path / "away.mov")
            assert (await ask("A.mov", "picture?width=160")).content == picture.content
            assert (await ask("A.mov", "picture?width=320")).status_code == 404

            assert (await ask("C.avi", "picture")).status_code == 404
            assert (await ask("C.avi", "media")).status_code == 404

            whole = (tmp_path / "card" / "B.mp4").read_bytes()
            media = await ask("B.mp4", "media", headers={"range": "bytes=100-299"})
            assert (media.status_code, media.content) == (206, whole[100:300])
            assert (await ask("B.mp4", "media")).content == whole


async def probed(engine):
    """Ids of the three clips by name, once they were looked at."""
    while True:
        clips = (await engine.clips())["clips"]
        if sum(bool(clip["duration"] or clip["problem"]) for clip in clips) == 3:
            return {clip["name"]: clip["clip"] for clip in clips}
        await trio.sleep(0.05)


def size_of(jpeg):
    """Width and height, from the frame's header."""
    at = jpeg.index(b"\xff\xc0") + 5
    return int.from_bytes(jpeg[at + 2 : at + 4]), int.from_bytes(jpeg[at : at + 2])
