"""What a person asks to be put on the picture: a LUT, a CDL, text. Judged by the values of the result."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

from rushes import ConfigError, Kind, Unavailable
from rushes.timecode import Rate, Timecode
from rushes_media.look import look
from rushes_media.making.burn import counting
from rushes_media.making.font import FIRST, LETTERS, folded, font
from rushes_media.making.survey import survey
from rushes_media.options import ProxyOptions, notes
from rushes_media.proxy import PROXY

CDL = """<?xml version="1.0" encoding="UTF-8"?><ColorCorrection id="cc1"><SOPNode><Slope>1.2 0.9 1</Slope>
<Offset>0.05 -0.02 0.1</Offset><Power>1.1 1 0.8</Power></SOPNode>
<SatNode><Saturation>{saturation}</Saturation></SatNode></ColorCorrection>"""
#: The same without its declaration, to stand inside another element.
INNER = CDL.split("?>", 1)[1]
PATCHES = [(40, 90, 200), (200, 120, 30), (128, 128, 128), (15, 240, 100)]
#: Two conversions between YUV and RGB and a codec.
NEAR = 4


async def make(stage, path, **options):
    async with PROXY.open(
        PROXY.config(**{"preset": "ultrafast", "bitrate": "12M", **options}), stage
    ) as proxy:
        [made] = await proxy.apply(stage.admit(path, Kind.VIDEO))
    return stage.path(made)


def patches(path):
    """The colour of each patch, as an sRGB player computes it by the file's tags."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    told = []
    for number in range(len(PATCHES)):
        y, u, v = (
            bytes(plane)[(8 >> shift) * plane.line_size + ((number * 32 + 16) >> shift)]
            for plane, shift in zip(frame.planes, (0, 1, 1), strict=True)
        )
        red_share, blue_share = {1: (0.2126, 0.0722)}.get(int(frame.colorspace), (0.299, 0.114))
        luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
        r, b = luma + 2 * (1 - red_share) * red, luma + 2 * (1 - blue_share) * blue
        g = (luma - red_share * r - blue_share * b) / (1 - red_share - blue_share)
        told.append([255 * min(1, max(0, each)) for each in (r, g, b)])
    return told


@pytest.fixture(scope="module")
def chart(ffmpeg, tmp_path_factory):
    """Flat patches as BT.709 video."""
    boxes = ",".join(
        f"drawbox=x={32 * number}:w=32:h=32:t=fill:c=0x{r:02X}{g:02X}{b:02X}"
        for number, (r, g, b) in enumerate(PATCHES)
    )
    convert = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    tags = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    picture = f"color=black:s=128x32:r=25:d=0.2,format=gbrp,{boxes},{convert},{tags}"
    path = tmp_path_factory.mktemp("chart") / "chart.mov"
    return ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-qp", 0, path)


def corrected(colour, saturation):
    """ASC CDL 1.2, computed here."""
    sop = zip(colour, (1.2, 0.9, 1.0), (0.05, -0.02, 0.1), (1.1, 1.0, 0.8), strict=True)
    out = [min(1, max(0, code / 255 * slope + offset)) ** power for code, slope, offset, power in sop]
    luma = sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), out, strict=True))
    return [255 * min(1, max(0, luma + saturation * (each - luma))) for each in out]


def near(found, wanted):
    return all(one == pytest.approx(other, abs=NEAR) for one, other in zip(found, wanted, strict=True))


def cube(size, function, *head):
    steps = [each / (size - 1) for each in range(size)]
    rows = [function(r, g, b) for b in steps for g in steps for r in steps]
    return "\n".join([*head, f"LUT_3D_SIZE {size}", *("{:.6f} {:.6f} {:.6f}".format(*row) for row in rows)])


SAME, INVERTED = (
    cube(2, function).split("\n", 1)[1]
    for function in (lambda *rgb: rgb, lambda r, g, b: (1 - r, 1 - g, 1 - b))
)


