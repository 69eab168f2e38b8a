"""A picture of a clip is shown as a player shows the clip: turned, mirrored, its pixels square."""

from __future__ import annotations

import io
import struct
import subprocess
from functools import partial

import av
import imageio_ffmpeg
import pytest

from rushes import Clip, Kind
from rushes_media.frame import jpeg
from rushes_media.probe import Probe
from rushes_media.worker import picture_of, probe_file

#: Red; blue at the top left, green at the top right.
CORNERS = "color=red:size=320x180:rate=25:d=1,drawbox=w=160:h=90:c=blue:t=fill,drawbox=x=160:w=160:h=90:c=lime:t=fill"


def ffmpeg(*arguments):
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("upright") / "film.mov"
    ffmpeg("-f", "lavfi", "-i", CORNERS, "-c:v", "libx264", "-pix_fmt", "yuv420p", path)
    return path


def corners(content):
    """What is at the top left, top right, bottom left and bottom right; width and height."""
    with av.open(io.BytesIO(content)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    plane = frame.planes[0]

    def colour(x, y):
        at = round(frame.height * y) * plane.line_size + round(frame.width * x) * 3
        return max(zip(bytes(plane)[at : at + 3], "rgb", strict=True))[1]

    return "".join(colour(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)), (frame.width, frame.height)


@pytest.mark.parametrize("extension", ["mov", "mkv"])
@pytest.mark.parametrize(
    ("clockwise", "seen", "size"),
    [(0, "bgrr", (160, 90)), (90, "rbrg", (160, 284)), (180, "rrgb", (160, 90)), (270, "grbr", (160, 284))],
)
def test_a_film_is_turned_as_it_says(film, tmp_path, extension, clockwise, seen, size):
    path = tmp_path / f"turned.{extension}"
    ffmpeg("-display_rotation", -clockwise, "-i", film, "-c", "copy", path)
    assert corners(jpeg(str(path), 160)) == (seen, size)


@pytest.mark.parametrize(
    ("pixel", "turned", "width", "size"),
    [
        ("2/1", 0, 320, (320, 90)),
        ("2/1", 0, 160, (160, 44)),
        ("1/2", 0, 320, (160, 180)),
        ("2/1", 90, 320, (90, 320)),
        ("2/1", 90, 60, (60, 212)),
    ],
)
def test_pixels_that_are_no_squares_become_so(film, tmp_path, pixel, turned, width, size):
    wide, path = tmp_path / "wide.mov", tmp_path / "pixels.mov"
    ffmpeg("-i", film, "-vf", f"setsar={pixel}", "-c:v", "libx264", "-pix_fmt", "yuv420p", wide)
    ffmpeg("-display_rotation", -turned, "-i", wide, "-c", "copy", path)
    assert corners(jpeg(str(path), width))[1] == size


class Called:
    """A context that does in this process what it is asked to do in a worker."""

    def __init__(self, path):
        self.path = lambda _clip: path

    async def call(self, function, *arguments, **named):
        return partial(function, *arguments, **named)()


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [(1, "bgrr"), (2, "gbrr"), (3, "rrgb"), (4, "rrbg"), (5, "brgr"), (6, "rbrg"), (7, "rgrb"), (8, "grbr")],
)
async def test_a_still_is_turned_and_mirrored_as_its_reader_says(film, tmp_path, orientation, seen):
    plain, path = tmp_path / "plain.jpg", tmp_path / "still.jpg"
    ffmpeg("-i", film, "-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", plain)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHHI", 0x112, 3, 1, orientation, 0, 0)
    content = plain.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:])
    meta = probe_file(str(path), "image").values
    clip = Clip(volume="v", card="A", path="still.jpg", kind=Kind.IMAGE, size=1, mtime_ns=0, meta=meta)
    shown = await Probe(Called(path)).picture(clip, 160)
    assert corners(shown) == (seen, (160, 90) if orientation < 5 else (160, 284))


def test_what_is_no_picture_has_none(tmp_path):
    path = tmp_path / "no.mov"
    path.write_bytes(b"nothing")
    assert picture_of(str(path), 160, None, mirrored=False) is None
