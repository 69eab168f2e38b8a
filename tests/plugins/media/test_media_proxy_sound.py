"""Sound: every channel in its place, and clips of sound alone."""

from __future__ import annotations

import io
from fractions import Fraction
from struct import pack

import av
import pytest
from wavinfo import WavInfoReader

from plugins.media.wave_files import bext, chunk, ixml, speed, wave
from rushes import Kind, Permanent, Role
from rushes_media.containers import riff
from rushes_media.look import look
from rushes_media.making.hearing import unlike
from rushes_media.making.survey import survey
from rushes_media.proxy import PROXY

START = 3600 * 48000 + 1234


async def make(stage, path, kind=Kind.AUDIO, meta=None, **options):
    async with PROXY.open(PROXY.config(**options), stage) as proxy:
        [made] = await proxy.apply(stage.admit(path, kind, **(meta or {})))
    return made


def facts(path):
    return look(str(path), "video")


def pcm(path):
    """Its samples, 32 bits each, channels in turn."""
    with av.open(str(path)) as container:
        return b"".join(
            bytes(piece.planes[0])[: piece.samples * piece.layout.nb_channels * 4]
            for frame in container.decode(audio=0)
            for piece in av.AudioResampler("s32").resample(frame)
        )


def chunks(path):
    content = path.read_bytes()
    return riff.read(io.BytesIO(content), len(content)).chunks


@pytest.fixture
def take(ffmpeg, tmp_path):
    """A poly recording of channels that differ, with the chunks a recorder writes: (name, chunks, channels)."""

    def shoot(name, *said, channels=3, depth="s24le", seconds=0.5):
        tones = "|".join(
            f"0.{1 + number % 8}*sin({300 + 100 * number}*2*PI*t)*(1+sin({3 + number}*2*PI*t))/2"
            for number in range(channels)
        )
        plain = ffmpeg(
            *("-f", "lavfi", "-i", f"aevalsrc='{tones}':s=48000:d={seconds}:c={channels}c", "-c:a", f"pcm_{depth}"),
            *("-fflags", "+bitexact", tmp_path / "plain.wav"),
        )  # fmt: skip
        content = plain.read_bytes()
        fmt_end = 12 + 8 + int.from_bytes(content[16:20], "little")
        body = content[8:fmt_end] + b"".join(said) + content[fmt_end:]
        path = tmp_path / name
        path.write_bytes(b"RIFF" + pack("<I", len(body)) + body)
        return path

    return shoot