class TestLooks:
    async def test_without_one_nothing_changes(self, stage, chart):
        assert near(patches(await make(stage, chart)), PATCHES)

    @pytest.mark.parametrize("saturation", [1, 0.6, 1.3])
    async def test_a_cdl(self, stage, chart, tmp_path, saturation):
        (tmp_path / "a.cc").write_text(CDL.format(saturation=saturation))
        made = await make(stage, chart, cdl=tmp_path / "a.cc")
        assert near(patches(made), [corrected(colour, saturation) for colour in PATCHES])

    async def test_a_cube(self, stage, chart, tmp_path):
        (tmp_path / "swap.cube").write_text(cube(5, lambda r, g, b: (b, r, 1 - g)))
        made = await make(stage, chart, lut=tmp_path / "swap.cube")
        assert near(patches(made), [(b, r, 255 - g) for r, g, b in PATCHES])
        colour = survey(str(made), look(str(made), "video")).picture.colour
        assert (colour.primaries, colour.transfer, colour.matrix) == (1, 1, 1)

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("LUT_1D_SIZE 3\n1 1 1\n0.5 0.5 0.5\n0 0 0", lambda code: 255 - code),
            (
                "LUT_1D_SIZE 2\nDOMAIN_MIN 0.25 0.25 0.25\nDOMAIN_MAX 0.75 0.75 0.75\n0 0 0\n1 1 1",
                lambda code: min(255, max(0, (code - 63.75) * 2)),
            ),
            ("LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0.0 2.0\n" + SAME, lambda code: code / 2),
            # A shaper that halves, before a cube that inverts.
            (
                "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 1\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n"
                "0 0 0\n0.5 0.5 0.5\n" + INVERTED,
                lambda code: 255 - code / 2,
            ),
        ],
        ids=["curves", "domain", "range", "shaper"],
    )
    async def test_cubes_that_ffmpeg_does_not_read_by_itself(self, stage, chart, tmp_path, text, wanted):
        (tmp_path / "a.cube").write_text(text)
        made = await make(stage, chart, lut=tmp_path / "a.cube")
        assert near(patches(made), [[wanted(code) for code in colour] for colour in PATCHES])

    async def test_a_cdl_goes_before_a_lut(self, stage, chart, tmp_path):
        decision = f"<ColorDecision>{INNER.format(saturation=1)}</ColorDecision>"
        (tmp_path / "a.cdl").write_text(f"<ColorDecisionList>{decision}</ColorDecisionList>")
        (tmp_path / "a.cube").write_text(cube(2, lambda r, g, b: (1 - r, 1 - g, 1 - b)))
        made = await make(stage, chart, cdl=tmp_path / "a.cdl", lut=tmp_path / "a.cube")
        assert near(patches(made), [[255 - each for each in corrected(colour, 1)] for colour in PATCHES])

    @pytest.mark.parametrize(
        ("option", "name", "content", "told"),
        [
            ("lut", "gone.cube", None, r"gone\.cube.*cannot be read: No such file"),
            ("lut", "a.cube", "LUT_3D_SIZE 2\n0 0 0\n", r"lut a\.cube cannot be used: truncated"),
            ("lut", "a.cc", CDL.format(saturation=1), r"lut is a\.cc, a cdl; give it as cdl"),
            ("cdl", "a.cube", "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", r"cdl is a\.cube, a cube; give it as lut"),
            ("lut", "a.txt", "x", r"its name must end with \.cube"),
            (
                "cdl",
                "a.ccc",
                f"<ColorCorrectionCollection>{2 * INNER.format(saturation=1)}</ColorCorrectionCollection>",
                r"a\.ccc holds 2 corrections",
            ),
        ],
    )  # fmt: skip
    async def test_what_is_no_look(self, stage, chart, tmp_path, option, name, content, told):
        if content is not None:
            (tmp_path / name).write_text(content)
        options = {option: tmp_path / name}
        with pytest.raises(ConfigError, match=told) as failed:
            notes(ProxyOptions(**options))
        assert failed.value.option == option
        with pytest.raises(Unavailable, match=told):
            await make(stage, chart, **options)


