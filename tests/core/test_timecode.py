"""Timecode against SMPTE arithmetic written another way and against the oracles that realdata.md names."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import opentimelineio.opentime as otio
import pytest
import timecode as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes.timecode import RATES, Rate, Timecode

rates = st.sampled_from(RATES)


@st.composite
def timecodes(draw, of=rates):
    rate = draw(of)
    return Timecode.from_frames(draw(st.integers(0, rate.frames_per_day - 1)), rate)


#: The library counts drop frame at 29.97 and 59.94 only, and its frames start at 1.
ORACLE_RATES = [rate for rate in RATES if rate.name not in {"30df", "60df"}]
#: Wraps early in the last 86 s before midnight at fractional non-drop rates.
OTIO_RATES = [rate for rate in RATES if rate.dropped == 0 or rate.exact.denominator == 1001]


class TestRates:
    @pytest.mark.parametrize(
        ("spelling", "name"),
        [
            *((rate.name, rate.name) for rate in RATES),
            ("29.97DF", "29.97df"),
            ("FPS_23_98", "23.976"),
            ("FPS_23_976", "23.976"),
            ("FPS_24", "24"),
            ("FPS_25", "25"),
            ("FPS_29_97", "29.97"),
            ("FPS_29_97_DROP", "29.97df"),
            ("FPS_30", "30"),
            ("FPS_30_DROP", "30df"),
            ("FPS_47_95", "47.952"),
            ("FPS_47_952", "47.952"),
            ("FPS_48", "48"),
            ("FPS_50", "50"),
            ("FPS_59_94", "59.94"),
            ("FPS_59_94_DROP", "59.94df"),
            ("FPS_60", "60"),
            ("FPS_60_DROP", "60df"),
            ("24000/1001", "23.976"),
            ("30000/1001", "29.97"),
            ("48000/1001", "47.952"),
            ("60000/1001", "59.94"),
            ("25/1", "25"),
            ("23.98", "23.976"),
            ("47.95", "47.952"),
            ("23.98 fps", "23.976"),
            ("023.976-ND", "23.976"),
            ("25.000ND", "25"),
            (" 24.0 ", "24"),
            (23.976023976, "23.976"),
            (29.97, "29.97"),
            (25, "25"),
            (Fraction(60000, 1001), "59.94"),
            (Fraction(2997, 100), "29.97"),
        ],
    )
    def test_spellings(self, spelling, name):
        assert Rate.parse(spelling).name == name

    def test_every_rate_parses_to_itself(self):
        for rate in RATES:
            assert Rate.parse(rate) is rate
            assert Rate.parse(str(rate)) is rate
            assert Rate.parse(rate.exact, drop=rate.dropped > 0) is rate

    @pytest.mark.parametrize(
        "unknown",
        [
            "",
            "fps",
            "12",
            "23.9",
            "24.1",
            "120",
            "25..0",
            "25/0",
            "1/0",
            "25/1/1",
            "-25",
            0,
            -25,
            float("nan"),
            float("inf"),
        ],
    )
    def test_unknown_rates_are_named(self, unknown):
        with pytest.raises(ValueError, match="unknown rate") as error:
            Rate.parse(unknown)
        assert repr(unknown) in str(error.value)

    @pytest.mark.parametrize("spelling", ["24df", "25df", "FPS_50_DROP", "47.952df", "23.976df"])
    def test_rates_that_cannot_drop(self, spelling):
        with pytest.raises(ValueError, match="cannot count drop frame"):
            Rate.parse(spelling)

    def test_drop_overrides_the_spelling(self):
        assert Rate.parse("30000/1001", drop=True).name == "29.97df"
        assert Rate.parse("59.94df", drop=False).name == "59.94"

    @given(st.text(max_size=20))
    def test_any_text_is_a_rate_or_a_value_error(self, text):
        with contextlib.suppress(ValueError):
            assert Rate.parse(text) in RATES

    def test_frames_per_day(self):
        assert Rate.parse("29.97df").frames_per_day == Rate.parse("30df").frames_per_day == 2_589_408
        assert Rate.parse("59.94df").frames_per_day == Rate.parse("60df").frames_per_day == 5_178_816
        assert Rate.parse("23.976").frames_per_day == 24 * 86400


class TestLabels:
    @given(timecodes())
    def test_round_trip(self, code):
        again = Timecode.parse(str(code), code.rate)
        assert (again.frames, again.rate) == (code.frames, code.rate)
        assert Timecode.parse(str(code).replace(";", ":"), code.rate).frames == code.frames

    @pytest.mark.parametrize("rate", [rate for rate in RATES if rate.dropped], ids=str)
    def test_drop_frame_skips_exactly_the_labels_it_says(self, rate):
        """Every label of one hour, counted the slow way."""
        frame = 0
        for minute in range(60):
            for second in range(60):
                for label in range(rate.nominal):
                    text = f"00:{minute:02}:{second:02};{label:02}"
                    if second == 0 and minute % 10 and label < rate.dropped:
                        with pytest.raises(ValueError, match="skips this label"):
                            Timecode.parse(text, rate)
                        continue
                    assert str(Timecode(frame, rate)) == text
                    if label < 5:
                        assert Timecode.parse(text, rate).frames == frame
                    frame += 1
        assert frame == rate.frames_per_day // 24

    @pytest.mark.parametrize(
        ("label", "rate", "why"),
        [
            ("24:00:00:00", "25", "hours 24"),
            ("00:60:00:00", "25", "minutes 60"),
            ("00:00:60:00", "25", "seconds 60"),
            ("00:00:00:25", "25", "frames 25"),
            ("00:00:00:24", "23.976", "frames 24"),
            ("00:01:00;00", "29.97df", "skips this label"),
            ("00:01:00:01", "29.97df", "skips this label"),
            ("00:01:00;03", "59.94df", "skips this label"),
            ("00:01:00;01", "30df", "skips this label"),
            ("01:00:00;00", "25", "semicolon"),
            ("01:00:00;00", "29.97", "semicolon"),
            ("01;00;00;00", "24", "semicolon"),
            ("01:00:00", "25", "not a timecode"),
            ("01:00:00.00", "25", "not a timecode"),
            ("-1:00:00:00", "25", "not a timecode"),
            ("", "25", "not a timecode"),
            ("٠١:00:00:00", "25", "not a timecode"),
            ("01:00:00:00", "26", "unknown rate"),
        ],
    )
    def test_bad_labels_say_why(self, label, rate, why):
        with pytest.raises(ValueError, match=why):
            Timecode.parse(label, rate)

    def test_accepted_spellings(self):
        assert str(Timecode.parse("00:00:00:0", "25")) == "00:00:00:00"  # ffprobe on MXF
        assert str(Timecode.parse("01;00;00;02", "29.97df")) == "01:00:00;02"  # Premiere
        assert Timecode.parse("01:00:00;02", "29.97df").frames == 107894
        assert Timecode.parse("00:10:00;00", "29.97df").frames == 17982

    @given(st.text(alphabet="0123456789:;. -", max_size=12), rates)
    def test_any_text_is_a_timecode_or_a_value_error(self, text, rate):
        with contextlib.suppress(ValueError):
            assert 0 <= Timecode.parse(text, rate).frames < rate.frames_per_day

    def test_frames_outside_a_day_are_refused(self):
        for frames in (-1, 24 * 86400):
            with pytest.raises(ValueError, match="a day has"):
                Timecode(frames, Rate.parse("24"))

    def test_repr_can_be_read(self):
        code = Timecode.parse("01:00:00;02", "29.97df")
        assert repr(code) == "Timecode.parse('01:00:00;02', '29.97df')"


class TestOracles:
    @settings(max_examples=300)
    @given(timecodes(st.sampled_from(ORACLE_RATES)))
    def test_timecode_library(self, code):
        rate = code.rate
        theirs = oracle.Timecode(
            rate.name.removesuffix("df"), frames=code.frames + 1, force_non_drop_frame=not rate.dropped
        )
        assert str(code) == str(theirs)

    @settings(max_examples=300)
    @given(timecodes(st.sampled_from(OTIO_RATES)))
    def test_opentimelineio(self, code):
        rate = code.rate
        early = rate.exact.denominator == 1001 and not rate.dropped
        if early and code.frames >= 86400 * rate.exact // 1:
            return
        time = otio.RationalTime(code.frames, float(rate.exact))
        assert str(code) == otio.to_timecode(time, float(rate.exact), drop_frame=rate.dropped > 0)

    @given(timecodes(st.sampled_from([rate for rate in RATES if rate.name in {"30df", "60df"}])))
    def test_true_30_counts_like_29_97(self, code):
        twin = Timecode(code.frames, Rate.parse(code.rate.exact * Fraction(1000, 1001), drop=True))
        assert str(code) == str(twin)
        assert twin.seconds == code.seconds * Fraction(1001, 1000)


class TestArithmetic:
    @given(timecodes(), st.integers(-(10**8), 10**8))
    def test_adding_and_subtracting_frames(self, code, frames):
        later = code + frames
        assert later.frames == (code.frames + frames) % code.rate.frames_per_day
        assert (later - frames).frames == code.frames
        assert (later - code) % code.rate.frames_per_day == frames % code.rate.frames_per_day

    def test_wraps_at_midnight(self):
        for rate in RATES:
            assert str(Timecode.from_frames(-1, rate) + 1)[:8] == "00:00:00"
            assert str(Timecode.from_frames(-1, rate))[:8] == "23:59:59"
        assert str(Timecode.from_frames(-1, "29.97df")) == "23:59:59;29"

    def test_difference_in_frames(self):
        ten = Timecode.parse("10:00:00:10", "25")
        assert ten - Timecode.parse("10:00:00:00", "25") == 10
        assert Timecode.parse("10:00:00:00", "25") - ten == -10
        # Drop frame and non-drop of one rate number the same pictures.
        assert Timecode.from_frames(100, "29.97df") - Timecode.from_frames(90, "29.97") == 10
        with pytest.raises(ValueError, match="frames differ"):
            ten - Timecode.parse("10:00:00:00", "24")

    def test_other_types(self):
        code = Timecode.parse("10:00:00:10", "25")
        assert code != 900010
        with pytest.raises(TypeError):
            code + "1"
        with pytest.raises(TypeError):
            code - 1.5
        with pytest.raises(TypeError):
            code < 1  # noqa: B015 - it raises

    @given(timecodes(), timecodes())
    def test_order_is_that_of_real_time(self, one, two):
        assert (one < two) == (one.seconds < two.seconds)
        assert (one <= two) == (one.seconds <= two.seconds)
        assert (one > two) == (one.seconds > two.seconds)
        assert (one == two) == (one.seconds == two.seconds)
        if one == two:
            assert hash(one) == hash(two)

    def test_equal_across_rates(self):
        hour = Timecode.parse("01:00:00:00", "24")
        assert hour == Timecode.parse("01:00:00:00", "25") == Timecode.parse("01:00:00:00", "60")
        assert len({hour, Timecode.parse("01:00:00:00", "50")}) == 1
        assert hour < Timecode.parse("01:00:00:00", "23.976")
        assert Timecode.parse("01:00:00:00", "23.976").seconds == Fraction(36036, 10)


class TestSamples:
    def test_production_sound(self):
        assert str(Timecode.from_samples(2_190_940_753, 48000, "23.976")) == "12:39:59:00"
        assert str(Timecode.from_samples(2_350_375_830, 48000, "25")) == "13:36:06:04"
        assert str(Timecode.from_samples(3_917_280_000, 48000, "25")) == "22:40:10:00"

    @given(timecodes(), st.sampled_from([8000, 44100, 47952, 48000, 48048, 96000]))
    def test_samples_are_floored(self, code, sample_rate):
        samples = code.to_samples(sample_rate)
        assert samples <= code.seconds * sample_rate < samples + 1
        # The first sample wholly inside the frame is the one after a floored one.
        inside = samples + (samples != code.seconds * sample_rate)
        assert Timecode.from_samples(inside, sample_rate, code.rate).frames == code.frames
        if inside:
            before = Timecode.from_samples(inside - 1, sample_rate, code.rate)
            assert before.frames == code.frames - 1

    @given(st.integers(0, 86400 * 192000), st.sampled_from([44100, 48000, 96000, 192000]), rates)
    def test_a_fraction_of_a_frame_is_floored(self, samples, sample_rate, rate):
        frames = Fraction(samples, sample_rate) * rate.exact
        assert Timecode.from_samples(samples, sample_rate, rate).frames == int(frames) % rate.frames_per_day

    @pytest.mark.parametrize(("samples", "sample_rate"), [(-1, 48000), (0, 0), (0, -48000)])
    def test_impossible_samples(self, samples, sample_rate):
        with pytest.raises(ValueError, match="samples since midnight"):
            Timecode.from_samples(samples, sample_rate, "25")
