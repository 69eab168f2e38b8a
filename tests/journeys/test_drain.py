"""Signals and people at a running pipeline: it drains, stops, and does what the queue verbs say."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from journeys.harness import sha256, wait_until
from rushes.api.client import connect

PART_BYTES = 256 * 1024
pytestmark = pytest.mark.timeout(90)


def put_clips(journey, *sizes):
    """Clips of so many parts, named A.bin, B.bin ..."""
    folder = journey.cards / "A001"
    folder.mkdir()
    clips = []
    for number, parts in enumerate(sizes):
        clip = folder / f"{'ABCDEF'[number]}.bin"
        clip.write_bytes(random.Random(number).randbytes(parts * PART_BYTES))
        os.utime(clip, (number, number))
        clips.append(clip)
    return clips


def hang_parts(journey):
    """Every part goes into a black hole from now on; returns whether two are there."""
    journey.sandbox.fault("PUT ", hang=True, times=1000)
    return lambda: journey.sandbox.ask("GET", "/_sandbox/faults")[0]["times"] == 998


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_drain_ends_with_the_parts_in_flight_and_is_gone_on_from(journey, number):
    [clip] = put_clips(journey, 32)
    journey.write_pipeline(when="true", parts_in_flight=2)
    journey.sandbox.slow(0.4)
    run = journey.start()
    wait_until(lambda: journey.arrived() >= 3, timeout_s=30, what="parts", process=run)
    began = time.monotonic()
    run.signal(number)
    assert run.wait(30) == 0
    assert time.monotonic() - began < 8
    assert "draining" in run.out.read_text()
    assert "1 left for the next run" in run.out.read_text()
    # What was in flight arrived and is known: nothing is lost, and nothing more was begun.
    received = sum(part["bytes_received"] for asset in journey.sandbox.assets() for part in asset["parts"])
    assert received == journey.arrived() * PART_BYTES < clip.stat().st_size
    assert connect(journey.stage.state) is None
    journey.sandbox.clear()
    assert journey.run("--once").wait(30) == 0
    journey.assert_delivered_once([clip])
    assert len(journey.sandbox.assets()) == 1
    assert journey.resent() == 0


def test_a_drain_does_not_wait_for_a_dead_network(journey):
    [clip] = put_clips(journey, 4)
    journey.write_pipeline(when="true", parts_in_flight=2)
    two_hang = hang_parts(journey)
    run = journey.start()
    wait_until(two_hang, timeout_s=30, what="the upload", process=run)
    began = time.monotonic()
    run.signal(signal.SIGTERM)
    assert run.wait(30) == 0
    # 10 where nothing else runs: tests/core/engine/test_commands.py has that to the second.
    assert time.monotonic() - began < 15
    journey.sandbox.clear()
    assert journey.run("--once").wait(30) == 0
    journey.assert_delivered_once([clip])


def test_a_second_signal_stops_at_once(journey):
    [clip] = put_clips(journey, 4)
    journey.write_pipeline(when="true", parts_in_flight=2)
    two_hang = hang_parts(journey)
    run = journey.start()
    wait_until(two_hang, timeout_s=30, what="the upload", process=run)
    run.signal(signal.SIGINT)
    wait_until(lambda: "draining" in run.out.read_text(), timeout_s=30, what="the drain", process=run)
    began = time.monotonic()
    run.signal(signal.SIGINT)
    assert run.wait(30) == 0
    assert time.monotonic() - began < 5
    assert "stopping at once; nothing is lost" in run.out.read_text()
    assert "Traceback" not in run.err.read_text()
    journey.sandbox.clear()
    assert journey.run("--once").wait(30) == 0
    journey.assert_delivered_once([clip])


def test_a_person_at_the_queue_of_a_running_pipeline(journey):
    clips = put_clips(journey, 24, 2, 2, 2, 2)
    journey.write_pipeline(when="true", slots=1, parts_in_flight=1)
    journey.sandbox.slow(0.25)
    run = journey.start()
    wait_until(lambda: journey.arrived() >= 1, timeout_s=30, what="a part", process=run)
    ids = {job["name"][0]: job["id"] for job in journey.jobs()}
    # However long these verbs take, A does not end meanwhile.
    [a] = journey.sandbox.assets()
    last = {"match": f"PUT /parts/{a['id']}/part_24", "hang": True, "times": 1000}
    journey.sandbox.ask("PUT", "/_sandbox/faults", [last, {"match": "PUT ", "delay_s": 0.25, "times": 1000}])

    status = journey.ask("status")
    assert (status["running"], status["draining"], status["pid"]) == (True, False, run.pid)
    [current] = status["current"]
    assert (current["name"], current["component"]) == ("A.bin", "frameio")
    assert 0 < current["total"] == clips[0].stat().st_size

    # B shall wait, C is not wanted at all, D comes before all others: A gives way to it.
    assert journey.ask("queue", "hold", ids["B"]) == {"changed": [ids["B"]]}
    assert journey.ask("queue", "cancel", ids["C"][:8]) == {"changed": [ids["C"]]}
    assert journey.ask("queue", "top", ids["D"]) == {"changed": [ids["D"]]}
    wait_until(lambda: state(journey, "D") == "done", timeout_s=30, what="D", process=run)
    assert state(journey, "A") == "running"
    assert reason(journey, "B") == "held by a person"
    assert state(journey, "C") == "cancelled"

    # What runs may be held too; its finished parts are kept.
    assert journey.ask("queue", "hold", ids["A"]) == {"changed": [ids["A"]]}
    wait_until(lambda: state(journey, "E") == "done", timeout_s=30, what="E", process=run)
    assert reason(journey, "A") == "held by a person"
    journey.sandbox.clear()
    assert set(journey.ask("queue", "release", ids["A"], ids["B"])["changed"]) == {ids["A"], ids["B"]}
    assert journey.ask("queue", "retry", ids["C"]) == {"changed": [ids["C"]]}
    wait_until(lambda: journey.states() == {"done": 5}, timeout_s=30, what="the rest", process=run)
    run.signal(signal.SIGTERM)
    assert run.wait(30) == 0
    journey.assert_delivered_once(clips)
    # Two interruptions of A cost a part each at most.
    assert journey.resent() <= 2 * PART_BYTES
    order = [asset["name"][0] for asset in journey.sandbox.assets()]
    assert order[:3] == ["A", "D", "E"]
    assert {asset["sha256"] for asset in journey.complete()} == {sha256(clip) for clip in clips}


def job(journey, letter):
    return next(each for each in journey.jobs() if each["name"].startswith(letter))


def state(journey, letter):
    return job(journey, letter)["state"]


def reason(journey, letter):
    return job(journey, letter)["reason"]
