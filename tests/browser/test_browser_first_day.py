"""Somebody who never saw it, at a tablet: pairs, watches, finds what is stuck, retries, reorders, gives one up."""

from __future__ import annotations

import re

import pytest

from browser_rig import MIB, PART_BYTES, Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)


@pytest.fixture
def shown(tmp_path, browser):
    """Not paired, and running; nothing is on the cards."""
    with Shown(tmp_path) as shown:
        shown.write()
        shown.serve()
        yield shown


@pytest.fixture
def tab(browser, shown):
    with Tab(browser, shown, size="tablet") as tab:
        tab.sign_in()
        yield tab


def pair(shown, tab):
    """The one button, the six digits, the project."""
    tab.button("Connect").click()
    code = tab.page.locator(".code [aria-hidden]")
    tab.wait(
        "() => /^[0-9]{6}$/.test([...document.querySelectorAll('.code [aria-hidden]')]"
        ".map((each) => each.textContent).join(''))"
    )
    tab.page.get_by_role("img", name=re.compile("QR code")).wait_for()
    tab.shoot("journey-code")
    shown.confirm("".join(code.all_text_contents()))
    tab.page.get_by_role("heading", name="Sandbox Project").first.wait_for()


def rows(tab):
    return tab.page.locator("[data-job]")


def row(tab, name):
    return rows(tab).filter(has=tab.page.get_by_role("link", name=name, exact=True))


def test_a_first_day(shown, tab):
    pair(shown, tab)
    shown.hold_back(3, 0.2)
    names = [shown.put(f"A001C00{n}.braw", 8 * PART_BYTES).name for n in range(1, 6)]
    wait_until(lambda: len(shown.jobs()) == 5, timeout_s=30, what="jobs")

    # What is left can be read, and what is sent moves.
    tab.page.locator(".left").get_by_text(re.compile(r"^5\s*files$")).wait_for()
    tab.wait("() => [...document.querySelectorAll('.current progress')].some((bar) => bar.value > 0.05)")
    tab.shoot("journey-overview")

    # One clip goes first, one is given up.
    tab.page.get_by_role("link", name="Queue").first.click()
    row(tab, names[-1]).get_by_role("button", name=f"Move to the top {names[-1]}").click()
    wait_until(lambda: shown.goes_next(names[-1]), timeout_s=10, what="the top")
    given_up = shown.order()[-1]
    row(tab, given_up).get_by_role("button", name="More for").click()
    row(tab, given_up).get_by_role("button", name=f"Cancel {given_up}").click()
    tab.shoot("journey-cancel")
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    wait_until(shown.job_is(given_up, "cancelled"), timeout_s=10, what="the end of it")
    row(tab, given_up).wait_for(state="detached")

    # One is refused: its reason is where one looks, and so is the way on.
    shown.sandbox.clear()
    wait_until(lambda: shown.states()["done"] == 4, timeout_s=30, what="the others")
    shown.refuse_next_asset()
    path = shown.put("A002C001.braw", PART_BYTES, card="A002")
    stuck = path.name
    wait_until(shown.job_is(stuck, "parked"), timeout_s=30, what="the refusal")
    tab.page.get_by_role("link", name=re.compile("Attention")).first.click()
    tab.text(re.compile("422 Invalid Arguments")).wait_for()
    tab.shoot("journey-stuck")
    tab.button(re.compile("^(Retry|Try again)")).click()
    wait_until(shown.job_is(stuck, "done"), timeout_s=30, what="the second attempt")
    tab.page.get_by_role("link", name="Overview").first.click()
    # A card is formatted because of these words: what was given up is not delivered.
    tab.text("1 cancelled").wait_for()
    assert tab.page.get_by_text("All delivered").count() == 0

    # What became of bytes that are no more does not stand beside how the clip is now.
    with path.open("ab") as file:
        file.write(b"more")
    wait_until(
        lambda: len(shown.jobs()) == 7 and shown.states()["done"] == 6, timeout_s=30, what="the revision"
    )
    tab.show("/clips")
    tab.page.get_by_role("link", name=stuck).first.click()
    tab.text("Before the file changed").wait_for()
    assert tab.page.get_by_role("list", name="State").get_by_role("listitem").count() == 1


def test_a_code_can_be_cancelled(shown, tab):
    tab.button("Connect").click()
    tab.page.get_by_role("img", name=re.compile("QR code")).wait_for()
    tab.button("Cancel").click()
    gone = tab.text("Cancelled: that code connects nothing any more")
    gone.wait_for()
    tab.button("Connect").click()
    tab.page.locator(".code").first.wait_for()
    # It would stand beside a code that is good.
    gone.wait_for(state="detached", timeout=1000)
    tab.button("Cancel").click()
    tab.button("Connect").wait_for()
    tab.show("/report")
    tab.text("No clips yet").wait_for()


def test_many_are_chosen_and_go_on_together(shown, tab):
    """Nothing is paired: all wait, are given up together, and come back together."""
    for number in range(4):
        shown.put(f"A001C00{number}.braw", MIB)
    wait_until(lambda: len(shown.jobs()) == 4, timeout_s=30, what="jobs")
    tab.show("/queue?state=all")
    rows(tab).nth(3).wait_for()
    # Nobody can release what waits for a pairing.
    assert tab.page.get_by_role("button", name=re.compile("^Release")).count() == 0
    boxes = tab.page.locator("[data-job] input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    bar = tab.page.get_by_role("region", name="What is selected")
    bar.get_by_text("3 selected").wait_for()
    bar.get_by_role("button", name="Cancel").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel 3 jobs").click()
    wait_until(lambda: shown.states()["cancelled"] == 3, timeout_s=10, what="their end")
    tab.page.get_by_role("link", name=re.compile("^Cancelled")).click()
    tab.page.get_by_label("Select all shown").check()
    bar.get_by_role("button", name="Retry").click()
    wait_until(lambda: shown.states()["cancelled"] == 0, timeout_s=10, what="their return")
    rows(tab).first.wait_for(state="detached")


def test_rows_are_dragged(shown, tab):
    pair(shown, tab)
    shown.hold_back(1, 0)
    for number in range(6):
        shown.put(f"A001C00{number}.braw", 4 * PART_BYTES)
    wait_until(lambda: len(shown.jobs()) == 6, timeout_s=30, what="jobs")
    tab.show("/queue")
    rows(tab).nth(5).wait_for()
    before = shown.order()
    moved = before[-1]
    grip = row(tab, moved).locator(".grip")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    goal = row(tab, before[0]).bounding_box()
    tab.page.mouse.move(box["x"] + 20, box["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 20, goal["y"] + goal["height"] * 0.8, steps=5)
    tab.page.mouse.move(box["x"] + 20, goal["y"] + 4, steps=3)
    tab.shoot("journey-drag")
    tab.page.mouse.up()
    wait_until(lambda: shown.order() == [moved, *before[:-1]], timeout_s=10, what="the new order")
