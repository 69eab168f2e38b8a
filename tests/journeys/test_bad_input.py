"""Bad files, a bad ffmpeg, a wrong pipeline file: a reason of one line each, and the rest goes on."""

from __future__ import annotations

import os
import random
import shutil
import sys

import pytest

from journeys.harness import PLUGIN, Journey, runs, sha256, wait_until
from journeys.many import make_sound
from rushes_sandbox.stage import Process

PART_BYTES = 256 * 1024
PROXY = {"use": "proxy", "height": 180, "preset": "ultrafast"}
SOUND = {"id": "sound", "when": "kind = 'audio'", "to": ["raid"]}
#: Root reads everything: without these it is a user like others.
NO_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
pytestmark = pytest.mark.timeout(90)


# -- files ---------------------------------------------------------------------------------------------------

BAD_FILES = {
    "EMPTY.mov": "empty file",
    "TRUNCATED.mov": "truncated: no moov atom",
    "TEXT.mov": "text named .mov",
    "LYING.wav": "says",
    "UNREADABLE.mov": "ermission denied",
    "CRASHES.mov": "crashes the reader",
}
GOOD_FILES = {"GOOD.mov", "GOOD.wav", "LAST.mov"}


@pytest.fixture(scope="module")
def bad_card(tmp_path_factory, picture):
    """All bad files on one card, run through proxy and disk: what the run said, and its jobs by file name."""
    with Journey(tmp_path_factory.mktemp("bad")) as journey:
        card = journey.cards / "A001"
        card.mkdir()
        for name in ("GOOD.mov", "LAST.mov", "CRASHES.mov", "UNREADABLE.mov"):
            shutil.copy(picture, card / name)
        (card / "UNREADABLE.mov").chmod(0)
        (card / "EMPTY.mov").touch()
        (card / "TRUNCATED.mov").write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])
        (card / "TEXT.mov").write_text("Scene 12, take 1: the take with the dog.\n" * 40)
        make_sound(card / "GOOD.wav", 1)
        (card / "LYING.wav").write_bytes((card / "GOOD.wav").read_bytes()[:300_000])
        journey.extend_path(PLUGIN)
        journey.write_pipeline(prepare=["probe"], steps=[PROXY], sinks=[journey.disk()], routes=[SOUND])
        run = run_as_user(journey, "--once")
        status = run.wait(40)
        yield run, status, journey.by_name()


def run_as_user(journey, *options):
    """A run that may read only what its user may, also where the tests are root."""
    if os.geteuid():
        return journey.run(*options)
    if not shutil.which(NO_ROOT[0]):
        pytest.skip("root reads every file, and setpriv is not here to change that")
    pipeline = (*NO_ROOT, sys.executable, "-c", "from rushes.cli import main; main()")
    stage = journey.stage
    process = Process(
        (*pipeline, "run", str(journey.file), *options), logs=stage.logs, name="as-user", env=stage.env
    )
    stage._processes.append(process)
    return process


@pytest.mark.parametrize(("name", "reason"), BAD_FILES.items())
def test_a_bad_file_is_parked_with_its_reason(bad_card, name, reason):
    _run, _status, jobs = bad_card
    assert jobs[name]["state"] == "parked"
    assert reason in jobs[name]["reason"]
    assert "\n" not in jobs[name]["reason"]


def test_the_rest_of_the_card_goes_on(bad_card):
    run, status, jobs = bad_card
    assert status == 3
    assert {name for name, job in jobs.items() if job["state"] == "done"} == GOOD_FILES
    said = run.out.read_text() + run.err.read_text()
    assert "Traceback" not in said
    assert all(f"parked {name}" in said for name in BAD_FILES)


def test_a_file_deleted_during_its_upload_still_arrives_and_one_that_waited_is_parked(journey):
    begun = journey.put("A.bin", 32 * PART_BYTES)
    waiting = journey.put("B.bin", 32 * PART_BYTES)
    digest = sha256(begun)
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.sandbox.slow(0.2)
    run = journey.run("--once")
    wait_until(lambda: journey.arrived() >= 2, timeout_s=30, what="parts", process=run)
    states = journey.by_name()
    if states["A.bin"]["state"] != "running":
        begun, waiting, digest = waiting, begun, sha256(waiting)
    # What is open stays readable until it is closed: the bytes that were admitted arrive whole.
    begun.unlink()
    waiting.unlink()
    journey.sandbox.clear()
    assert run.wait(30) == 3
    jobs = journey.by_name()
    assert jobs[begun.name]["state"] == "done"
    assert (jobs[waiting.name]["state"], jobs[waiting.name]["reason"]) == (
        "parked",
        "deleted from card A001",
    )
    assert [asset["sha256"] for asset in journey.complete()] == [digest]


