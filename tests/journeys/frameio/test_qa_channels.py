"""The devices on the set as C2C channels: they come and go in the project, and clips go up on those they are of."""

from __future__ import annotations

import json

import pytest

from journeys.frameio.live import PART_BYTES, Live
from journeys.harness import sha256

CONNECT, DISCONNECT_ALL = "/v2/devices/channels/connect", "/v2/devices/channels/disconnect"
pytestmark = pytest.mark.timeout(60)


class Set(Live):
    """A set with cameras on it, which are there as a file says."""

    @property
    def present(self):
        return self.stage.root / "present.json"

    def leave(self, *names):
        """These cameras are there, and no others."""
        fresh = self.present.with_suffix(".new")
        fresh.write_text(json.dumps(names))
        fresh.replace(self.present)

    def cameras(self, *names):
        """The same; returns when the project shows them."""
        self.leave(*names)
        expected = {"model-raw", *(f"model-{name}" for name in names)}
        self.wait(lambda: set(self.channels()) == expected, f"channels of {names}")

    def channels(self):
        """What the project shows: the index of each sub-device, by its model."""
        calls = [call for call in self.service.log() if call["path"] == CONNECT]
        models = {call["body"]["client_id"]: call["body"]["device_model_id"] for call in calls}
        devices = self.service.sandbox.ask("GET", "/_sandbox/devices")
        [shown] = [each["channels"] for each in devices if each["id"] == self.device]
        ids = {each["name"].split()[-1]: each["external_index"] for each in shown[1:]}
        # A call is in the log a moment after it was obeyed.
        return {models.get(client_id, client_id): index for client_id, index in ids.items()}

    def asked(self):
        """What was asked for about channels, in order."""
        return [call for call in self.service.log() if call["path"].startswith("/v2/devices/channels")]


@pytest.fixture(scope="module")
def crewed(service, tmp_path_factory):
    with Set(tmp_path_factory.mktemp("set"), service) as live:
        live.install("crew")
        live.leave("A", "B")
        raw = {"id": "raw", "when": "card = 'RAW'", "to": [{"sink": "frameio", "channel": "raw"}]}
        yield live.begin(
            when="card <> 'RAW'",
            prepare=["label"],
            routes=[raw],
            sources=[{"id": "crew", "use": "crew", "present": str(live.present)}],
            devices={"camera/A": "model-A", "camera/B": "model-B"},
            channels={"raw": "model-raw"},
        )


@pytest.fixture
def live(crewed):
    crewed.ready().cameras("A", "B")
    return crewed


def test_devices_come_and_go_as_channels(live):
    before = len(live.asked())
    live.cameras("B")
    live.cameras("A", "B")
    gone, back = live.asked()[before:]
    assert gone["path"].endswith("/disconnect")
    assert gone["path"] != DISCONNECT_ALL
    # By the same id each time, so that the project shows the same device again.
    ids = [call["body"]["client_id"] for call in live.asked() if "model-A" in str(call["body"])]
    assert back["body"]["client_id"] == ids[0]
    assert len(set(ids)) == 1


def test_a_devices_clip_goes_up_on_its_channel_and_anybodys_on_the_primary_one(live):
    for name in ("A", "B", "X"):
        path = live.put(f"{name}009C001.braw", PART_BYTES, card="A009")
        live.wait_for(path)
        asset = live.only(path)
        expected = live.channels().get(f"model-{name}", 0)
        assert (asset["channel"], asset["sha256"]) == (expected, sha256(path))


def test_a_route_names_a_declared_channel(live):
    path = live.put("A009C002.r3d", PART_BYTES, card="RAW")
    live.wait_for(path)
    assert live.only(path)["channel"] == live.channels()["model-raw"]


def test_a_start_is_a_boot_that_clears_all_channels_and_connects_those_present(live):
    live.process.kill()
    live.leave("B")
    before = len(live.asked())
    live.go()
    live.cameras("B")
    assert [call["path"] for call in live.asked()[before:]] == [DISCONNECT_ALL, CONNECT, CONNECT]
    assert live.service.sandbox.breaches() == []
