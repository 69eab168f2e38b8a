"""Cards that leave, disks that are missing or full, a service that is not there: work waits, and goes on."""

from __future__ import annotations

import os
import subprocess

import pytest

from journeys.harness import sha256, wait_until
from rushes.api.client import connect

PART_BYTES = 256 * 1024
PROXY = {"use": "proxy", "height": 180, "preset": "ultrafast"}
pytestmark = pytest.mark.timeout(90)


def test_a_card_pulled_and_inserted_again_during_an_upload(journey):
    clips = [journey.put(f"{name}.bin", 6 * PART_BYTES) for name in "AB"]
    journey.write_pipeline(when="true", parts_in_flight=1, slots=1)
    journey.hold_back(11, 0.2)  # of twelve
    run = journey.start()
    wait_until(lambda: journey.arrived() >= 2, timeout_s=30, what="parts", process=run)
    (journey.cards / "A001").rename(journey.stage.root / "pulled")
    wait_until(journey.job_is("B.bin", "waiting"), timeout_s=30, what="the outage", process=run)
    assert journey.by_name()["B.bin"]["reason"] == "insert card A001"
    assert any("insert card A001" in str(note) for note in journey.ask("status")["attention"])
    (journey.stage.root / "pulled").rename(journey.cards / "A001")
    journey.sandbox.clear()
    for name in ("A.bin", "B.bin"):
        wait_until(journey.job_is(name, "done"), timeout_s=30, what=name, process=run)
    assert len(journey.jobs()) == 2
    journey.assert_delivered_once(clips)
    assert len(journey.sandbox.assets()) == 2
    assert journey.resent() == 0


def test_a_target_folder_that_is_missing_is_waited_for(bare):
    bare.put("A.bin", 1000)
    bare.write_pipeline(when="true", sinks=[bare.disk(make=False)])
    run = bare.start()
    wait_until(
        bare.job_is("A.bin", "waiting", "no such folder; connect the disk or make the folder"),
        timeout_s=30,
        what="the reason",
        process=run,
    )
    (bare.stage.root / "raid").mkdir()
    wait_until(bare.job_is("A.bin", "done"), timeout_s=30, what="the copy", process=run)


def test_a_second_run_says_that_one_runs_already(bare):
    bare.write_pipeline(when="true", sinks=[bare.disk()])
    run = bare.start()
    command = bare.stage.command(["run", str(bare.file)])
    second = subprocess.run(
        command, env=bare.stage.env, capture_output=True, text=True, timeout=30, check=False
    )
    assert (second.returncode, second.stdout) == (1, "")
    said = f"error: {bare.file}: the pipeline runs already; see it: pipeline status {bare.file} --watch"
    assert second.stderr.split() == said.split()
    path = bare.put("A.bin", 1000)
    wait_until(bare.job_is(path.name, "done"), timeout_s=30, what="the first to go on", process=run)


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
    bare.write_pipeline(steps=[PROXY], sinks=[bare.disk()])
    run = bare.start()
    hog = fill(small_state)
    os.truncate(hog, hog.stat().st_size - 600_000)  # room for the ledger, not for a proxy
    bare.add_card(picture.parent, "A001")
    wait_until(
        bare.job_is(picture.name, "waiting", "work disk is full; free space"),
        timeout_s=30,
        what="the reason",
        process=run,
    )
    hog.unlink()
    wait_until(bare.job_is(picture.name, "done"), timeout_s=40, what="the proxy", process=run)
    run.signal(15)
    assert run.wait(30) == 0
    assert "Traceback" not in run.err.read_text()
    assert [path.name for path in (bare.stage.root / "raid").rglob("*.mov")] == [picture.name]


def trouble(journey):
    """All that the run complains of."""
    client = connect(journey.stage.state)
    notes = [note["reason"] for note in client.status()["attention"]]
    return " / ".join([*notes, *(job["reason"] for job in client.jobs()["jobs"])])


@pytest.mark.parametrize("killed", [False, True], ids=["goes-on", "killed"])
def test_a_full_state_disk_loses_nothing(bare, small_state, killed):
    early = [bare.put(f"{n}.bin", 1000).name for n in range(10)]
    bare.write_pipeline(when="true", sinks=[bare.disk()])
    run = bare.start()
    wait_until(lambda: bare.states() == {"done": 10}, timeout_s=30, what="the first clips", process=run)
    hog = fill(small_state)
    late = [bare.put(f"late{n}.bin", 50_000).name for n in range(10)]
    wait_until(lambda: "No space left" in trouble(bare), timeout_s=30, what="the trouble", process=run)
    assert "\n" not in trouble(bare)
    if killed:
        run.kill()
        hog.unlink()
        assert bare.run("--once").wait(30) == 0
    else:
        hog.unlink()
        wait_until(lambda: bare.states() == {"done": 20}, timeout_s=30, what="the others", process=run)
        assert trouble(bare).strip(" /") == ""
    assert set(bare.by_name()) == {*early, *late}
    assert {path.name for path in (bare.stage.root / "raid/A001").iterdir()} == {*early, *late}


def test_a_server_that_answers_html_is_waited_for(journey):
    clip = journey.put("A.bin", 2 * PART_BYTES)
    journey.write_pipeline(when="true")
    journey.sandbox.fault("", html=True, times=1_000_000)
    run = journey.start()
    wait_until(journey.job_is("A.bin", "waiting"), timeout_s=30, what="the reason", process=run)
    reason = journey.by_name()["A.bin"]["reason"]
    assert "\n" not in reason
    assert "not" in reason
    assert "html" not in reason.lower() or len(reason) < 200
    journey.sandbox.clear()
    wait_until(journey.job_is("A.bin", "done"), timeout_s=30, what="the upload", process=run)
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert "Traceback" not in run.err.read_text()


def test_html_in_the_place_of_a_part_is_not_taken_for_success(journey):
    clip = journey.put("A.bin", 4 * PART_BYTES)
    journey.write_pipeline(when="true", parts_in_flight=2)
    journey.sandbox.fault("PUT ", html=True, times=2)
    assert journey.run("--once").wait(40) == 0
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
