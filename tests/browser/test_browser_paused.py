"""A person lets the one sink rest: the page says so, in one way, wherever one looks."""

from __future__ import annotations

import json
import re

import pytest

from browser_rig import MIB, Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)


@pytest.fixture
def shown(tmp_path, browser):
    with Shown(tmp_path) as shown:
        shown.write()
        one = json.loads(shown.file.read_text("utf-8"))
        shown.write(prepare=["probe"], sinks=one["sinks"][:1], routes=one["routes"][:1])
        shown.pair()
        shown.serve()
        yield shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_waits_because_of_a_pause_is_told(browser, shown, scheme):
    with Tab(browser, shown, size="tablet", scheme=scheme) as tab:
        tab.sign_in()
        tab.button("Pause deliveries to frameio").click()
        tab.page.locator(".connection-glance").get_by_text("Paused by you").wait_for()
        for number in range(2):
            shown.put(f"A001C00{number}.braw", MIB)
        wait_until(lambda: shown.states()["waiting"] == 2, timeout_s=30, what="jobs that wait")
        tab.page.locator(".left").get_by_text("paused").wait_for()
        tab.shoot("paused-overview")
        told = tab.page.locator("main").inner_text()
        assert "nothing is being sent" not in told
        assert "sending" not in told
        tab.show("/queue")
        tab.text("Frame.io is paused by you. What goes there waits for you.").wait_for()
        tab.page.locator("[data-job]").nth(1).wait_for()
        tab.shoot("paused-queue")
        assert "Nothing is in the queue" not in tab.page.locator("main").inner_text()

    # It goes on, and the upload host takes what it is sent and says no more.
    shown.sandbox.ask("POST", "/_sandbox/faults", [{"match": "PUT ", "hang": True, "times": 1000}])
    with Tab(browser, shown, size="phone", scheme=scheme) as tab:
        tab.sign_in()
        tab.button("Go on deliveries to frameio").click()
        glance = tab.page.locator(".connection-glance")
        glance.get_by_text(re.compile(r"^Frame\.io has not answered since \d\d:\d\d:\d\d")).wait_for()
        glance.get_by_text("No answer").wait_for()
        tab.page.locator(".left").get_by_text("time unknown").wait_for()
        assert "sending" not in glance.inner_text()
        tab.shoot("silent-overview")
        shown.sandbox.clear()
        glance.get_by_text("Connected").wait_for()
        tab.page.locator(".left").get_by_text("All delivered").wait_for()
