"""The pure parts of a proxy: what is decided, how ffmpeg is told, what differs, and what a person may choose."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import imageio_ffmpeg
import pytest
from pydantic import ValidationError

from rushes import ConfigError
from rushes_media.facts import Facts
from rushes_media.making.compare import difference
from rushes_media.making.form import Form
from rushes_media.making.graph import command
from rushes_media.making.material import Colour, Material, Picture, Sound
from rushes_media.making.recipe import Start, recipe, size
from rushes_media.options import ProxyOptions, notes

PICTURE = Picture(index=0, width=1920, height=1080, rate=Fraction(25), mean=Fraction(25))
STEREO = Sound(index=1, channels=2, sample_rate=48000)
MATERIAL = Material(picture=PICTURE, sounds=(STEREO, Sound(index=2, channels=4, sample_rate=48000)))
ORIGINAL = Facts(
    values={
        "frames": 25,
        "rate": "25",
        "timecode": "01:00:00:00",
        "timecode_rate": "25",
        "duration": 1.0,
        "codec": "prores",
    },
    picture=0,
)


FORM = Form(ffmpeg="/ff")


def told(facts=ORIGINAL, material=MATERIAL, form=FORM, tags=None):
    values = facts.values
    start = Start(label=values.get("timecode", ""), rate=values.get("timecode_rate", ""), origin="file")
    return recipe("A001C001.mov", facts, material, form, start, tags or {})


class TestCommand:
    def test_the_command_is_pure(self):
        one = command("/a.mov", "/b.mov", told(tags={"scene": "1"}))
        assert one == command("/a.mov", "/b.mov", told(tags={"scene": "1"}))
        assert one[0] == "/ff"
        assert one[one.index("-timecode") + 1] == "01:00:00:00"
        assert one[one.index("-b:v") + 1] == "6000000"
        assert one.count("-threads") == 1
        assert one[one.index("-threads:v") + 1] == "2"

    def test_four_channels_become_four_mono_streams(self):
        words = command("/a.mov", "/b.mov", told())
        assert words[words.index("-filter_complex") + 1].count("channelmap=channel_layout=mono") == 4
        assert words.count("-map") == 1 + 1 + 4

    def test_no_secret_choice_of_program(self):
        assert command("/a", "/b", told(form=Form()))[0] == imageio_ffmpeg.get_ffmpeg_exe()


class TestSize:
    @pytest.mark.parametrize(
        ("picture", "height", "becomes"),
        [
            ({}, 540, (960, 540)),
            ({}, 2160, (1920, 1080)),
            ({"turned": 90}, 1080, (608, 1080)),
            ({"turned": 180}, 540, (960, 540)),
            ({"width": 1440, "pixel": Fraction(4, 3)}, 1080, (1920, 1080)),
            ({"width": 2048, "height": 858, "pixel": Fraction(2)}, 858, (4096, 858)),
            ({"width": 720, "height": 576, "pixel": Fraction(16, 15)}, 576, (768, 576)),
            ({"width": 101, "height": 75}, 1080, (100, 74)),
            ({"width": 1, "height": 1}, 16, (2, 2)),
            ({"fields": True}, 1080, (1920, 1080)),
            ({"fields": True}, 542, (964, 542)),
        ],
    )
    def test_upright_square_and_even(self, picture, height, becomes):
        assert size(replace(PICTURE, **picture), Form(height=height)) == becomes

    def test_woven_lines_come_in_fours(self):
        woven = replace(PICTURE, fields=True)
        assert size(woven, Form(height=542, interlaced="keep")) == (960, 540)


class TestRate:
    def uneven(self, picture, **values):
        facts = replace(ORIGINAL, values={"rate": "28.731", "variable_rate": True, **values})
        return told(facts, replace(MATERIAL, picture=replace(PICTURE, **picture))).conform

    def test_that_of_its_timecode(self):
        assert self.uneven({"rate": Fraction(90000)}, timecode_rate="29.97df") == Fraction(30000, 1001)

    def test_that_of_its_container_where_pictures_come_nearly_as_often(self):
        assert self.uneven({"rate": Fraction(30), "mean": Fraction(287, 10)}) == 30

    @pytest.mark.parametrize(
        ("mean", "nearest"),
        [
            (Fraction(287, 10), Fraction(30000, 1001)),
            (Fraction(12), Fraction(24000, 1001)),
            (Fraction(70), 60),
            (None, 25),
        ],
    )
    def test_else_the_nearest_to_their_mean(self, mean, nearest):
        assert self.uneven({"rate": None, "mean": mean}) == nearest

    def test_even_pictures_keep_theirs(self):
        assert told().conform is None
        assert told().rate == 25
        odd = told(replace(ORIGINAL, values={**ORIGINAL.values, "rate": "12.5"}))
        assert (odd.conform, odd.rate) == (None, None)


class TestDifference:
    MADE = Material(
        picture=PICTURE,
        sounds=(STEREO, *(Sound(index=index, channels=1, sample_rate=48000) for index in range(2, 6))),
    )
    PROXY = replace(
        ORIGINAL, values={**ORIGINAL.values, "codec": "h264", "reel": "A1", "timecode_from": "tmcd"}
    )

    def differs(self, made=MADE, original=ORIGINAL, proxy=PROXY, **values):
        kept = {name: value for name, value in {**proxy.values, **values}.items() if value is not None}
        return difference(told(tags={"reel": "A1"}), original, replace(proxy, values=kept), made)

    def test_nothing_differs(self):
        assert self.differs() == ""

    @pytest.mark.parametrize(
        ("values", "differs"),
        [
            ({"frames": 24}, "frames 25 != 24"),
            ({"rate": "24"}, "rate 25 != 24"),
            ({"rate": None}, "rate 25 != none"),
            ({"timecode": "01:00:00:01"}, "timecode 01:00:00:00 != 01:00:00:01"),
            ({"timecode": None}, "timecode 01:00:00:00 != none"),
            ({"timecode_rate": "30"}, "timecode rate 25 != 30"),
            ({"timecode_from": "tag"}, "timecode from tmcd != tag"),
            ({"duration": 1.1}, "duration 1.000 s != 1.100 s"),
            ({"reel": "B1"}, "reel A1 != B1"),
            ({"reel": None}, "reel A1 != none"),
            ({"codec": "mpeg4"}, "codec h264 != mpeg4"),
        ],
    )
    def test_what_differs(self, values, differs):
        assert self.differs(**values) == differs

    @pytest.mark.parametrize(
        ("picture", "differs"),
        [
            ({"width": 1280}, "size 1920x1080 != 1280x1080"),
            ({"turned": 90}, "rotation 0 != 90"),
            ({"pixel": Fraction(4, 3)}, "pixel aspect 1 != 4/3"),
            ({"fields": True}, "interlaced False != True"),
            ({"colour": Colour(matrix=6)}, "colour 2-2-2 video != 2-2-6 video"),
            ({"colour": Colour(full=True)}, "colour 2-2-2 video != 2-2-2 full"),
        ],
    )
    def test_pictures(self, picture, differs):
        assert self.differs(replace(self.MADE, picture=replace(PICTURE, **picture))) == differs
        assert self.differs(replace(self.MADE, picture=None)) == "picture True != False"

    def test_sound(self):
        sounds = self.MADE.sounds
        assert self.differs(replace(self.MADE, sounds=sounds[:-1])) == "sound channels 6 != 5"
        paired = (*(Sound(index=index, channels=2, sample_rate=48000) for index in (1, 2, 3)),)
        assert self.differs(replace(self.MADE, sounds=paired)) == "sound streams 2+1+1+1+1 != 2+2+2"
        late = (*sounds[:-1], replace(sounds[-1], late=Fraction(1, 10)))
        assert self.differs(replace(self.MADE, sounds=late)) == "start of sound 5 0 s != 0.100 s"
        slow = (replace(sounds[0], sample_rate=32000), *sounds[1:])
        assert self.differs(replace(self.MADE, sounds=slow)) == "sample rate 48000 != 32000"

    def test_problems(self):
        assert self.differs(proxy=replace(self.PROXY, problem="cut")) == "problem none != cut"

    def test_counted_pictures_win(self):
        assert self.differs(original=replace(ORIGINAL, packets=20), frames=20) == ""

    def test_rates_that_are_no_timecode_rate(self):
        original = replace(ORIGINAL, values={**ORIGINAL.values, "rate": "28.731"})
        for rate, differs in (("28.735", ""), ("27.1", "rate 28.731 != 27.1")):
            proxy = replace(self.PROXY, values={**self.PROXY.values, "rate": rate})
            assert difference(told(original, tags={"reel": "A1"}), original, proxy, self.MADE) == differs


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"height": 1081}, "must be even, such as 1080"),
            ({"bitrate": "900k"}, "1M to 12M"),
            ({"bitrate": "13M", "codec": "hevc"}, "1M to 12M"),
            ({"codec": "vp9"}, "avc"),
            ({"codec": "hevc", "interlaced": "keep"}, "hevc keeps no fields"),
            ({"codec": "prores-proxy", "bitrate": "6M"}, "has a bitrate of its own"),
            ({"burn_in": {}}, "writes nothing; give"),
            ({"no_timecode": "guess"}, "wait"),
        ],
    )
    def test_what_cannot_be(self, options, reason):
        with pytest.raises(ValidationError, match=reason):
            ProxyOptions(**options)

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({}, None),
            ({"codec": "hevc", "bitrate": "12M"}, None),
            (
                {"codec": "prores-proxy"},
                "about 38 Mb/s of 1080 lines at 25 pictures a second, over the 12 Mb/s",
            ),
            ({"codec": "prores-proxy", "height": 540}, "about 10 Mb/s of 540 lines at 25 pictures a second$"),
        ],
    )
    def test_check_warns_where_a_codec_must_exceed_it(self, options, told):
        said = [note for note in notes(ProxyOptions(**options)) if "Mb/s" in note]
        assert bool(said) == bool(told)
        if told:
            assert re.search(told, said[0])

    def test_an_ffmpeg_that_is_not_there(self):
        with pytest.raises(ConfigError, match="no such program"):
            notes(ProxyOptions(ffmpeg="/no/such/ffmpeg"))
