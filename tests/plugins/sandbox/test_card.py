"""The generated card is what a camera and a recorder leave, by the word of readers that we did not write."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import av
import pytest
import wavinfo
from hypothesis import given
from hypothesis import strategies as st

from rushes import Permanent
from rushes.timecode import Rate, Timecode
from rushes_sandbox import card as maker
from rushes_sandbox.bwf import Sound, Take, bext, header, ixml, write_bwf

TAKE = Take(
    project="Nocturne",
    scene="12A",
    take="3",
    tape="SND01",
    circled=True,
    tracks=("Boom",),
    date="2026-11-22",
    time="14:22:05",
    start_sample=0,
    rate="25",
)


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df"])
def test_pictures_carry_timecode_drop_flag_and_reel(card, rate):
    shot = card.one("video", rate)
    with av.open(str(card.path(shot.filename))) as container:
        video = container.streams.video[0]
        tmcd = next(stream for stream in container.streams if stream.type == "data")
        assert tmcd.metadata["timecode"] == shot.timecode
        assert tmcd.metadata["reel_name"] == shot.reel
        assert video.average_rate == Rate.parse(rate).exact
        assert video.frames == shot.frames
        assert len(container.streams.audio) == 1
    assert (";" in shot.timecode) == (rate == "29.97df")


def test_the_drop_frame_picture_runs_over_dropped_labels(card):
    shot = card.one("video", "29.97df")
    start = Timecode.parse(shot.timecode, shot.rate)
    assert "14:41:00;02" in {str(start + n) for n in range(shot.frames)}


def test_broken_picture_has_no_moov(card):
    broken = card.one("video", broken=True)
    data = card.path(broken.filename).read_bytes()
    assert b"ftyp" in data[:16]
    assert b"moov" not in data
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(card.path(broken.filename)))


def test_sound_says_its_take_and_starts_with_the_picture(card):
    sound, shot = card.one("audio"), card.one("video", "23.976")
    info = wavinfo.WavInfoReader(str(card.path(sound.filename)))
    assert (info.fmt.channel_count, info.fmt.sample_rate, info.fmt.bits_per_sample) == (4, 48_000, 24)
    assert info.data.frame_count == sound.frames
    assert info.bext.version == 1
    assert info.bext.time_reference == Timecode.parse(shot.timecode, shot.rate).to_samples(48_000)
    assert (info.ixml.scene, info.ixml.take, info.ixml.tape) == ("12A", "1", "SND01")
    assert [track.name for track in info.ixml.track_list] == ["MixL", "MixR", "Boom", "Lav1"]
    assert info.ixml.parsed.findtext("CIRCLED") == "TRUE"
    with av.open(str(card.path(sound.filename))) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == sound.frames


def test_the_same_card_every_time(card, tmp_path):
    again = maker.make_card(tmp_path, seconds=2.0)
    assert tuple(again) == card.files
    for file in again:
        assert (tmp_path / file.path).read_bytes() == card.path(file.filename).read_bytes(), file.path


def test_no_two_parts_of_the_sound_are_alike(card):
    data = card.path(card.one("audio").filename).read_bytes()
    parts = [data[start : start + 65_536] for start in range(0, len(data), 65_536)]
    assert len(set(parts)) == len(parts)


def test_a_missing_ffmpeg_is_one_line(tmp_path):
    with pytest.raises(Permanent, match=r"^/nowhere/ffmpeg: No such file or directory; the card"):
        maker.make_card(tmp_path, seconds=0.1, ffmpeg="/nowhere/ffmpeg")


def test_a_failing_ffmpeg_is_one_line(tmp_path):
    with pytest.raises(Permanent, match=r"^ffmpeg failed with status 1 while making the card: no output$"):
        maker.make_card(tmp_path, seconds=0.1, ffmpeg="/bin/false")


@given(
    st.integers(0, 48_000 * 86_400 * 2 - 1),
    st.integers(1, 8),
    st.integers(0, 999),
    st.text(),
)
def test_every_header_is_a_riff_that_adds_up(start_sample, channels, frames, note):
    sound = Sound(channels=channels)
    tracks = tuple(f"T{n}" for n in range(channels))
    take = replace(TAKE, start_sample=start_sample, tracks=tracks, note=note)
    data_bytes = frames * sound.frame_bytes
    whole = header(sound, take, data_bytes) + bytes(data_bytes + data_bytes % 2)
    assert whole[:4] + whole[8:12] == b"RIFFWAVE"
    assert struct.unpack_from("<I", whole, 4)[0] == len(whole) - 8
    chunks, at = {}, 12
    while at < len(whole):
        name, size = struct.unpack_from("<4sI", whole, at)
        chunks[name] = whole[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(whole)
    assert list(chunks) == [b"bext", b"iXML", b"fmt ", b"data"]
    assert struct.unpack_from("<Q", chunks[b"bext"], 338)[0] == start_sample
    assert chunks[b"bext"] == bext(sound, take)
    assert chunks[b"iXML"] == ixml(sound, take)


def test_a_file_too_large_for_riff_is_refused():
    with pytest.raises(ValueError, match="32-bit"):
        header(Sound(channels=1), TAKE, 2**32)


def test_samples_must_be_what_the_header_says(tmp_path: Path):
    with pytest.raises(ValueError, match=r"short\.wav: 3 bytes of samples, 2 frames are 6"):
        write_bwf(tmp_path / "short.wav", Sound(channels=1), TAKE, 2, [b"\0\0\0"])
    with pytest.raises(ValueError, match="1 track names for 2 channels"):
        write_bwf(tmp_path / "tracks.wav", Sound(channels=2), TAKE, 0, [])
