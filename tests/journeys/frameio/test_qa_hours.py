"""Checklist: what takes minutes or hours: tokens that end, heartbeats without sockets, a project that is renamed.

Tokens of three seconds stand for those of eight hours. Where minutes are the rule, both ends have a clock that is
20 times as fast.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from journeys.frameio.device import SINK, Device
from journeys.harness import Journey, wait_until

pytestmark = pytest.mark.timeout(90)

RATE = 20.0
PART_BYTES = 256 * 1024
#: Of tokens at the service of `device_of_brief_tokens`.
LIFE_S = 3.0
MINUTE_S = 60.0
#: At least one heartbeat in this time keeps a device online (reference, section 6).
OFFLINE_S = 300.0


def test_it_stays_connected_for_much_longer_than_its_tokens_last(device_of_brief_tokens):
    """Eight hours after the pairing it is connected to the same project: tokens are refreshed, and nobody sees it."""
    device = device_of_brief_tokens
    run = device.start_paired()
    before = device.seen("/v2/auth/token")[-1]["seq"]
    states = set()

    def calm(true):
        component = device.component()
        states.add((component["state"], component["facts"]["connected"], component["facts"]["project"]))
        return true()

    def refreshed():
        return [each["status"] for each in device.seen("/v2/auth/token", after=before)]

    # A long upload, and beside it others that ask for assets while tokens end.
    device.sandbox.slow(0.4)
    clips = [device.put("A001C000.braw", 16 * PART_BYTES)]
    clips += [device.put(f"A001C{number:03}.braw", PART_BYTES) for number in range(1, 13)]
    wait_until(lambda: calm(lambda: device.states()["done"] == 13), timeout_s=40, what="uploads", process=run)
    while_busy = len(refreshed())
    assert while_busy >= 2
    # Idle for longer than a token lives; then there is work again.
    over = time.monotonic() + 1.2 * LIFE_S
    wait_until(lambda: calm(lambda: time.monotonic() > over), timeout_s=30, what="idle", process=run)
    clips.append(device.put("A001C013.braw", PART_BYTES))
    wait_until(
        lambda: calm(device.job_is("A001C013.braw", "done")), timeout_s=30, what="one more", process=run
    )
    assert len(refreshed()) > while_busy
    assert set(refreshed()) == {200}
    # One pairing, one device, each asset once; no word of it to people.
    assert states == {("open", True, "Sandbox Project")}
    assert device.seen("/v2/auth/device/code", after=before) == []
    assert [(row["forgotten"], row["online"]) for row in device.rows()] == [(False, True)]
    device.assert_delivered_once(clips)
    assert (len(device.sandbox.assets()), device.resent()) == (len(clips), 0)
    told = [line.split()[1] for line in run.out.read_text().splitlines()]
    assert told.count("lost") == told.count("back") == 1  # until it was paired, and so is the warning
    assert len(run.err.read_text().splitlines()) == 1
    # No call but the one after each refresh may ask for the identity in these seconds.
    assert device.sandbox.breaches() == []


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """A paired device that runs where websockets are blocked; both it and the service live 20 times as fast."""
    root = tmp_path_factory.mktemp("fast")
    clock = {
        "PYTHONPATH": str(Path(__file__).with_name("fastclock")),
        "FAST_CLOCK_RATE": str(RATE),
        "FAST_CLOCK_BASE": str(time.time()),
    }
    with Journey(root / "service", **clock) as service:
        service.sandbox = service.stage.sandbox("--part-size", str(PART_BYTES), "--interval", "100ms")
        service.sandbox.ask("POST", "/_sandbox/sockets", {"blocked": True})
        with Device(root / "device", service, **clock) as device:
            device.start()
            device.pair()
            yield device


def test_heartbeats_over_http_keep_it_online_where_websockets_are_blocked(fast):
    """Where the socket cannot be, a heartbeat goes over HTTP: once a minute at most, once in five at least."""
    wait_until(lambda: fast.row()["heartbeats"] >= 2, timeout_s=40, what="two heartbeats")
    beats = [moment(each["at"]) for each in fast.seen("/v2/devices/heartbeat")]
    assert all(MINUTE_S <= later - earlier <= OFFLINE_S for earlier, later in pairwise(beats))
    row = fast.row()
    assert (row["status"], row["online"]) == ("online", False)
    assert fast.shows(connected=True, online=False)()
    refused = fast.seen("/devices/websocket", "GET")
    assert refused
    # Tried again and again, with more and more patience.
    assert len(refused) < 60
    assert fast.sandbox.breaches() == []


def test_a_renamed_project_shows_and_disturbs_nothing(fast):
    """The project's new name is shown by itself; an upload goes on, and one after it arrives in the same project."""
    number = len(fast.sandbox.assets())
    clips = [fast.put(f"A00{number}C00{take}.braw", 6 * PART_BYTES) for take in (1, 2)]
    fast.sandbox.slow(4.0)
    wait_until(lambda: fast.arrived() > 0, timeout_s=30, what="a part")
    name = f"Nocturne, part {number + 2}"
    fast.sandbox.ask("POST", "/_sandbox/rename", {"name": name})
    wait_until(fast.shows(project=name, connected=True), timeout_s=30, what="the new name")
    fast.sandbox.clear()
    clips.append(fast.put(f"A00{number}C003.braw", PART_BYTES))
    for clip in clips:
        wait_until(fast.job_is(clip.name, "done"), timeout_s=30, what=clip.name)
    fast.assert_delivered_once(clips)
    assert {asset["project"] for asset in fast.sandbox.assets()} == {fast.row()["project_id"]}
    [receipt] = {job["steps"][0]["receipt"]["where"] for job in fast.jobs() if job["name"] == clips[-1].name}
    assert receipt == f"{name}/{clips[-1].name}"
    assert fast.sandbox.breaches() == []


def test_identity_is_asked_at_most_once_a_minute(fast):
    """Who this device is, is polled no more often than the service allows, whoever asks here."""
    for _ in range(5):
        assert fast.client.act(SINK, "whoami", {}, lambda _facts: None)["connection"] == "connected"
    wait_until(lambda: len(fast.row()["identified_at"]) >= 4, timeout_s=30, what="three more minutes")
    asked = [moment(text) for text in fast.row()["identified_at"]]
    assert min(later - earlier for earlier, later in pairwise(asked)) >= MINUTE_S
    assert len(fast.seen("/v2/devices/me", "GET")) == len(asked)
    assert fast.sandbox.breaches() == []


def test_the_end_of_an_authorisation_is_told_in_time(fast):
    """A connection that has an end is warned of before that, with the remedy, and shows it."""
    assert "ends" not in fast.frameio("whoami").out
    fast.order("expire", in_s=3500)
    wait_until(lambda: fast.component()["facts"].get("attention"), timeout_s=30, what="a warning")
    end = datetime.fromisoformat(fast.row()["expires_at"]).astimezone()
    warning = (
        f"the connection to the project ends {end:%Y-%m-%d %H:%M %Z}; run in time: pipeline frameio pair"
    )
    assert f"{warning} {fast.file}" in fast.verb("status", str(fast.file)).out
    assert f"ends       {end:%Y-%m-%d %H:%M %Z}\n" in fast.frameio("whoami").out
    assert warning in (fast.stage.state / "logs/pipeline.log").read_text()
    fast.order("expire", in_s=None)


def moment(text):
    return datetime.fromisoformat(text).timestamp()
