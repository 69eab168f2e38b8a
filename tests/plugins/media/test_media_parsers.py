"""The walks through RIFF, boxes and MXF: what they tell, and that nothing makes them raise or run on."""

from __future__ import annotations

import io
from fractions import Fraction
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.media.wave_files import bext, chunk, ixml, rf64, speed, wave
from rushes_media.containers import movie as movie_index
from rushes_media.containers import mxf, riff
from rushes_media.recordings import sound
from rushes_media.words import label, moments, tags


def read_riff(content):
    return riff.read(io.BytesIO(content), len(content))


def hear(*chunks, sample_rate=48000):
    return sound.read(read_riff(wave(*chunks)).chunks, sample_rate)


class TestRiff:
    @pytest.mark.parametrize(
        "content", [wave(), wave(bext(0), ixml("")), rf64(bext(0)), wave(samples=0), wave() + b"\0"]
    )
    def test_whole_files_have_no_problem(self, content):
        assert riff.is_riff(content)
        assert not read_riff(content).problem

    def test_chunks_behind_the_sound_are_found(self):
        content = wave(samples=11)[:-1] + b"\0" + ixml("<SCENE>7</SCENE>")
        content = content[:4] + pack("<I", len(content) - 8) + content[8:]
        assert "iXML" in read_riff(content).chunks

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (wave()[:-1000], "truncated: its 'data' chunk says 9600 bytes, the file has 8600"),
            (wave(bext(0))[:100], "truncated: its 'bext' chunk says"),
            (rf64()[:-1000], "truncated: its 'data' chunk"),
            (wave()[:40] + pack("<I", 99_999_999) + wave()[44:], "truncated: its 'data' chunk says 99999999"),
            (wave()[:40] + pack("<I", 0) + b"\1" * 9600, "not finished by its recorder"),
            (wave()[:4] + pack("<I", 2000) + wave()[8:], "its sizes disagree: RIFF says 2000"),
            (wave()[:4] + pack("<I", 999_999) + wave()[8:], "truncated: RIFF says 1000007 bytes"),
        ],
    )
    def test_lying_sizes(self, content, problem):
        assert problem in read_riff(content).problem

    @given(st.binary(max_size=300), st.integers(0, 200))
    def test_anything_behind_a_head_is_walked(self, rest, keep):
        content = wave(bext(0))[: 12 + keep] + rest
        riff.read(io.BytesIO(content), len(content))


