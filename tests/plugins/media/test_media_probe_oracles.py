"""Probe beside ffprobe, MediaInfo and wavinfo, column by column, on real files and on made ones."""

from __future__ import annotations

import shutil

import pytest
from wavinfo import WavInfoReader

from plugins.media import oracles
from rushes_media.look import look

pytestmark = pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffprobe on this machine")


@pytest.fixture(scope="module")
def folder(ffmpeg, tmp_path_factory):
    """A file of every kind that the tests beside this one do not make."""
    made = tmp_path_factory.mktemp("oracles")
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.2")
    hd = ("-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=0.08")
    tone = ("-f", "lavfi", "-i", "sine=440:r=48000:d=0.2")
    ffmpeg(*picture, *tone, "-c:v", "libx264", "-c:a", "aac", "-timecode", "01:00:00:00", made / "a.mp4")
    ffmpeg("-display_rotation:v:0", "90", "-i", made / "a.mp4", "-c", "copy", "-dn", made / "turned.mov")
    ffmpeg(*hd, "-c:v", "dnxhd", "-b:v", "120M", "-pix_fmt", "yuv422p", "-f", "mxf_opatom", made / "atom.mxf")
    fields = ("-vf", "setfield=tff", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-pix_fmt", "yuv422p")
    ffmpeg(*hd, *tone, *fields, "-b:v", "50M", "-c:a", "pcm_s24le", "-ar", "48000", made / "xdcam.mxf")
    ffmpeg(*picture, *tone, "-c:v", "mjpeg", "-c:a", "pcm_s16le", "-timecode", "04:00:00:00", made / "a.avi")
    ffmpeg(*picture, *tone, "-c:v", "ffv1", "-pix_fmt", "yuv422p10le", "-c:a", "flac", made / "a.mkv")
    hlg = "setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc,format=yuv422p10le"
    ffmpeg(*picture, "-vf", hlg, "-c:v", "prores_ks", made / "hlg.mov")
    ffmpeg(*tone, "-c:a", "pcm_s24le", "-rf64", "always", made / "rf64.wav")
    ffmpeg(*tone, "-c:a", "pcm_s24le", made / "wave.w64")
    return made


def told_otherwise(paths, oracle):
    return {path.name: lines for path in paths if (lines := oracles.differences(path, oracle(path)))}


def test_ffprobe_says_the_same_of_made_files(folder):
    paths = oracles.files(folder)
    assert len(paths) == 9
    assert told_otherwise(paths, oracles.of_ffprobe) == {}


def test_ffprobe_says_the_same_of_real_files(shared_media):
    paths = [*oracles.files(shared_media / "audio"), *oracles.files(shared_media / "camera")]
    assert told_otherwise(paths, oracles.of_ffprobe) == {}


def test_mediainfo_says_the_same(shared_media, folder):
    pytest.importorskip("pymediainfo")
    paths = [*oracles.files(shared_media / "camera"), *oracles.files(folder)]
    assert told_otherwise(paths, oracles.of_mediainfo) == {}


def test_wavinfo_says_the_same(shared_media):
    for path in sorted((shared_media / "audio").rglob("*.WAV")):
        values, info = look(str(path), "audio").values, WavInfoReader(str(path))
        assert values["start_sample"] == info.bext.time_reference, path
        assert values["channels"] == info.fmt.channel_count
        assert (values["scene"], values["take"], values["reel"]) == (
            info.ixml.scene,
            info.ixml.take,
            info.ixml.tape,
        )
        assert values["family_uid"] == info.ixml.family_uid
        assert values["tracks"] == ", ".join(track.name for track in info.ixml.track_list)
        assert values["recorder"] == info.bext.originator.strip()


def test_an_oracle_that_differs_is_told(folder):
    assert oracles.differences(folder / "a.mp4", {"width": "321", "lens": "50"}) == [
        "width: 320, oracle 321",
        "lens: nothing, oracle 50",
    ]
