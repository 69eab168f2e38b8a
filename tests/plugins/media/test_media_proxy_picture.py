"""What a proxy's pictures are: upright, square, even in time, and the colours they were."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import av
import pytest

from rushes import Kind, Permanent
from rushes_media.look import look
from rushes_media.making.material import Colour
from rushes_media.making.survey import survey
from rushes_media.proxy import PROXY

SHAPES = "testsrc2=s=64x48:r=25:d=0.4"
#: A ramp that has every luma of its range, and flat colour.
RAMP = "color=black:s=256x32:r=25:d=0.2,format={format},geq=lum='X*{step}':cb={grey}:cr={grey}"
#: x264 at this rate keeps a ramp within so many steps of eight bits.
NEAR = 2


async def make(stage, path, **options):
    async with PROXY.open(PROXY.config(**{"preset": "ultrafast", **options}), stage) as proxy:
        [made] = await proxy.apply(stage.admit(path, Kind.VIDEO))
    return made


def material(path):
    return survey(str(path), look(str(path), "video"))


def frames(path, form="gray", number=None):
    """The pictures as rows of bytes."""
    with av.open(str(path)) as container:
        told = []
        for frame in container.decode(video=0):
            flat = frame.reformat(format=form) if form else frame
            plane = flat.planes[0]
            whole = bytes(plane)
            told.append([whole[row * plane.line_size :][: flat.width] for row in range(flat.height)])
            if number is not None and len(told) > number:
                break
    return told


@pytest.fixture(scope="module")
def stored(ffmpeg, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")

    def make(name, *arguments):
        return ffmpeg(*arguments, folder / name)

    return make


@pytest.fixture(scope="module")
def woven(stored):
    """A white bar that moves 8 pixels a field: combed wherever two fields are seen at once."""
    moving = "color=black:s=64x48:r=50:d=0.8,geq=lum='if(between(X,mod(N*8,56),mod(N*8,56)+8),235,16)':cb=128:cr=128"
    return stored(
        "woven.mov", "-f", "lavfi", "-i", f"{moving},interlace=scan=tff:lowpass=0",
        *("-c:v", "prores_ks", "-flags", "+ildct", "-timecode", "10:00:00:00"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def uneven(stored):
    """A phone's: 30 pictures a second, every seventh and eighth of ten dropped; a flash with a beep at 1 s."""
    return stored(
        "uneven.mp4",
        *("-f", "lavfi", "-i", "color=black:s=64x48:r=30:d=3,drawbox=c=white:t=fill:enable='eq(n,30)'"),
        *("-f", "lavfi", "-i", "aevalsrc='if(between(t,1,1.08),0.8*sin(2*PI*1000*t),0)':s=48000:d=3"),
        *("-vf", "select='not(between(mod(n,10),7,8))'", "-fps_mode", "passthrough", "-preset", "ultrafast"),
    )  # fmt: skip