class TestSound:
    def test_no_bext_is_no_timecode_but_zero_is(self):
        assert hear() == {}
        assert hear(bext(0))["start_sample"] == 0
        assert "timecode" not in hear(bext(0))  # nobody told its rate

    def test_counted_at_the_exact_rate_and_floored(self):
        found = hear(bext(2_190_940_753), ixml(speed("24000/1001")))
        assert (found["timecode"], found["timecode_rate"], found["timecode_from"]) == (
            "12:39:59:00",
            "23.976",
            "bext",
        )

    def test_drop_frame(self):
        found = hear(bext(48000 * 3600), ixml(speed("30000/1001", "DF")))
        assert (found["timecode"], found["timecode_rate"]) == ("01:00:00;00", "29.97df")

    def test_the_rate_of_the_time_stamp_wins_over_that_of_the_file(self):
        more = "<TIMESTAMP_SAMPLE_RATE>48048</TIMESTAMP_SAMPLE_RATE>"
        found = hear(bext(48048 * 3600), ixml(speed("25/1", more=more)), sample_rate=48000)
        assert found["timecode"] == "01:00:00:00"

    def test_negative_low_word_without_bext(self):
        low, high = (
            "<BWF_TIME_REFERENCE_LOW>-1944591466</BWF_TIME_REFERENCE_LOW>",
            "<BWF_TIME_REFERENCE_HIGH/>",
        )
        text = f"<BEXT>{low}{high}</BEXT>"
        found = hear(ixml(speed("25/1") + text))
        assert (found["start_sample"], found["timecode"], found["timecode_from"]) == (
            2_350_375_830,
            "13:36:06:04",
            "ixml",
        )

    @pytest.mark.parametrize("rate", ["", "12/1", "x", "24000/0"])
    def test_an_unknown_rate_leaves_the_sample(self, rate):
        assert hear(bext(96000), ixml(speed(rate))).keys() & {"start_sample", "timecode", "rate"} == {
            "start_sample"
        }

    @pytest.mark.parametrize("prefix", ["s", "d", "g", ""])
    def test_the_description_tells_what_ixml_does_not(self, prefix):
        lines = "".join(
            f"{prefix}{line}\r\n"
            for line in ("SCENE=12A", "TAKE=3", "TAPE=R1", "NOTE=", "CIRCLED=TRUE", "TRK1=Boom", "TRK2=Lav")
        )
        found = hear(bext(0, lines))
        expected = {"scene": "12A", "take": "3", "reel": "R1", "circled": True, "tracks": "Boom, Lav"}
        assert {name: found.get(name) for name in expected} == expected
        assert "note" not in found
        assert hear(bext(0, lines), ixml("<SCENE>13</SCENE>"))["scene"] == "13"

    def test_tracks_in_the_order_of_the_channels(self):
        track = "<TRACK><INTERLEAVE_INDEX>{}</INTERLEAVE_INDEX><NAME>{}</NAME></TRACK>"
        found = hear(
            ixml("<TRACK_LIST>" + track.format(2, "Lav") + track.format(1, "Boom") + "</TRACK_LIST>")
        )
        assert found["tracks"] == "Boom, Lav"

    @pytest.mark.parametrize(
        "payload",
        [b"", b"\0\0", b"<BWFXML><SCENE>1", b"not xml", b"<a/>", b"\xff\xfe<", b"<BWFXML>\xe9</BWFXML>"],
    )
    def test_damaged_ixml(self, payload):
        found = hear(bext(1), chunk("iXML", payload))
        assert found["start_sample"] == 1

    def test_names_are_one_printable_line(self):
        told = sound.read({"bext": bext(0, originator="Sound\x15Dev")[8:]}, 48000)
        assert told["recorder"] == "Sound Dev"
        assert tags.read({"material_package_name": "Material\x1dPackage", "comment": "a\r\nb"}) == {
            "material_name": "Material Package",
            "note": "a b",
        }

    def test_damaged_bext(self):
        assert "start_sample" not in hear(chunk("bext", b"\0" * 100))
        assert hear(bext(5, originator="Größe"))["recorder"] == "Größe"

    @given(st.binary(max_size=400))
    def test_any_payload_is_heard(self, payload):
        sound.read({"bext": payload, "iXML": payload}, 48000)


def box(kind, *payload):
    body = b"".join(payload)
    return pack(">I4s", 8 + len(body), kind) + body


def movie(timescale=90000, duration=3003, frames=29):
    entry = pack(">I4s6xH4xIIIB1x", 34, b"tmcd", 1, 0, timescale, duration, frames)
    stsd = box(b"stsd", pack(">II", 0, 1), entry)
    moov = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", stsd)))))
    return box(b"ftyp", b"qt  ") + box(b"mdat", b"\0" * 100) + moov


def read_movie(content):
    return movie_index.read(io.BytesIO(content), len(content))


class TestBoxes:
    def test_the_rate_is_not_number_of_frames(self):
        assert read_movie(movie()).timecode_rate(None) == Fraction(30000, 1001)
        assert read_movie(movie(0, 0)).timecode_rate(None) is None

    @pytest.mark.parametrize("cut", [8, 30, 100, 121])
    def test_cut_before_its_index(self, cut):
        assert read_movie(movie()[:cut]).problem == "truncated: no moov atom"

    def test_cut_after_its_index(self):
        faststart = box(b"ftyp") + box(b"moov") + box(b"mdat", b"\0" * 100)[:-10]
        assert read_movie(faststart).problem == "truncated: its 'mdat' box ends 10 bytes after the file"
        assert read_movie(movie()[:-4]).problem.startswith("truncated: its 'moov' box")

    def test_large_sizes_and_open_ends(self):
        content = box(b"ftyp") + pack(">I4sQ", 1, b"mdat", 116) + b"\0" * 100 + box(b"moov")
        assert not read_movie(content).problem
        assert not read_movie(box(b"moov") + pack(">I4s", 0, b"mdat") + b"\0" * 10).problem
        assert read_movie(pack(">I4sQ", 1, b"mdat", 2**63) + b"\0" * 100).problem == "truncated: no moov atom"

    @given(st.binary(max_size=200), st.integers(0, 300))
    def test_anything_is_walked(self, rest, keep):
        read_movie(movie()[:keep] + rest)


