"""Checklist, uploader: retries by themselves, over expired urls, foreign networks, busy hosts and dead tokens."""

from __future__ import annotations

import pytest

from journeys.frameio.live import PART_BYTES
from journeys.frameio.recorders import moment
from journeys.frameio.upload import PARTS, Upload
from journeys.harness import sha256

API = ("GET /v2", "POST /v2", "GET /health", "GET /devices/websocket", "PUT ")
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def upload(live):
    """A large clip that goes up slowly, with some parts there."""
    upload = Upload(live)
    upload.until(4)
    return upload


def test_expired_urls_begin_one_new_asset(live, upload):
    live.service.fault("PUT ", times=1, alone=True, expired=True)
    job = live.wait_for(upload.path)
    assert sorted(asset["state"] for asset in live.assets(upload.path)) == ["complete", "created"]
    [complete] = [asset for asset in live.assets(upload.path) if asset["state"] == "complete"]
    assert complete["sha256"] == sha256(upload.path)
    assert job["steps"][0]["receipt"]["placeholders"] == 1


def test_a_captive_portal_is_waited_out(live, upload):
    """A hotel's login page answers everything with 200 and HTML; nothing is lost, nothing counts against a clip."""
    live.service.fault(*API, alone=True, html=True)
    new = live.put("T001C001.braw", PART_BYTES, card="T001")
    live.wait(lambda: "something on the way" in live.component["reason"], "the login page to be seen")
    assert [live.by_name()[path.name]["state"] for path in (new, upload.path)] != ["parked", "parked"]
    upload.cut()
    upload.cuts += 1  # while the page is there the sink may open once more, and be cut off again
    upload.finish()
    live.wait_for(new)
    assert live.only(new)["sha256"] == sha256(new)


def test_too_many_requests_are_answered_with_patience(live):
    """429 with Retry-After: not asked again before that."""
    live.service.fault("POST /v2/devices/assets", times=1, status=429, retry_after=2)
    before = live.service.log()[-1]["seq"]
    path = live.put("T001C002.braw", PART_BYTES, card="T001")
    live.wait_for(path)
    asked = [call for call in live.service.log(before) if call["path"] == "/v2/devices/assets"]
    assert [call["status"] for call in asked] == [429, 200]
    assert moment(asked[1]["at"]) - moment(asked[0]["at"]) >= 2


def test_a_token_that_ends_in_mid_upload_costs_nothing(live, upload):
    live.service.order("revoke", device=live.device, what="access")
    new = live.put("T001C003.braw", PART_BYTES, card="T001")
    upload.until(PARTS // 2)
    upload.cut()
    upload.finish()
    live.wait_for(new)
    assert live.received(upload.path) == upload.path.stat().st_size
    assert "connection" not in live.facts  # nothing to say: it is connected


def test_an_authorisation_that_ends_in_mid_upload_waits_for_a_new_pairing(live):
    upload = Upload(live, part_s=0.5)
    upload.until(4)
    live.service.order("revoke", device=live.device, what="both")
    live.service.order("sockets", close=True)
    live.wait(lambda: live.facts.get("connection") == "not authorised", "the end of the authorisation")
    live.wait_for(upload.path, "waiting", "not paired; run: pipeline frameio pair")
    upload.cut()
    live.connect()
    upload.finish()


def test_a_lost_answer_to_the_creation_makes_no_second_complete_asset(live):
    live.service.fault("POST /v2/devices/assets", times=1, swallow_answer=True)
    path = live.put("T001C004.braw", 3 * PART_BYTES, card="T001")
    job = live.wait_for(path)
    assert sorted(asset["state"] for asset in live.assets(path)) == ["complete", "created"]
    assert live.received(path) == path.stat().st_size
    assert job["steps"][0]["receipt"]["placeholders"] == 1