class TestBurnIn:
    def read(self, rows, left, top, dot):
        """The letters that stand there, read dot by dot; ends with the first that is none."""
        text = ""
        while left + (len(text) + 1) * 6 * dot <= len(rows[0]) and not text.endswith("   "):
            across = [left + (len(text) * 6 + column) * dot + dot // 2 for column in range(5)]
            lines = [rows[top + row * dot + dot // 2] for row in range(7)]
            digits = [int("".join(str(int(line[place] > 128)) for place in across), 2) for line in lines]
            drawn = "".join("0123456789ABCDEFGHIJKLMNOPQRSTUV"[digit] for digit in digits)
            if drawn not in LETTERS:
                break
            text += chr(FIRST + LETTERS.index(drawn))
        return text.strip()

    def found(self, path, number):
        """The texts of a picture: where letters can be read, longest first."""
        with av.open(str(path)) as container:
            frame = next(one for place, one in enumerate(container.decode(video=0)) if place == number)
        plane = frame.reformat(format="gray").planes[0]
        content = bytes(plane)
        rows = [content[row * plane.line_size :][: frame.width] for row in range(frame.height)]
        texts = {
            self.read(rows, left, top, 2)
            for top in (*range(4, 14), *range(frame.height - 26, frame.height - 16))
            for left in range(4, frame.width - 80)
            # A letter begins where something is white.
            if any(rows[top + line][left + across] > 128 for line in (0, 2, 4) for across in (0, 2, 4, 6, 8))
        }
        return sorted(texts, key=len, reverse=True)

    @pytest.mark.parametrize(
        ("rate", "label", "number", "shown"),
        [
            ("25", "09:59:59:20", 0, "09:59:59:20"),
            ("25", "09:59:59:20", 7, "10:00:00:02"),
            ("30000/1001", "00:00:59;28", 2, "00:01:00;02"),
            ("30000/1001", "23:59:59;29", 1, "00:00:00;00"),
            ("24000/1001", "01:00:00:00", 9, "01:00:00:09"),
        ],
    )
    async def test_the_timecode_of_each_picture(self, stage, ffmpeg, tmp_path, rate, label, number, shown):
        source = ffmpeg(
            *("-f", "lavfi", "-i", f"color=0x202020:s=160x360:r={rate}", "-frames:v", 10, "-c:v", "libx264"),
            *("-preset", "ultrafast", "-timecode", label, tmp_path / "A001C001.mov"),
        )  # fmt: skip
        made = await make(stage, source, burn_in={"timecode": True})
        assert self.found(made, number)[0] == shown

    async def test_name_and_text(self, stage, ffmpeg, tmp_path):
        source = ffmpeg(
            *("-f", "lavfi", "-i", "color=0x202020:s=640x360:r=25:d=0.1", "-preset", "ultrafast"),
            tmp_path / "A001's 50%, [x];C:1.mp4",
        )
        made = await make(stage, source, burn_in={"name": True, "text": "Prüfe {n}: %{pts}"})
        assert {"A001's 50%, [x];C:1", "Prufe {n}: %{pts}"} <= set(self.found(made, 0))

    @pytest.mark.parametrize("rate", ["23.976", "25", "29.97df", "59.94df", "60", "30df"])
    def test_the_label_is_exact_all_day(self, rate):
        """The expression that ffmpeg computes, computed here, against the library."""
        counts = Rate.parse(rate)
        start = Timecode.parse("23:58:30:05", counts)
        text = counting(str(start), rate, counts.exact)
        for number in (
            0,
            1,
            1795,
            1796,
            1797,
            1798,
            1799,
            1800,
            1801,
            3596,
            17981,
            17982,
            86399 * counts.nominal,
        ):
            assert evaluated(text, number) == str(start + number)

    def test_pictures_that_come_faster_than_they_are_counted(self):
        text = counting("01:00:00:04", "25", Fraction(100))
        assert [evaluated(text, number) for number in (0, 3, 4, 7, 8)] == [
            "01:00:00:04", "01:00:00:04", "01:00:00:05", "01:00:00:05", "01:00:00:06",
        ]  # fmt: skip

    def test_other_scripts_need_a_font(self):
        assert folded("Größe é 東") == "Grosse e ?"

    def test_a_font_that_is_not_there(self, tmp_path):
        options = ProxyOptions(burn_in={"name": True, "font": tmp_path / "no.ttf"})
        with pytest.raises(ConfigError, match=r"no\.ttf.*is not there"):
            notes(options)

    def test_a_font_that_is_none(self, tmp_path):
        (tmp_path / "a.ttf").write_text("letters")
        with pytest.raises(ConfigError, match=r"font a\.ttf is no font; give the path") as failed:
            notes(ProxyOptions(burn_in={"name": True, "font": tmp_path / "a.ttf"}))
        assert failed.value.option == "burn_in.font"
        (tmp_path / "a.ttf").write_bytes(font())
        notes(ProxyOptions(burn_in={"name": True, "font": tmp_path / "a.ttf"}))


def evaluated(text, number):
    """A text of drawtext as ffmpeg would expand it for a picture."""
    memory = {}

    def store(place, value):
        memory[place] = value
        return value

    names = {
        "st": store,
        "ld": memory.get,
        "mod": lambda a, b: a % b,
        "floor": lambda a: a // 1,
        "max": max,
        "n": number,
    }
    told = ""
    rest = text
    while rest:
        if rest.startswith("%{eif:"):
            inside, rest = rest[6:].split("}", 1)
            expression = inside.removesuffix(":d:2")
            for part in expression.split(";"):
                value = eval(part, {}, names)  # the project's own expression
            told += f"{int(value):02}"
        else:
            told += rest.removeprefix("\\")[0]
            rest = rest.removeprefix("\\")[1:]
    return told
