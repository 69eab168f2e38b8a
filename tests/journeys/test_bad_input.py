"""Bad files, bad disks, bad networks, bad configuration: a reason of one line each, and the rest goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rushes_sandbox.stage import Process

from rushes.api.client import connect

from journeys.conftest import PLUGIN, extend_path
from journeys.harness import Journey, sha256, wait_until
from journeys.many import make_sound

PART_BYTES = 256 * 1024
PROXY = {"use": "proxy", "height": 180, "preset": "ultrafast"}
#: Root reads everything: without these it is a user like others.
NO_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
pytestmark = pytest.mark.timeout(90)


def noise(path: Path, size: int, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(random.Random(seed).randbytes(size))
    os.utime(path, (1, 1))
    return path


def disk(journey, name="raid", *, make=True):
    folder = journey.stage.root / name
    if make:
        folder.mkdir(exist_ok=True)
    return {"id": name, "use": "disk", "path": str(folder)}


def by_name(journey):
    return {job["name"]: job for job in journey.jobs()}


def arrived(journey):
    return sum(part["puts"] > 0 for asset in journey.sandbox.assets() for part in asset["parts"])


def job_is(journey, name, state, reason=""):
    """Whether the newest job of a file is so; for `wait_until`."""

    def holds():
        jobs = [job for job in journey.jobs() if job["name"] == name]
        return bool(jobs) and jobs[-1]["state"] == state and reason in jobs[-1]["reason"]

    return holds


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
        extend_path(journey, PLUGIN)
        journey.write_pipeline(when="true", prepare=["probe"], steps=[PROXY], sinks=[disk(journey)])
        text = journey.file.read_text().replace('"when": "true"', "\"when\": \"kind = 'video'\"", 1)
        sound = '{"id": "sound", "when": "kind = \'audio\'", "to": ["raid"]}'
        journey.file.write_text(text.replace('"routes": [', f'"routes": [{sound},', 1))
        run = run_as_user(journey, "--once")
        status = run.wait(40)
        yield run, status, by_name(journey)


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


def test_a_file_deleted_during_its_upload(journey):
    deleted = noise(journey.cards / "A001/A.bin", 8 * PART_BYTES)
    other = noise(journey.cards / "A001/B.bin", 2 * PART_BYTES, 2)
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.sandbox.slow(0.2)
    run = journey.run("--once")
    wait_until(lambda: arrived(journey) >= 2, timeout_s=20, what="parts", process=run)
    deleted.unlink()
    assert run.wait(30) == 3
    jobs = by_name(journey)
    assert (jobs["A.bin"]["state"], jobs["A.bin"]["reason"]) == ("parked", "A.bin: deleted from card A001")
    assert jobs["B.bin"]["state"] == "done"
    assert sha256(other) in {asset["sha256"] for asset in journey.complete()}


def test_a_file_changed_during_its_upload_is_sent_as_its_new_revision(journey):
    clip = noise(journey.cards / "A001/A.bin", 8 * PART_BYTES)
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.sandbox.slow(0.2)
    run = journey.start()
    wait_until(lambda: arrived(journey) >= 2, timeout_s=20, what="parts", process=run)
    head = clip.read_bytes()[: 64 * 1024]
    clip.write_bytes(head + random.Random(9).randbytes(6 * PART_BYTES))
    journey.sandbox.clear()
    wait_until(lambda: len(journey.jobs()) == 2, timeout_s=20, what="the new revision", process=run)
    wait_until(job_is(journey, "A.bin", "done"), timeout_s=20, what="its upload", process=run)
    old, new = journey.jobs()
    assert (old["revision"], old["state"]) == (1, "cancelled")
    assert (new["revision"], new["state"]) == (2, "done")
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert journey.sandbox.breaches() == []


# -- cards and disks -----------------------------------------------------------------------------------------


def test_a_card_pulled_and_inserted_again_during_an_upload(journey):
    clips = [noise(journey.cards / f"A001/{name}.bin", 6 * PART_BYTES, n) for n, name in enumerate("AB")]
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.sandbox.slow(0.2)
    run = journey.start()
    wait_until(lambda: arrived(journey) >= 2, timeout_s=20, what="parts", process=run)
    (journey.cards / "A001").rename(journey.stage.root / "pulled")
    wait_until(job_is(journey, "B.bin", "waiting"), timeout_s=20, what="the outage", process=run)
    assert by_name(journey)["B.bin"]["reason"] == "insert card A001"
    assert "insert card A001" in {note["reason"] for note in journey.ask("status")["attention"]}
    (journey.stage.root / "pulled").rename(journey.cards / "A001")
    journey.sandbox.clear()
    for name in ("A.bin", "B.bin"):
        wait_until(job_is(journey, name, "done"), timeout_s=20, what=name, process=run)
    assert len(journey.jobs()) == 2
    journey.assert_delivered_once(clips)
    assert len(journey.sandbox.assets()) == 2
    assert journey.resent() == 0


def test_a_target_folder_that_is_missing_is_waited_for(bare):
    noise(bare.cards / "A001/A.bin", 1000)
    bare.write_pipeline(when="true", sinks=[disk(bare, make=False)])
    run = bare.start()
    wait_until(
        job_is(bare, "A.bin", "waiting", "no such folder; connect the disk or make the folder"),
        timeout_s=20,
        what="the reason",
        process=run,
    )
    (bare.stage.root / "raid").mkdir()
    wait_until(job_is(bare, "A.bin", "done"), timeout_s=20, what="the copy", process=run)


@pytest.fixture
def small_state(bare):
    """The state folder on a disk of 48 MB."""
    state = bare.stage.state
    state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "rushes-test", str(state)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    yield state
    bare.__exit__()
    subprocess.run(["umount", "-l", str(state)], check=True)


def fill(folder):
    """Take all the space there is; returns the file that holds it."""
    hog = folder / "hog"
    with hog.open("wb", buffering=0) as file:
        size = 1 << 20
        while size >= 4096:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return hog


def test_proxies_wait_while_the_work_disk_is_full(bare, small_state, picture):
    bare.write_pipeline(steps=[PROXY], sinks=[disk(bare)])
    run = bare.start()
    hog = fill(small_state)
    os.truncate(hog, hog.stat().st_size - 600_000)  # room for the ledger, not for a proxy
    bare.add_card(picture.parent, "A001")
    wait_until(
        job_is(bare, picture.name, "waiting", "work disk is full; free space"),
        timeout_s=20,
        what="the reason",
        process=run,
    )
    hog.unlink()
    wait_until(job_is(bare, picture.name, "done"), timeout_s=40, what="the proxy", process=run)
    run.signal(15)
    assert run.wait(15) == 0
    assert "Traceback" not in run.err.read_text()
    assert [path.name for path in (bare.stage.root / "raid").rglob("*.mov")] == [picture.name]


def trouble(journey):
    """All that the run complains of."""
    client = connect(journey.stage.state)
    notes = [note["reason"] for note in client.status()["attention"]]
    return " / ".join([*notes, *(job["reason"] for job in client.jobs()["jobs"])])


@pytest.mark.parametrize("killed", [False, True], ids=["goes-on", "killed"])
def test_a_full_state_disk_loses_nothing(bare, small_state, killed):
    early = [noise(bare.cards / f"A001/{n}.bin", 1000, n).name for n in range(10)]
    bare.write_pipeline(when="true", sinks=[disk(bare)])
    run = bare.start()
    wait_until(lambda: states(bare) == {"done": 10}, timeout_s=20, what="the first clips", process=run)
    hog = fill(small_state)
    late = [noise(bare.cards / f"A001/late{n}.bin", 50_000, 100 + n).name for n in range(10)]
    wait_until(lambda: "No space left" in trouble(bare), timeout_s=20, what="the trouble", process=run)
    assert "\n" not in trouble(bare)
    if killed:
        run.kill()
        hog.unlink()
        assert bare.run("--once").wait(30) == 0
    else:
        hog.unlink()
        wait_until(lambda: states(bare) == {"done": 20}, timeout_s=20, what="the others", process=run)
        assert trouble(bare).strip(" /") == ""
    assert set(by_name(bare)) == {*early, *late}
    assert {path.name for path in (bare.stage.root / "raid/A001").iterdir()} == {*early, *late}


def states(journey):
    return dict(journey.states())


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
def test_without_a_good_ffmpeg_proxies_are_parked_and_the_rest_goes_on(bare, picture, tmp_path, script, reason):
    ffmpeg = fake_ffmpeg(tmp_path / "ffmpeg", script) if script else "/nonexistent/ffmpeg"
    bare.stage.env["RUSHES_FFMPEG"] = ffmpeg
    bare.add_card(picture.parent, "A001")
    sound = make_sound(bare.cards / "A001/T001.wav", 1)
    write_proxies_and_sound(bare)
    run = bare.run("--once")
    assert run.wait(30) == 3
    jobs = by_name(bare)
    assert (jobs[picture.name]["state"], jobs[sound.name]["state"]) == ("parked", "done")
    assert jobs[picture.name]["reason"].endswith(reason)
    assert "Traceback" not in run.err.read_text()


def test_a_hanging_ffmpeg_holds_up_nothing_else_and_ends_with_the_run(bare, picture, tmp_path):
    pid = tmp_path / "pid"
    bare.stage.env["RUSHES_FFMPEG"] = fake_ffmpeg(tmp_path / "ffmpeg", f"echo $$ >{pid}\nsleep 300 & wait")
    bare.add_card(picture.parent, "A001")
    sound = make_sound(bare.cards / "A001/T001.wav", 1)
    write_proxies_and_sound(bare)
    run = bare.start()
    wait_until(lambda: pid.exists() and pid.read_text(), timeout_s=20, what="ffmpeg", process=run)
    wait_until(job_is(bare, sound.name, "done"), timeout_s=20, what="the sound", process=run)
    run.signal(15)
    assert run.wait(10) == 0
    assert not Path("/proc", pid.read_text().strip()).exists()
    assert by_name(bare)[picture.name]["state"] == "ready"


def write_proxies_and_sound(journey):
    journey.write_pipeline(steps=[PROXY], sinks=[disk(journey)])
    sound = '{"id": "sound", "when": "kind = \'audio\'", "to": ["raid"]}'
    text = journey.file.read_text()
    journey.file.write_text(text.replace('"routes": [', f'"routes": [{sound},', 1))


# -- the service ---------------------------------------------------------------------------------------------


def test_a_server_that_answers_html_is_waited_for(journey):
    clip = noise(journey.cards / "A001/A.bin", 2 * PART_BYTES)
    journey.write_pipeline(when="true")
    journey.sandbox.fault("", html=True, times=1_000_000)
    run = journey.start()
    wait_until(job_is(journey, "A.bin", "waiting"), timeout_s=20, what="the reason", process=run)
    reason = by_name(journey)["A.bin"]["reason"]
    assert "\n" not in reason
    assert "not" in reason
    assert "html" not in reason.lower() or len(reason) < 200
    journey.sandbox.clear()
    wait_until(job_is(journey, "A.bin", "done"), timeout_s=30, what="the upload", process=run)
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert "Traceback" not in run.err.read_text()


def test_html_in_the_place_of_a_part_is_not_taken_for_success(journey):
    clip = noise(journey.cards / "A001/A.bin", 4 * PART_BYTES)
    journey.write_pipeline(when="true", parts_in_flight=2)
    journey.sandbox.fault("PUT ", html=True, times=2)
    assert journey.run("--once").wait(40) == 0
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]


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
    bare.write_pipeline(when="true", sinks=[disk(bare)])
    bare.file.write_text(bare.file.read_text().replace(good, bad))
    run = bare.run()
    assert run.wait(20) == 2
    lines = bare.file.read_text().splitlines()
    line, text = next((n, line) for n, line in enumerate(lines, 1) if told in line)
    first, *excerpt = run.err.read_text().splitlines()
    assert first.startswith(f"error: {bare.file}:{line}:{text.index(told) + 1}: ") or f":{line}:" in first
    assert told in first
    assert any("^" in each for each in excerpt)