class TestShape:
    @pytest.mark.parametrize("degrees", [90, 180, 270])
    async def test_turned_pictures_are_upright(self, stage, stored, degrees):
        # A black picture with its left upper corner white, as it is stored.
        flat = stored(
            "flat.mp4",
            *("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=0.2,drawbox=w=32:h=24:c=white:t=fill"),
            *("-preset", "ultrafast"),
        )
        # ffmpeg counts against the clock.
        turned = stored(f"t{degrees}.mp4", "-display_rotation", -degrees, "-i", flat, "-c", "copy")
        made = await make(stage, turned)
        shown = material(stage.path(made)).picture
        assert (shown.width, shown.height) == ((64, 48) if degrees == 180 else (48, 64))
        assert shown.turned == 0
        assert made.meta["rotation"] == 0
        [first, *_] = frames(stage.path(made))
        corners = [first[4][4], first[4][-4], first[-4][-4], first[-4][4]]
        assert [corner > 128 for corner in corners].index(True) == degrees // 90

    async def test_pixels_become_square(self, stage, stored):
        wide = stored("wide.mov", "-f", "lavfi", "-i", f"{SHAPES},setsar=2", "-c:v", "prores_ks")
        made = await make(stage, wide, height=24)
        shown = material(stage.path(made)).picture
        assert (shown.width, shown.height, shown.pixel) == (64, 24, 1)
        pal = stored(
            "pal.mov", "-f", "lavfi", "-i", "testsrc2=s=72x58:r=25:d=0.2,setsar=16/15", "-c:v", "prores_ks"
        )
        made = await make(stage, pal)
        assert (made.meta["width"], made.meta["height"]) == (76, 58)

    async def test_turned_and_not_square(self, stage, stored):
        flat = stored("sar.mp4", "-f", "lavfi", "-i", f"{SHAPES},setsar=2", "-preset", "ultrafast")
        turned = stored("sar90.mp4", "-display_rotation", "90", "-i", flat, "-c", "copy")
        shown = material(stage.path(await make(stage, turned))).picture
        assert (shown.width / shown.height) == pytest.approx(48 / 128, abs=0.03)

    @pytest.mark.parametrize(
        ("size", "becomes"), [("65x47", "64x46"), ("33x99", "32x98"), ("17x16", "16x16")]
    )
    async def test_odd_sizes(self, stage, stored, size, becomes):
        odd = stored(
            f"{size}.mov",
            "-f",
            "lavfi",
            "-i",
            f"testsrc2=s={size}:r=25:d=0.1",
            "-c:v",
            "rawvideo",
            "-pix_fmt",
            "yuv444p",
        )
        made = await make(stage, odd)
        assert f"{made.meta['width']}x{made.meta['height']}" == becomes


class TestFields:
    def combing(self, path):
        """How much neighbouring lines differ."""
        rows = frames(path)[5]
        return sum(abs(a - b) for one, two in pairwise(rows[8:-7]) for a, b in zip(one, two, strict=True))

    async def test_two_fields_become_one_picture(self, stage, woven):
        made = await make(stage, woven)
        assert made.meta["interlaced"] is False
        assert made.meta["frames"] == 20
        assert self.combing(stage.path(made)) < self.combing(woven) / 5

    @pytest.mark.parametrize("codec", ["avc", "prores-proxy"])
    async def test_or_both_are_kept(self, stage, woven, codec):
        options = {} if codec == "prores-proxy" else {"preset": "ultrafast"}
        async with PROXY.open(
            PROXY.config(interlaced="keep", codec=codec, height=24, **options), stage
        ) as proxy:
            [made] = await proxy.apply(stage.admit(woven))
        assert material(stage.path(made)).picture.fields
        assert made.meta["interlaced"] is True
        combed = self.combing(stage.path(made))
        async with PROXY.open(PROXY.config(codec=codec, height=24, **options), stage) as proxy:
            [plain] = await proxy.apply(stage.admit(woven))
        assert combed > 5 * self.combing(stage.path(plain))


class TestTime:
    async def test_uneven_pictures_become_even(self, stage, uneven):
        made = await make(stage, uneven, audio="pcm")
        with av.open(str(stage.path(made))) as container:
            stamps = [frame.time for frame in container.decode(video=0)]
        assert {round(after - before, 4) for before, after in pairwise(stamps)} == {0.0333}
        assert (made.meta["rate"], made.meta["variable_rate"]) == ("30", False)
        assert abs(len(stamps) - 90) <= 1
        bright = [number for number, rows in enumerate(frames(stage.path(made))) if max(rows[20]) > 128]
        assert bright == [30]

    async def test_or_are_refused(self, stage, uneven):
        with pytest.raises(Permanent, match=r"uneven\.mp4: its pictures come at uneven times"):
            await make(stage, uneven, variable_rate="refuse")

    @pytest.mark.parametrize(
        ("codec", "rate", "label"),
        [
            ("avc", "24000/1001", "01:00:00:00"),
            ("avc", "30000/1001", "23:59:59;28"),
            ("avc", "60000/1001", "00:00:59;58"),
            ("avc", "48", "00:00:00:00"),
            ("hevc", "60000/1001", "00:00:59;58"),
            ("hevc", "50", "10:00:00:49"),
            ("prores-proxy", "30000/1001", "00:08:59;29"),
            ("prores-proxy", "24000/1001", "23:59:59:23"),
        ],
    )
    async def test_start_and_rate_in_every_codec(self, stage, stored, rate, label, codec):
        source = stored(
            "timed.mov", "-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}", "-frames:v", 12, "-c:v", "prores_ks",
            *("-timecode", label, "-metadata:s:v", "reel_name=A007"),
        )  # fmt: skip
        async with PROXY.open(PROXY.config(codec=codec), stage) as proxy:
            [made] = await proxy.apply(stage.admit(source))
        facts, before = look(str(stage.path(made)), "video"), look(str(source), "video")
        for name in ("timecode", "timecode_rate", "rate", "frames", "reel"):
            assert facts.values[name] == before.values[name]
        assert (facts.values["timecode"], facts.values["timecode_from"]) == (label, "tmcd")