def test_a_file_changed_during_its_upload_is_sent_as_its_new_revision(journey):
    clip = journey.put("A.bin", 8 * PART_BYTES)
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.hold_back(7, 0.2)
    run = journey.start()
    wait_until(lambda: journey.arrived() >= 2, timeout_s=30, what="parts", process=run)
    head = clip.read_bytes()[: 64 * 1024]
    clip.write_bytes(head + random.Random(9).randbytes(6 * PART_BYTES))
    journey.sandbox.clear()
    wait_until(lambda: len(journey.jobs()) == 2, timeout_s=30, what="the new revision", process=run)
    wait_until(journey.job_is("A.bin", "done"), timeout_s=30, what="its upload", process=run)
    old, new = journey.jobs()
    assert (old["revision"], old["state"]) == (1, "withdrawn")
    assert (new["revision"], new["state"]) == (2, "done")
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert journey.sandbox.breaches() == []


# -- ffmpeg --------------------------------------------------------------------------------------------------


def fake_ffmpeg(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "/nonexistent/ffmpeg: no such program; install it or correct its setting"),
        ("echo 'Unknown encoder libx264' >&2; exit 1", "ffmpeg cannot make a proxy: Unknown encoder libx264"),
    ],
    ids=["missing", "failing"],
)
def test_without_a_good_ffmpeg_proxies_say_so_and_the_rest_goes_on(bare, picture, tmp_path, script, reason):
    ffmpeg = fake_ffmpeg(tmp_path / "ffmpeg", script) if script else "/nonexistent/ffmpeg"
    bare.stage.env["RUSHES_FFMPEG"] = ffmpeg
    bare.add_card(picture.parent, "A001")
    sound = make_sound(bare.cards / "A001/T001.wav", 1)
    bare.write_pipeline(steps=[PROXY], sinks=[bare.disk()], routes=[SOUND])
    run = bare.run("--once")
    assert run.wait(30) == 3
    jobs = bare.by_name()
    # One that is missing may be installed: the work waits. One that fails on this clip is told of this clip.
    expected = "parked" if script else "waiting"
    assert (jobs[picture.name]["state"], jobs[sound.name]["state"]) == (expected, "done")
    assert jobs[picture.name]["reason"].endswith(reason)
    assert "Traceback" not in run.err.read_text()


def test_a_hanging_ffmpeg_holds_up_nothing_else_and_ends_with_the_run(bare, picture, tmp_path):
    pid = tmp_path / "pid"
    bare.stage.env["RUSHES_FFMPEG"] = fake_ffmpeg(tmp_path / "ffmpeg", f"echo $$ >{pid}\nsleep 300 & wait")
    bare.add_card(picture.parent, "A001")
    sound = make_sound(bare.cards / "A001/T001.wav", 1)
    bare.write_pipeline(steps=[PROXY], sinks=[bare.disk()], routes=[SOUND])
    run = bare.start()
    wait_until(lambda: pid.exists() and pid.read_text(), timeout_s=30, what="ffmpeg", process=run)
    wait_until(bare.job_is(sound.name, "done"), timeout_s=30, what="the sound", process=run)
    run.signal(15)
    assert run.wait(30) == 0
    assert not runs(int(pid.read_text()), "ffmpeg")
    assert bare.by_name()[picture.name]["state"] == "ready"


# -- the pipeline file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('"settle"', '"setle"', "setle"),
        ('"when": "true"', '"when": "colour = 3"', "colour"),
    ],
    ids=["wrong-key", "unknown-column"],
)
def test_a_wrong_pipeline_file_is_refused_with_line_and_column(bare, good, bad, told):
    bare.write_pipeline(when="true", sinks=[bare.disk()])
    bare.file.write_text(bare.file.read_text().replace(good, bad))
    run = bare.run()
    assert run.wait(30) == 2
    lines = bare.file.read_text().splitlines()
    line, text = next((n, line) for n, line in enumerate(lines, 1) if told in line)
    first, *excerpt = run.err.read_text().splitlines()
    assert first.startswith(f"error: {bare.file}:{line}:{text.index(told) + 1}: ") or f":{line}:" in first
    assert told in first
    assert any("^" in each for each in excerpt)