class TestSoundAlone:
    async def test_a_recording_stays_what_it_is(self, stage, take):
        history = b"A=PCM,F=48000,W=24,M=mono,T=original\r\n"
        said = bext(START, "sSCENE=12A\r\nsTAKE=3", "SoundDev: 702T", "2026-11-22", "09:30:00")
        said = chunk("bext", said[8:] + history)
        told = ixml(
            "<PROJECT>N</PROJECT><SCENE>12A</SCENE><TAKE>3</TAKE><TAPE>R7</TAPE>" + speed("24000/1001")
        )
        source = take("12A-3.wav", said, told)
        made = await make(stage, source)
        path = stage.path(made)
        assert (path.name, made.role, made.kind) == ("12A-3.wav", Role.PROXY, Kind.AUDIO)
        assert pcm(path) == pcm(source)
        assert chunks(path)["bext"] == said[8:]
        assert chunks(path)["iXML"] == told[8:].rstrip(b"\0")
        before, after = facts(source).values, facts(path).values
        for name in (
            "start_sample",
            "timecode",
            "timecode_rate",
            "channels",
            "sample_rate",
            "duration",
            "scene",
            "reel",
        ):
            assert after[name] == before[name]
        assert after["start_sample"] == START
        read = WavInfoReader(str(path))
        assert (read.bext.time_reference, read.bext.originator) == (START, "SoundDev: 702T")
        assert read.bext.coding_history.strip() == history.decode().strip()
        assert read.fmt.bits_per_sample == 24

    async def test_a_start_beyond_32_bits_and_many_channels(self, stage, take):
        start = 23 * 3600 * 192000
        source = take("many.wav", bext(start), ixml(speed("25/1")), channels=16, depth="s16le")
        path = stage.path(await make(stage, source))
        assert WavInfoReader(str(path)).bext.time_reference == start
        assert facts(path).values["channels"] == 16
        assert pcm(path) == pcm(source)

    async def test_float_is_told(self, stage, take):
        made = await make(stage, take("f.wav", bext(START), depth="f32le"))
        assert facts(stage.path(made)).values["codec"] == "pcm_s24le"
        assert stage.notes[-1] == "f.wav is 32-bit float: what is over full scale is clipped in 24 bit"

    async def test_what_people_and_records_say_wins(self, stage, take):
        source = take(
            "a.wav",
            bext(START),
            ixml("<SCENE>1</SCENE><AUDIO_BIT_DEPTH>16</AUDIO_BIT_DEPTH>" + speed("25/1")),
            depth="s16le",
        )
        path = stage.path(
            await make(
                stage, source, meta={"scene": "99 <B>", "circled": True, "slate": "7"}, no_timecode="warn"
            )
        )
        values = facts(path).values
        assert (values["scene"], values["circled"], values["timecode"]) == (
            "99 <B>",
            True,
            facts(source).values["timecode"],
        )
        assert b"<AUDIO_BIT_DEPTH>24</AUDIO_BIT_DEPTH>" in chunks(path)["iXML"]

    async def test_what_cannot_be_parsed_is_kept(self, stage, take):
        broken = chunk("iXML", b"<BWFXML><SCENE>4</SCENE><TAKE>1</TAKE><NOTE>a & b</NOTE></BWFXML>")
        source = take("broken.wav", bext(START), broken)
        path = stage.path(await make(stage, source))
        assert chunks(path)["iXML"].rstrip(b"\0") == broken[8:].rstrip(b"\0")
        path = stage.path(await make(stage, source, meta={"take": "2"}))
        assert (facts(path).values["scene"], facts(path).values["take"]) == ("4", "2")

    async def test_tracks_of_another_container_become_one_file(self, stage, ffmpeg, take):
        """Three monos and what a person says of their start, between two samples at 29.97."""
        poly = take("A.wav", seconds=1)
        split = "[0:a]asplit=3[a][b][c];" + ";".join(
            f"[{name}]pan=mono|c0=c{number}[{name}{name}]" for number, name in enumerate("abc")
        )
        tracks = ("-map", "[aa]", "-map", "[bb]", "-map", "[cc]", "-c:a", "pcm_s24le")
        source = ffmpeg("-i", poly, "-filter_complex", split, *tracks, poly.with_name("B.mka"))
        meta = {"timecode": "01:00:00;03", "timecode_rate": "29.97df"}
        made = await make(stage, source, meta=meta, no_timecode="stamp")
        after = facts(stage.path(made)).values
        assert (after["channels"], after["timecode"], after["timecode_rate"]) == (3, "01:00:00;03", "29.97df")
        assert pcm(stage.path(made)) == pcm(poly)

    @pytest.mark.parametrize(("form", "codec", "streams"), [("aac", "aac", [1, 1, 1]), ("mp3", "mp3", [2])])
    async def test_for_ears(self, stage, take, form, codec, streams):
        source = take(
            "12A-3.wav", bext(START), ixml("<SCENE>12A</SCENE>" + speed("25/1")), channels=sum(streams)
        )
        made = await make(stage, source, sound=form)
        path = stage.path(made)
        values = facts(path).values
        assert path.suffix == {"aac": ".m4a", "mp3": ".mp3"}[form]
        assert list(facts(path).sound.values()) == streams
        assert (values["codec"], values["scene"], values["timecode"]) == (codec, "12A", "01:00:00:00")

    async def test_an_mp3_holds_two_channels(self, stage, take):
        with pytest.raises(Permanent, match=r"a\.wav: it has 3 channels, an MP3 holds two; choose sound"):
            await make(stage, take("a.wav", bext(START)), sound="mp3")

    async def test_made_again_it_is_the_same_file(self, stage, take):
        source = take("a.wav", bext(START), ixml(speed("25/1")))
        first = await make(stage, source)
        content = stage.path(first).read_bytes()
        again = await make(stage, source)
        assert (first.id, content) == (again.id, stage.path(again).read_bytes())
        assert [path.name for path in stage.workspace().iterdir()] == ["a.wav"]

    async def test_without_a_start_there_is_none(self, stage, take):
        path = stage.path(await make(stage, take("a.wav")))
        assert "bext" not in chunks(path)
        assert "start_sample" not in facts(path).values


