"""Checklist, uploader: an asset is uploaded while it is recorded, and complete within seconds of its end."""

from __future__ import annotations

import time
from itertools import count

import pytest

from journeys.frameio.live import Live
from journeys.frameio.recorders import Recording, after, moment
from journeys.harness import sha256
from journeys.torture_verdict import Figures, durable_parts

MIB = 1 << 20
#: The smallest part of a growing clip, which is Frame.io's.
PART_BYTES = 5 * MIB
#: Recording stop to asset complete: 2 s beside the transfer of two parts, and what a busy machine takes longer.
TAIL_S = 2.0 + 4.0
#: A recording that is not written to for so long is over. A busy machine must not make pauses of that length.
SETTLE = "15s"
_NUMBERS = count(1)
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def recording(live):
    return Recording(live.cards / "G001" / f"G001C{next(_NUMBERS):03}.mov")


@pytest.fixture(scope="module")
def live_set(service, tmp_path_factory):
    with Live(tmp_path_factory.mktemp("growing"), service) as live:
        live_route = {"id": "live", "when": "kind = 'video'", "live": True, "to": ["frameio"]}
        yield live.begin(
            when="kind <> 'video'", routes=[live_route], source={"growing": True, "settle": SETTLE}
        )


@pytest.fixture
def live(live_set):
    return live_set.ready()


def growing(live, recording, parts=1):
    """Record until so many parts are there, the second of the file first: its head is held back."""

    def there():
        recording.shoot(MIB if recording.size < (parts + 2) * PART_BYTES else 1)
        return len(live.arrived_of(recording.path)) >= parts

    live.wait(there, "parts")
    return live.only(recording.path)


def complete(live, recording):
    """Its asset, which is the only one that there ever was, and byte for byte what was recorded."""
    live.wait_for(recording.path)
    asset = live.only(recording.path)
    assert (asset["state"], asset["realtime"]) == ("complete", True)
    assert asset["sha256"] == sha256(recording.path)
    return asset


def test_a_clip_is_uploaded_while_it_is_recorded(live, recording):
    asset = growing(live, recording)
    assert asset["state"] == "created"
    assert asset["filesize"] is None
    assert 1 not in live.arrived_of(recording.path), "the head is not final yet"
    recording.shoot(2 * PART_BYTES)
    closed = recording.close()
    asset = complete(live, recording)
    assert moment(asset["created_at"]) < closed
    assert moment(asset["completed_at"]) - closed < TAIL_S
    assert moment(asset["created_at"]) - asset["offset"] == pytest.approx(recording.began, abs=2)


def test_a_clip_goes_on_after_a_power_cut_in_mid_recording(live, recording):
    before = growing(live, recording, parts=3)
    live.process.kill()
    known = durable_parts(live.stage.state, Figures(), [before])[before["id"]]
    puts = {part["number"]: part["puts"] for part in live.only(recording.path)["parts"]}
    recording.shoot(PART_BYTES)
    live.process = live.run()

    def another():
        recording.shoot(1)
        return len(live.arrived_of(recording.path)) > len(puts)

    live.wait(another, "another part")
    recording.close()
    asset = complete(live, recording)
    assert asset["id"] == before["id"]
    now = {part["number"]: part["puts"] for part in asset["parts"]}
    assert known
    assert {number: now[number] for number in known} == {number: puts[number] for number in known}


def test_a_pause_stops_a_clip_that_is_being_recorded(live, recording):
    growing(live, recording)
    live.service.order("pause", device=live.device)
    job = live.wait_for(recording.path, "waiting", "overlaps a pause that began while it was recorded")
    there = live.received(recording.path)
    recording.shoot(2 * PART_BYTES)
    recording.close()
    live.wait_for(recording.path, "waiting")
    live.service.order("resume", device=live.device)
    live.wait(lambda: live.facts["paused"] is False, "the end of the pause to be seen")
    assert live.received(recording.path) == there
    assert live.only(recording.path)["state"] == "created"
    live.client.queue("release", [job["id"]])
    complete(live, recording)
    # The next recording is not to begin near this pause.
    after(time.time() + 2.5)
