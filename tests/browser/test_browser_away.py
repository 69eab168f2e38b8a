"""The pipeline stops and comes back while somebody looks; who has no pointer; who has no session."""

from __future__ import annotations

import re
import signal

import pytest

from browser_rig import PART_BYTES, Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)

STOPPED = re.compile(r"The pipeline stopped at \d\d:\d\d:\d\d\.")
LOST = re.compile(r"The pipeline has not answered since \d\d:\d\d:\d\d\.")
#: What a browser says of each attempt to reach nobody.
UNREACHED = (
    r"ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|CONNECTION_RESET)|status of 503"
)


@pytest.fixture
def shown(tmp_path, browser):
    with Shown(tmp_path) as shown:
        shown.write()
        shown.pair()
        yield shown


def test_the_pipeline_stops_and_comes_back(browser, shown):
    """What was seen stays, a banner says so; afterwards all is live again, without a new sign in."""
    run = shown.serve()
    first = shown.put("A001C001.braw", PART_BYTES).name
    wait_until(shown.job_is(first, "done"), timeout_s=30, what="the first")
    with Tab(browser, shown, size="tablet") as tab:
        tab.sign_in()
        tab.show("/queue?state=done")
        tab.text(first).wait_for()
        tab.expect(UNREACHED)
        run.signal(signal.SIGTERM)
        assert run.wait(30) == 0
        tab.text(STOPPED).wait_for()
        tab.shoot("away")
        assert tab.text(first).is_visible()
        second = shown.put("A001C002.braw", PART_BYTES).name
        shown.serve()
        tab.text(STOPPED).wait_for(state="detached")
        tab.text(second).wait_for()
        # A pulled plug says nothing.
        shown.stage._processes[-1].kill()
        tab.text(LOST).wait_for()
        assert tab.text(first).is_visible()
        assert tab.page.get_by_role("button", name="Try now").count() == 1
        assert tab.page.get_by_role("alert").count() == 0
        assert tab.page.locator("main.old").count() == 1
        tab.shoot("lost")
        again = shown.serve()
        tab.text(LOST).wait_for(state="detached")
        assert tab.page.locator("main.old").count() == 0
        # It hangs: the connection stands, nothing comes.
        again.signal(signal.SIGSTOP)
        tab.text(LOST).wait_for(timeout=20_000)
        again.signal(signal.SIGCONT)
        tab.text(LOST).wait_for(state="detached", timeout=20_000)


def test_a_view_that_fails_is_not_the_end_of_the_page(browser, shown):
    shown.serve()
    with Tab(browser, shown) as tab:
        tab.sign_in()
        tab.expect("reading 'parked'")
        tab.page.route(
            re.compile(r"/v1/clips\?"),
            lambda route: route.fulfill(
                json={"clips": [{"broken": True}], "total": 1, "after": None, "facets": 1}
            ),
        )
        tab.show("/clips")
        tab.text("This page has an error of its own").wait_for()
        tab.show("/queue")
        tab.page.get_by_role("heading", name="Queue", exact=True).wait_for()
        tab.page.unroute_all()
        tab.show("/clips")
        tab.text("No clips yet").wait_for()


def test_by_keyboard_alone(browser, shown):
    """Signed in, to the queue, a job moved, selected, and given up: no pointer."""
    shown.hold_back(1, 0)
    for number in range(5):
        shown.put(f"A001C00{number}.braw", 4 * PART_BYTES)
    shown.serve()
    wait_until(lambda: shown.states()["ready"] >= 3, timeout_s=30, what="a queue")
    with Tab(browser, shown) as tab:
        press = tab.page.keyboard.press
        tab.expect("status of 401")
        tab.page.goto(shown.client.link(10)["url"])
        tab.button("Open the page").wait_for()
        tab.wait("() => document.activeElement.textContent === 'Open the page'")
        press("Enter")
        reach(tab, "Queue")
        press("Enter")
        tab.page.locator("[data-job]").first.wait_for()
        before = shown.order()
        reach(tab, f"Move {before[2]}")
        press("ArrowUp")
        wait_until(lambda: shown.order()[1] == before[2], timeout_s=10, what="one place up")
        tab.wait("(name) => document.activeElement.getAttribute('aria-label') === name", f"Move {before[2]}")
        press("ArrowUp")
        wait_until(lambda: shown.goes_next(before[2]), timeout_s=10, what="another place")
        last = shown.order()[-1]
        reach(tab, f"Select {last}")
        press("Space")
        tab.text("1 selected").wait_for()
        press("Delete")
        tab.page.get_by_role("dialog").wait_for()
        reach(tab, "Cancel the job")
        press("Enter")
        wait_until(shown.job_is(last, "cancelled"), timeout_s=10, what="its end")


def reach(tab, name):
    """Press Tab until what has that name has the focus."""
    told = (
        "() => { const at = document.activeElement;"
        " return (at.getAttribute('aria-label') || at.closest('label')?.textContent || at.textContent).trim() }"
    )
    for _ in range(120):
        tab.page.keyboard.press("Tab")
        at = tab.page.evaluate(told)
        if at == name:
            return
    pytest.fail(f"nothing named {name!r} can be reached by keyboard")


def test_a_link_is_good_once(browser, shown):
    shown.serve()
    url = shown.client.link(10)["url"]
    for entered in (True, False):
        with Tab(browser, shown, size="phone") as tab:
            tab.expect("status of 401")
            tab.page.goto(url)
            tab.button("Open the page").click()
            if entered:
                tab.page.get_by_role("navigation", name="Views, below").wait_for()
                assert not re.search(r"enter/.", tab.page.url)
            else:
                tab.page.get_by_label("Code").wait_for()
                assert tab.page.get_by_role("alert").inner_text().strip()
