"""Checklist, QA and testing: uploads go on after networks and power were away, from the last part that was there.

What an interruption may cost is what was on its way: two parts. What the ledger knows is never sent again.
"""

from __future__ import annotations

import random
import time

import pytest

from journeys.frameio.live import IN_FLIGHT, PART_BYTES
from journeys.frameio.recorders import after, insert, moment, shoot
from journeys.frameio.upload import PARTS, Upload
from journeys.harness import sha256, wait_until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def upload(live):
    """A large clip that goes up slowly, with some parts there."""
    upload = Upload(live)
    upload.until(4)
    return upload


# -- the network ---------------------------------------------------------------------------------------------


def test_an_upload_resumes_after_the_network_was_cut(live, upload):
    """Connections are reset, then refused, and later there again."""
    upload.cut()
    live.service.cut()
    live.wait(lambda: live.facts["connected"] is False, "the outage to be seen")
    live.service.back()
    upload.finish()


def test_an_upload_resumes_after_a_black_hole(live, upload):
    """Packets vanish: nobody answers, and no connection ends by itself."""
    live.service.fault("PUT ", "GET /health", "POST /v2", alone=True, hang=True)
    live.wait(lambda: live.service.hits("PUT "), "parts to hang")
    upload.cut()
    upload.finish()


def test_random_disconnections(live, upload):
    """Connections are reset at random, now all of them, now some, in the middle of parts and between them."""
    chance = random.Random(3)
    for number in range(4):
        there = len(live.arrived_of(upload.path))
        if chance.random() < 0.5:
            live.service.restart()
        else:
            live.service.order("sockets", close=True)
            cut_after = chance.randrange(PART_BYTES)
            live.service.fault("PUT ", alone=True, times=IN_FLIGHT, cut_after=cut_after)
            live.service.fault("POST /v2", times=1, reset=True)
        live.sandbox.slow(0.05)
        upload.cuts += 1
        more = min(there + 2, PARTS)
        live.wait(lambda more=more: len(live.arrived_of(upload.path)) >= more, f"more after {number}")
    upload.finish()
    assert live.sandbox.breaches() == []


def test_trouble_at_the_isp(live):
    """Slow, late, busy, lost answers, gateways' errors: every clip arrives, once."""
    live.service.fault("POST /v2/devices/assets", times=2, status=503)
    live.service.fault("PUT ", share=0.1, seed=1, status=502, html=True)
    live.service.fault("PUT ", share=0.1, seed=2, delay_s=0.3)
    live.service.fault("PUT ", share=0.1, seed=3, rate=200_000)
    live.service.fault("PUT ", share=0.1, seed=4, code="SlowDown")
    live.service.fault("PUT ", share=0.1, seed=5, cut_after=9000)
    live.service.fault("PUT ", share=0.1, seed=6, swallow_answer=True)
    paths = [live.put(f"I001C00{n}.braw", 5 * PART_BYTES + n, card="I001") for n in range(3)]
    for path in paths:
        live.wait_for(path)
        assert live.only(path)["sha256"] == sha256(path)


def test_takes_shot_offline_arrive_when_the_network_is_back(live):
    """Authenticated, then offline: takes are shot, and told by when they were recorded once they can be sent."""
    live.service.cut()
    takes = [shoot(live.cards / "O001" / f"O001T00{n}.braw", PART_BYTES + n) for n in range(3)]
    shot = {take: time.time() for take in takes}
    earlier = time.time() - 3600
    shot[insert(live.cards / "O001", "O001T009.braw", PART_BYTES, earlier)] = earlier
    for take in shot:
        live.wait(lambda take=take: take.name in live.by_name(), f"{take.name} to be queued")
        assert live.by_name()[take.name]["state"] != "done"
    live.wait(lambda: live.facts["connected"] is False, "the outage to be seen")
    last = max(shot.values())
    after(last + 3)
    live.service.back()
    for take, began in shot.items():
        live.wait_for(take)
        asset = live.only(take)
        assert asset["sha256"] == sha256(take)
        assert asset["offset"] >= 3
        assert moment(asset["created_at"]) - asset["offset"] == pytest.approx(began, abs=3)


# -- power ---------------------------------------------------------------------------------------------------


def test_an_upload_resumes_after_a_proper_shutdown(live, upload):
    live.stop()
    known = upload.durable()
    assert known == live.arrived_of(upload.path), "a shutdown lets parts on their way arrive"
    upload.cut(known)
    live.go()
    upload.finish()
    assert live.received(upload.path) == upload.path.stat().st_size


def test_an_upload_resumes_after_the_plug_was_pulled(live, upload):
    live.process.kill()
    upload.cut(upload.durable())
    live.go()
    upload.finish()


def test_random_power_cuts(live, upload):
    """The plug is pulled at random moments, also when the machine has hardly started."""
    chance = random.Random(5)
    for _ in range(3):
        life, began = chance.uniform(0.3, 2.0), time.monotonic()
        wait_until(
            lambda began=began, life=life: time.monotonic() >= began + life, timeout_s=30, what="the cut"
        )
        live.process.kill()
        upload.cut(upload.durable())
        live.process = live.run()
    upload.finish()
    assert live.sandbox.breaches() == []