#: Primaries, transfer and matrix (ITU-T H.273).
TAGS = {
    "untagged": (2, 2, 2),
    "bt709": (1, 1, 1),
    "hlg": (9, 18, 9),
    "pq": (9, 16, 9),
    "bt601": (6, 6, 6),
}


class TestColour:
    def ramp(self, stored, name, span, *, deep):
        """A ramp over all codes of 8 or 10 bits, losslessly stored with tags."""
        primaries, transfer, matrix = TAGS[name]
        tags = f",setparams=range={span}:color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}"
        picture = RAMP.format(
            format="yuv420p10le" if deep else "yuv420p", step=4 if deep else 1, grey=512 if deep else 128
        )
        return stored(
            f"{name}-{span}-{deep}.mov", "-f", "lavfi", "-i", picture + tags, "-c:v", "libx264", "-qp", 0
        )

    @pytest.mark.parametrize(
        ("codec", "name", "span"),
        [
            *(("avc", name, "tv") for name in TAGS),
            *(("hevc", name, "tv") for name in ("hlg", "pq")),
            *(("prores-proxy", name, "tv") for name in ("untagged", "hlg")),
            *((codec, "bt709", "pc") for codec in ("avc", "hevc", "prores-proxy")),
            ("avc", "untagged", "pc"),
        ],
    )
    async def test_codes_and_tags_pass_through(self, stage, stored, name, span, codec):
        """A code of the original is the same code of the proxy: nothing squeezed, stretched or turned."""
        tags = TAGS[name]
        source = self.ramp(stored, name, span, deep=codec != "avc")
        async with PROXY.open(PROXY.config(codec=codec), stage) as proxy:
            [made] = await proxy.apply(stage.admit(source, Kind.VIDEO))
        before, after = material(source).picture.colour, material(stage.path(made)).picture.colour
        assert before == Colour(primaries=tags[0], transfer=tags[1], matrix=tags[2], full=span == "pc")
        squeezed = before.full and codec == "prores-proxy"  # it knows no full range
        assert after == replace(before, full=before.full and not squeezed)
        with av.open(str(stage.path(made))) as container:
            frame = next(container.decode(video=0))
        deep = frame.format.components[0].bits == 10
        plane = memoryview(bytes(frame.planes[0])).cast("H" if deep else "B")
        row = [code / 4 if deep else code for code in plane[16 * len(plane) // 32 :][:256]]
        wanted = [16 + place * 219 / 255 if squeezed else place for place in range(256)]
        # The ends of a ramp ring a little in a codec.
        assert row[20:236] == pytest.approx(wanted[20:236], abs=NEAR)

    async def test_rgb_becomes_bt709(self, stage, stored):
        source = stored(
            *("rgb.mov", "-f", "lavfi", "-i", "color=0x3050C0:s=64x48:r=25:d=0.2,format=gbrp"),
            *("-c:v", "rawvideo", "-pix_fmt", "rgb24"),
        )  # fmt: skip
        made = await make(stage, source, bitrate="12M")
        colour = material(stage.path(made)).picture.colour
        assert (colour.matrix, colour.full) == (1, False)
        with av.open(str(stage.path(made))) as container:
            frame = next(container.decode(video=0))
        codes = [bytes(plane)[plane.line_size * 8 + 8] for plane in frame.planes]
        red, green, blue = (0x30 / 255, 0x50 / 255, 0xC0 / 255)
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        wanted = [16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748]
        assert codes == pytest.approx(wanted, abs=2)