class TestMxf:
    @staticmethod
    def header(footer):
        partition = pack(">HHIQQQ", 1, 3, 1, 0, 0, footer) + bytes(56)
        return mxf.PARTITION + b"\x04\x00" + b"\x83\0\0\x58" + partition

    def test_the_footer_must_be_inside(self):
        whole = self.header(100) + bytes(100)
        assert mxf.is_mxf(whole)
        assert mxf.problem(io.BytesIO(whole), len(whole)) == ""
        assert "its footer is at byte 9000" in mxf.problem(io.BytesIO(self.header(9000)), len(whole))
        assert mxf.problem(io.BytesIO(whole[:30]), 30) == "truncated: its header partition is cut"
        assert mxf.problem(io.BytesIO(whole[:16]), 16) == "truncated: its header partition is cut"

    @staticmethod
    def track(kind, tag, value):
        item = pack(">HH", tag, len(value)) + value
        return mxf.SET + bytes([kind, 0, len(item)]) + item

    @staticmethod
    def rate(content):
        return mxf.read(io.BytesIO(content), len(content)).timecode_rate

    def test_the_rate_is_that_of_the_track_that_rounds_to_the_base(self):
        base = self.track(mxf.TIMECODE, mxf.ROUNDED_TIMECODE_BASE, pack(">H", 24))
        exact = self.track(mxf.TRACK, mxf.EDIT_RATE, pack(">II", 24000, 1001))
        sound_track = self.track(mxf.TRACK, mxf.EDIT_RATE, pack(">II", 48000, 1))
        content = self.header(100)
        assert self.rate(content + sound_track + base + exact) == Fraction(24000, 1001)
        assert self.rate(content + sound_track + base) is None
        other = self.track(mxf.TRACK, mxf.EDIT_RATE, pack(">II", 24, 1))
        assert self.rate(content + base + exact + other) is None
        twice = self.track(mxf.TRACK, mxf.EDIT_RATE, pack(">II", 48000, 1001))
        assert self.rate(content + base + twice) == Fraction(24000, 1001)

    @given(st.binary(max_size=100), st.binary(max_size=100))
    def test_anything_is_read(self, pack_rest, rest):
        content = mxf.PARTITION + pack_rest + mxf.SET + rest
        mxf.read(io.BytesIO(content), len(content))


class TestLabels:
    def test_normal(self):
        assert label.told("01:00:00;02", Fraction(30000, 1001), "tmcd") == {
            "timecode": "01:00:00;02",
            "timecode_rate": "29.97df",
            "timecode_from": "tmcd",
        }

    def test_one_digit_frames(self):
        assert label.told("00:00:00:0", None, "mxf") == {"timecode": "00:00:00:00", "timecode_from": "mxf"}
        assert label.told("00:00:00:0", Fraction(25), "mxf")["timecode"] == "00:00:00:00"

    def test_a_rate_that_timecode_does_not_know(self):
        assert label.told("01:00:00:004", Fraction(120), "tmcd") == {
            "timecode": "01:00:00:004",
            "timecode_from": "tmcd",
        }

    @pytest.mark.parametrize(
        ("text", "why"),
        [("25:00:00:00", "hours 25"), ("00:01:00;00", "skips"), ("nonsense", "not a timecode")],
    )
    def test_a_label_that_cannot_be_is_refused_with_its_reason(self, text, why):
        found = label.told(text, Fraction(30000, 1001), "tmcd")
        assert list(found) == ["timecode_refused"]
        assert why in found["timecode_refused"]

    @pytest.mark.parametrize(
        ("rate", "text"),
        [
            (Fraction(24000, 1001), "23.976"),
            (Fraction(120), "120"),
            (Fraction(120000, 1001), "119.88"),
            (Fraction(25, 2), "12.5"),
        ],
    )
    def test_rates_as_text(self, rate, text):
        assert label.written(rate) == text


class TestTags:
    def test_spellings(self):
        found = tags.read(
            {"Reel_Name": "A001", "com.apple.proapps.scene": "7", "take": " ", "CIRCLED": "True"}
        )
        assert found == {"reel": "A001", "scene": "7", "circled": True}

    @pytest.mark.parametrize("text", ["", "yesterday", "1904-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"])
    def test_no_moment(self, text):
        assert moments.moment(text) is None

    def test_moments_are_utc(self):
        assert moments.moment("2026-11-22T10:29:50+01:00").isoformat() == "2026-11-22T09:29:50+00:00"
        assert moments.moment("2026-11-22T09:29:50.000000Z").isoformat() == "2026-11-22T09:29:50+00:00"
