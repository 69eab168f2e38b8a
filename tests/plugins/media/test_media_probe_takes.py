"""Production sound beyond the usual: large files, Wave64, loudness, claps, pulled-up clocks, broken iXML."""

from __future__ import annotations

from datetime import datetime
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.media.wave_files import bext, chunk, ixml, speed, wave
from rushes.columns import METADATA_NAMES
from rushes.timecode import FLICKS, timespan
from rushes_media.containers import w64
from rushes_media.look import look
from rushes_media.probe import PROBE
from rushes_media.words import moments


def hear(path, content):
    path.write_bytes(content)
    facts = look(str(path), "audio")
    assert facts.values.keys() <= METADATA_NAMES | PROBE.keys.keys()
    return facts


def test_more_than_four_gigabytes(tmp_path):
    """Sparse: 5 GiB of sound that the disk never holds, bext before and iXML behind it."""
    sound = 5 * 1024**3
    before = b"WAVE" + chunk("ds64", pack("<QQQI", 0, sound, sound // 6, 0)) + bext(48000 * 3600)
    before += chunk("fmt ", pack("<HHIIHH", 1, 2, 48000, 288000, 6, 24)) + b"data\xff\xff\xff\xff"
    behind = ixml("<SCENE>12A</SCENE>" + speed("25"))
    whole = len(before) + sound + len(behind)
    head = b"RF64\xff\xff\xff\xff" + before.replace(pack("<QQ", 0, sound), pack("<QQ", whole, sound))
    path = tmp_path / "T01.WAV"
    with path.open("wb") as stream:
        stream.write(head)
        stream.seek(sound, 1)
        stream.write(behind)
    facts = look(str(path), "audio")
    assert facts.problem == ""
    assert (facts.values["scene"], facts.values["timecode"]) == ("12A", "01:00:00:00")
    assert facts.values["duration"] == pytest.approx(sound / 288000, abs=1e-3)
    assert facts.values["timecode_end"] == "06:10:41:09"


def wave64(*chunks, samples=480):
    def part(name, payload, rest=w64.REST):
        length = 24 + len(payload)
        return name + rest + pack("<Q", length) + payload + bytes(-length % 8)

    fmt = part(b"fmt ", pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16))
    body = (
        b"wave" + w64.REST + fmt + b"".join(part(*one) for one in chunks) + part(b"data", bytes(samples * 2))
    )
    return w64.RIFF + pack("<Q", 24 + len(body)) + body


def test_wave64(tmp_path):
    told = bext(96000)[8:], ixml(speed("25") + "<TAKE>4</TAKE>")[8:]
    content = wave64((b"bext", told[0]), (b"iXML", told[1]))
    facts = hear(tmp_path / "T.w64", content)
    assert facts.problem == ""
    assert (facts.values["timecode"], facts.values["take"], facts.values["container"]) == (
        "00:00:02:00",
        "4",
        "w64",
    )
    cut = hear(tmp_path / "C.w64", content[:-100])
    assert cut.problem.startswith("truncated: its 'data' chunk says 960 bytes")
    assert cut.values["take"] == "4"


def test_loudness_of_version_two(tmp_path):
    payload = bytearray(bext(0)[8:])
    payload[346:348] = pack("<H", 2)
    payload[412:422] = pack("<hhhhh", -2310, 720, -150, 0x7FFF, -1890)
    values = hear(tmp_path / "T.wav", wave(chunk("bext", bytes(payload)))).values
    assert (values["loudness"], values["loudness_range"], values["true_peak"]) == ("-23.10", "7.20", "-1.50")
    assert (values.get("loudness_momentary"), values["loudness_short_term"]) == (None, "-18.90")
    assert "loudness" not in hear(tmp_path / "U.wav", wave(bext(0))).values


def point(function, low, kind="RELATIVE", high=0):
    parts = ("TYPE", kind), ("FUNCTION", function), ("LOW", low), ("HIGH", high)
    return (
        "<SYNC_POINT>"
        + "".join(f"<SYNC_POINT_{name}>{told}</SYNC_POINT_{name}>" for name, told in parts)
        + "</SYNC_POINT>"
    )


def test_claps_in_samples_since_midnight(tmp_path):
    points = (
        point("SLATE_GENERIC", 4800)
        + point("PRE_RECORD_SAMPLECOUNT", 9)
        + point("TAIL_SLATE", -294967296, "ABSOLUTE")
    )
    told = ixml(f"<SYNC_POINT_LIST>{points}</SYNC_POINT_LIST>")
    assert hear(tmp_path / "T.wav", wave(bext(48000), told)).values["claps"] == "52800,4000000000"
    assert hear(tmp_path / "U.wav", wave(told)).values["claps"] == "4000000000"


@pytest.mark.parametrize(
    ("line", "rate", "code"),
    [
        ("sSPEED=023.976-ND", "23.976", "00:59:56:09"),
        ("SPEED=25.000ND", "25", "01:00:00:00"),
        ("dSPEED=029.970-DF", "29.97df", "01:00:00;00"),
        ("gSPEED=24", "24", "01:00:00:00"),
        ("sSPEED=fast", None, None),
    ],
)
def test_the_rate_of_a_recorder_without_ixml(tmp_path, line, rate, code):
    values = hear(tmp_path / "T.wav", wave(bext(48000 * 3600, f"{line}\r\nsTAKE=1\r\n"))).values
    assert (values.get("timecode_rate"), values.get("timecode")) == (rate, code)


def test_sound_that_was_pulled_up(tmp_path):
    """Recorded at 48.048 kHz and stamped 48 kHz: the timestamp counts the true clock."""
    told = ixml(speed("24000/1001", more="<TIMESTAMP_SAMPLE_RATE>48048</TIMESTAMP_SAMPLE_RATE>"))
    values = hear(tmp_path / "T.wav", wave(bext(48048 * 10), told)).values
    assert (values["start_sample"], values["timestamp_rate"]) == (480480, "48048")
    assert timespan(values)[0] == 10 * FLICKS
    assert "timestamp_rate" not in hear(tmp_path / "U.wav", wave(bext(48048 * 10))).values


def test_a_name_missing_among_the_tracks(tmp_path):
    track = "<TRACK><INTERLEAVE_INDEX>{}</INTERLEAVE_INDEX><NAME>{}</NAME></TRACK>"
    listed = "".join(track.format(*one) for one in ((3, "Lav"), (1, "Boom"), (2, "")))
    values = hear(tmp_path / "T.wav", wave(ixml(f"<TRACK_LIST>{listed}</TRACK_LIST>"), channels=3)).values
    assert values["tracks"] == "Boom, , Lav"


@pytest.mark.parametrize("size", [12, 30, 44, 60, 300, 700, 1000, 1200])
def test_a_cut_file_tells_what_came_before(tmp_path, size):
    content = wave(bext(48000), ixml("<SCENE>12A</SCENE>" + speed("25")))
    facts = hear(tmp_path / "T.wav", content[:size])
    assert facts.problem
    assert facts.values["container"] == "wav"
    assert ("sample_rate" in facts.values) == (size >= 36 + 8)
    assert ("start_sample" in facts.values) == (size >= 44 + 602)


@pytest.mark.parametrize(
    ("date", "time", "told"),
    [
        ("2026-11-22", "09:30:00", datetime(2026, 11, 22, 9, 30)),  # noqa: DTZ001 - nobody tells the zone
        ("2019:01:01", "13.36.16", datetime(2019, 1, 1, 13, 36, 16)),  # noqa: DTZ001
        ("2026_02_30", "09_30_00", None),
        ("0000-00-00", "00:00:00", None),
        ("1904-01-01", "00:00:00", None),
        ("2026-11-22", "", None),
        ("", "09:30:00", None),
    ],
)
def test_a_recorders_clock(date, time, told):
    assert moments.clock(date, time) == told


@given(st.text(max_size=30))
def test_any_moment_is_read(text):
    moments.zoned(text, "tag")
    moments.moment(text)
    moments.clock(text, text)
