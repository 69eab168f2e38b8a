"""What the engine sees of the plugin: hooks, options, and nothing heavy imported."""

from __future__ import annotations

import subprocess
import sys

import imageio_ffmpeg
import pytest
from pydantic import ValidationError

import rushes_media
from rushes import ConfigError
from rushes_media.options import ProxyOptions, notes
from rushes_media.probe import ProbeOptions


def test_hooks_tell_the_specs():
    assert [spec.name for spec in rushes_media.rushes_annotators()] == ["probe"]
    assert [spec.name for spec in rushes_media.rushes_transforms()] == ["proxy"]


def test_importing_the_plugin_loads_no_media_library():
    heavy = {"av", "ffmpeg", "wavinfo", "imageio_ffmpeg"}
    code = f"import sys, rushes_media; print(sorted({heavy!r} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


@pytest.mark.parametrize(
    ("told", "bits"),
    [("1M", 1_000_000), ("2500k", 2_500_000), ("12M", 12_000_000), (4_000_000, 4_000_000)],
)
def test_bitrates(told, bits):
    assert ProxyOptions(bitrate=told).form().bitrate == bits


@pytest.mark.parametrize("told", ["0.9M", "13M", "6", "6G", 0])
def test_bitrates_that_no_proxy_should_have(told):
    with pytest.raises(ValidationError, match="bits a second; it must be 1M to 12M"):
        ProxyOptions(bitrate=told)


@pytest.mark.parametrize("told", ["fast", "", -1, None])
def test_bitrates_that_are_no_size(told):
    with pytest.raises(ValidationError, match="write a size such as 6M"):
        ProxyOptions(bitrate=told)


@pytest.mark.parametrize("options", [{"height": 721}, {"height": 8}, {"preset": "best"}, {"colour": "red"}])
def test_other_impossible_options(options):
    with pytest.raises(ValidationError):
        ProxyOptions(**options)


def test_probe_has_no_options():
    with pytest.raises(ValidationError):
        ProbeOptions(deep=True)


def test_ffmpeg_comes_from_the_environment_unless_told(monkeypatch):
    monkeypatch.delenv("RUSHES_FFMPEG", raising=False)
    assert ProxyOptions().ffmpeg == ""
    monkeypatch.setenv("RUSHES_FFMPEG", "/opt/ffmpeg")
    assert ProxyOptions().ffmpeg == "/opt/ffmpeg"
    assert ProxyOptions(ffmpeg="mine").ffmpeg == "mine"


def test_notes_name_the_ffmpeg():
    assert notes(ProxyOptions(ffmpeg="")) == ["ffmpeg: the one that imageio-ffmpeg brings"]
    program = imageio_ffmpeg.get_ffmpeg_exe()
    assert notes(ProxyOptions(ffmpeg=program)) == [f"ffmpeg: {program}"]
    with pytest.raises(ConfigError, match="no such program"):
        notes(ProxyOptions(ffmpeg="/no/such/ffmpeg"))


@pytest.mark.parametrize("says", ["exit 0", "echo ffprobe version 7.0", "echo ffmpeg version 7.0; exit 1"])
def test_a_program_that_is_no_ffmpeg(tmp_path, monkeypatch, says):
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{says}\n")
    program.chmod(0o755)
    monkeypatch.setenv("RUSHES_FFMPEG", str(program))
    with pytest.raises(ConfigError, match=r"^ffmpeg is '[^']*': no ffmpeg, .*RUSHES_FFMPEG.*") as told:
        notes(ProxyOptions())
    assert told.value.option == "ffmpeg"


def test_a_program_that_never_answers_is_no_ffmpeg(tmp_path, monkeypatch):
    monkeypatch.setattr("rushes_media.options.PATIENCE_S", 0.1)
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(ConfigError, match="no ffmpeg"):
        notes(ProxyOptions(ffmpeg=str(program)))


def test_a_program_that_is_asked_gets_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "s3cret")
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nenv > {tmp_path}/heard\necho ffmpeg version 7.0\n")
    program.chmod(0o755)
    assert notes(ProxyOptions(ffmpeg=str(program))) == [f"ffmpeg: {program}"]
    assert "s3cret" not in (tmp_path / "heard").read_text()