class TestChannels:
    @pytest.mark.parametrize("audio", ["aac", "pcm", "mp3"])
    async def test_each_in_its_place(self, stage, ffmpeg, camera, take, audio):
        """Six discrete channels of one stream and a stereo pair: seven streams, their loudness as it was."""
        poly = take("six.wav", channels=6, seconds=1)
        source = ffmpeg(
            *("-i", camera["25"], "-i", poly, "-i", take("two.wav", channels=2, seconds=1)),
            *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-c", "copy", poly.with_name("A.mov")),
        )  # fmt: skip
        path = stage.path(await make(stage, source, Kind.VIDEO, audio=audio))
        assert list(facts(path).sound.values()) == [1] * 6 + [2]
        peaks = []
        for stream in facts(path).sound:
            with av.open(str(path)) as container:
                peaks.append(
                    max(
                        max(memoryview(bytes(piece.planes[0])).cast("h")[: piece.samples])
                        for frame in container.decode(container.streams[stream])
                        for piece in av.AudioResampler("s16p").resample(frame)
                    )
                    / 32768
                )
        assert peaks == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1], abs=0.04)

    async def test_a_hole_in_the_sound_is_filled(self, stage, ffmpeg, tmp_path):
        """A quarter of a second of packets is missing: what follows stays with its pictures."""
        source = ffmpeg(
            *("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=2"),
            *("-f", "lavfi", "-i", "aevalsrc='if(gt(t,1.5),0.8*sin(2*PI*1000*t),0)':s=48000:d=2"),
            *("-af", "aselect='not(between(t,0.5,0.75))'", "-c:a", "pcm_s16le", tmp_path / "hole.mkv"),
        )  # fmt: skip
        path = stage.path(await make(stage, source, Kind.VIDEO, audio="pcm"))
        samples = memoryview(pcm(path)).cast("i")
        first = next(number for number, sample in enumerate(samples) if abs(sample) > 2**28)
        assert first / 48000 == pytest.approx(1.5, abs=0.02)


class TestHearing:
    """The proof by ear, with proxies that lie."""

    @pytest.fixture
    def original(self, take):
        return take("original.wav", channels=3, seconds=4)

    def heard(self, original, path):
        materials = [survey(str(each), facts(each)) for each in (original, path)]
        return unlike(str(original), materials[0], str(path), materials[1], Fraction(1, 25))

    @pytest.mark.parametrize(
        ("lie", "told"),
        [
            ("anull", ""),
            ("volume=0.5", ""),
            ("pan=3c|c0=c0|c1=c2|c2=c1", "channel 2 is heard on channel 3"),
            ("pan=3c|c0=c0|c1=c1", "channel 3 is silent"),
            ("adelay=30:all=1", "channel 1 is +0.030 s from its picture"),
            ("atrim=start=0.024,asetpts=PTS-STARTPTS", "channel 1 is -0.024 s from its picture"),
            ("adelay=10:all=1", ""),
        ],
    )
    def test_what_it_hears(self, ffmpeg, original, lie, told):
        made = ffmpeg("-i", original, "-af", lie, "-c:a", "pcm_s24le", original.with_name("made.wav"))
        assert self.heard(original, made) == told

    def test_silence_proves_nothing(self, tmp_path):
        for name in ("original.wav", "made.wav"):
            (tmp_path / name).write_bytes(wave(samples=48000))
        assert self.heard(tmp_path / "original.wav", tmp_path / "made.wav") == ""
