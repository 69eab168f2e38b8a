"""Checklist: what the device shows of its uploads and of its network."""

from __future__ import annotations

import re

import pytest

from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(60)

PART_BYTES = 256 * 1024


def test_files_bytes_and_percentage_that_remain_are_shown(device):
    """Number of files and total size that remain, the progress of the current file in percent; what is queued."""
    run = device.start_paired()
    clips = [device.put(f"A001C00{number}.braw", 8 * PART_BYTES) for number in range(1, 5)]
    size = 8 * PART_BYTES
    device.hold_back(4, 0.5)  # of eight, and two more are on their way: nothing ends while this is looked at
    half_way = []

    def on_the_way():
        half_way[:] = [work for work in device.client.status()["current"] if 0 < work["done"] < work["total"]]
        return half_way and device.client.status()["counts"]["clips"] == len(clips)

    wait_until(on_the_way, timeout_s=30, what="an upload on its way", process=run)
    text = device.verb("status", str(device.file)).out
    found = re.search(r"(A001C00\d\.braw): to frameio, (\d+)% of 2\.1 MB", text)
    assert found, text
    assert 0 < int(found[2]) < 100
    [(files, megabytes)] = re.findall(r"(\d) files? to go \(([\d.]+) MB\)", text)
    assert files == "4"
    assert 2 * size < float(megabytes) * 1e6 < 4 * size  # without the parts of two that have arrived
    listed = device.verb("queue", str(device.file), "list").out.splitlines()[1:]
    assert {line.split()[2]: line.split()[-1] for line in listed if "running" in line}.keys() == {
        work["name"] for work in device.client.status()["current"]
    }
    assert sorted(line.split()[2] for line in listed) == [clip.name for clip in clips]
    # What remains becomes less, file by file, to nothing. With so many parts one file is there, not every one.
    device.hold_back(4 * 7 + 1 - 4, 0.0)
    wait_until(lambda: device.states()["done"] >= 1, timeout_s=30, what="a clip", process=run)
    counts = device.client.status()["counts"]
    assert 1 <= counts["files_remaining"] <= 3
    assert 0 < counts["bytes_remaining"] <= counts["files_remaining"] * size
    device.sandbox.clear()
    wait_until(lambda: device.states()["done"] == 4, timeout_s=30, what="all clips", process=run)
    text = device.verb("status", str(device.file)).out
    assert "to go" not in text
    assert "4 clips, 4 jobs (4 done)" in text


def test_pass_or_fail_of_each_asset_is_shown(device):
    """Uploaded or not is shown of each asset: done, parked with the reason, waiting with the reason."""
    run = device.start_paired()
    good, bad = device.put("A001C001.braw", PART_BYTES), device.put("A001C002.mov", PART_BYTES)
    wait_until(device.job_is(good.name, "done"), timeout_s=30, what="the good one", process=run)
    wait_until(device.job_is(bad.name, "parked"), timeout_s=30, what="the bad one", process=run)
    device.verb("queue", str(device.file), "pause", "frameio")
    held = device.put("A001C003.braw", PART_BYTES)
    wait_until(device.job_is(held.name, "waiting"), timeout_s=30, what="the third", process=run)
    rows = {
        line.split()[2]: line for line in device.verb("queue", str(device.file), "list").out.splitlines()[1:]
    }
    assert re.search(r"  done$", rows[good.name])
    assert re.search(r"  parked   not a QuickTime file$", rows[bad.name])
    assert "  waiting  paused by a person; go on with: pipeline queue " in rows[held.name]
    text = device.verb("status", str(device.file)).out
    assert "3 jobs (1 parked, 1 waiting, 1 done)" in text
    assert f"! A001: {bad.name}: not a QuickTime file; record or copy it again" in text
    out = run.out.read_text()
    assert f"delivered {good.name} to frameio" in out
    assert f"parked {bad.name}: not a QuickTime file" in out
    explained = device.verb("explain", str(device.file), good.name).out
    assert f"Sandbox Project/{good.name}" in explained
    # Each of them still is where it was shot.
    assert all(path.stat().st_size == PART_BYTES for path in (good, bad, held))


def test_the_network_is_shown(device):
    """Connection type, speed and health of the network are shown, and what an upload makes of it."""
    run = device.start_paired()
    facts = device.component()["facts"]
    # What a loopback can tell of itself; wired, wireless and the like have test_frameio_network.py.
    assert (facts["network"], facts["health"]) == ("lo, loopback", "good")
    device.sandbox.ask("POST", "/_sandbox/faults", [{"match": "PUT ", "rate": 400_000, "times": 1000}])
    device.put("A001C001.braw", 24 * PART_BYTES)
    wait_until(lambda: device.component()["facts"].get("sending"), timeout_s=30, what="a rate", process=run)
    text = device.verb("status", str(device.file)).out
    assert re.search(r"network lo, loopback, health \w+,.* sending [\d.]+ [kM]B/s", text), text


def test_a_service_that_does_not_answer_is_shown(device):
    """Connected yes or no follows what is so: poor and not connected while nothing answers, good when it does again."""
    run = device.start_paired()
    doors = ("GET /", "POST /", "PUT /")
    rules = [{"match": door, "times": 100_000, "reset": True} for door in doors]
    device.sandbox.ask("POST", "/_sandbox/faults", [*rules])
    device.sandbox.ask("POST", "/_sandbox/sockets", {"blocked": "reset"})
    try:
        wait_until(device.shows(connected=False, online=False, health="poor"), timeout_s=30,
                   what="that nothing answers", process=run)  # fmt: skip
        text = device.verb("status", str(device.file)).out
        assert "not connected, project Sandbox Project" in text
        whoami = device.frameio("whoami").out
        assert "reachable  no" in whoami
        assert "project    Sandbox Project" in whoami
    finally:
        device.sandbox.clear()
        device.sandbox.ask("POST", "/_sandbox/sockets", {"blocked": None})
    wait_until(device.shows(connected=True, online=True), timeout_s=30, what="answers", process=run)
