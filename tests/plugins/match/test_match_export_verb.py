"""`pipeline match FILE export` after a real run over real files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import opentimelineio as otio
import pytest
from click.testing import CliRunner

from rushes.cli.root import cli

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PIPELINE = """
pipeline: day
state: ./state
sources:
  - {id: cards, use: folder, path: CARDS}
prepare: [probe, match]
"""


def ffmpeg(*arguments: str) -> None:
    subprocess.run([FFMPEG, "-v", "error", "-y", *arguments], check=True, timeout=60)


def picture(path: Path, timecode: str, seconds: int, made: str, size: str = "64x36") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc=size={size}:rate=25:duration={seconds}", "-c:v", "mpeg4", "-timecode", timecode,
        "-metadata", f"creation_time={made}Z", str(path),
    )  # fmt: skip


def sound(path: Path, sample: int, seconds: int, made: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    date, time = made.split("T")
    ffmpeg(
        "-f", "lavfi", "-i", f"sine=sample_rate=48000:duration={seconds}", "-c:a", "pcm_s16le", "-write_bext", "1",
        "-metadata", f"time_reference={sample}", "-metadata", f"origination_date={date}",
        "-metadata", f"origination_time={time}", "-metadata", "coding_history=", str(path),
    )  # fmt: skip


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    root = tmp_path_factory.mktemp("day")
    cards = root / "cards"
    picture(cards / "A001" / "A001C001.mov", "10:00:05:00", 4, "2026-11-22T10:00:05")
    picture(cards / "A001" / "A001C002 b.mov", "10:10:00:00", 3, "2026-11-22T10:10:00")
    picture(cards / "A001" / "Proxy" / "A001C001.mov", "10:00:05:00", 4, "2026-11-22T10:00:05", "32x18")
    sound(cards / "SOUND" / "T001.wav", (36_000 + 3) * 48_000 + 17, 8, "2026-11-22T10:00:03")
    sound(cards / "SOUND" / "T002.wav", (36_000 + 598) * 48_000, 7, "2026-11-22T10:09:58")
    file = root / "day.yaml"
    file.write_text(PIPELINE.replace("CARDS", str(cards)))
    ran = pipeline(root, "run", str(file), "--once")
    assert ran.returncode == 0, ran.stderr
    return root


def pipeline(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rushes.cli", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=90, check=False)


def test_all_three_files_say_the_same(day, tmp_path):
    done = pipeline(day, "match", "day.yaml", "export", "--to", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["pictures"], facts["sounds"], facts["synced"], facts["waiting"]) == (2, 2, 2, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2026-11-22.ale", "2026-11-22.csv", "2026-11-22.otio",
    ]  # fmt: skip
    timeline = otio.adapters.read_from_file(str(tmp_path / "2026-11-22.otio"))
    video, audio = timeline.tracks
    first, second = video.find_clips()
    assert second.range_in_parent().start_time.to_seconds() == 595
    assert first.media_reference.target_url == (day / "cards/A001/A001C001.mov").as_uri()
    assert first.media_references()["proxy"].target_url == (day / "cards/A001/Proxy/A001C001.mov").as_uri()
    assert second.media_reference.target_url == (day / "cards/A001/A001C002 b.mov").as_uri()
    heard, _ = audio.find_clips()
    assert heard.source_range.start_time.value == (36_000 + 5) * 48_000
    assert heard.media_reference.available_range.start_time.value == (36_000 + 3) * 48_000 + 17
    assert heard.media_reference.available_range.duration.value == 8 * 48_000
    assert heard.range_in_parent().start_time.value == 0
    assert heard.duration().to_seconds() == 4
    table = csv.DictReader((tmp_path / "2026-11-22.csv").read_text(encoding="utf-8-sig").splitlines())
    assert {row["file"]: row["with"] for row in table} == {
        "A001C001.mov": "T001.wav", "A001C002 b.mov": "T002.wav", "T001.wav": "A001C001.mov",
        "T002.wav": "A001C002 b.mov",
    }  # fmt: skip
    assert "10:00:05:00\t10:00:09:00" in (tmp_path / "2026-11-22.ale").read_text()


def here(root: Path, *arguments: str):
    """The verb in this process."""
    return CliRunner().invoke(cli, ["match", str(root / "day.yaml"), "export", *arguments])


def test_a_person_reads_what_was_written_and_may_choose(day, tmp_path):
    for _ in range(2):  # the second replaces what the first wrote
        done = here(day, "--csv", "--day", "2026-11-22", "--to", str(tmp_path))
        assert done.stdout.splitlines() == [
            str(tmp_path / "2026-11-22.csv"),
            "2026-11-22: 2 pictures, 2 with sound, 2 in sync; 2 sounds",
        ]
        assert [path.name for path in tmp_path.iterdir()] == ["2026-11-22.csv"]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2026-11-23", "nothing was shot on 2026-11-23; days are 2026-11-22"),
        ("yesterday", "yesterday is no date; write it as 2026-11-22"),
    ],
)
def test_a_day_that_is_none_is_told_in_one_line(day, tmp_path, date, said):
    done = here(day, "--day", date, "--to", str(tmp_path))
    assert done.exit_code != 0
    assert done.stderr.strip().endswith(said)
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_is_written_onto_a_card(day):
    card = day / "cards" / "A001"
    before = sorted(card.rglob("*"))
    done = here(day, "--to", str(card))
    assert done.exit_code != 0
    assert "holds recordings; name another folder with --to" in done.stderr
    assert sorted(card.rglob("*")) == before
