"""What cannot be told apart is decided at the page: the clip is linked, nobody is asked again, the terminal agrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from browser_rig import Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)
DECIDED = re.compile("^(Accept|Reject|Forget)")


@pytest.fixture
def shown(tmp_path, browser):
    with Shown(tmp_path) as shown:
        shown.write()
        shown.serve()
        yield shown


@pytest.fixture
def tab(browser, shown):
    with Tab(browser, shown, size="tablet") as tab:
        tab.sign_in()
        yield tab


def questions(shown) -> int:
    """For how many things a person is asked what belongs together."""
    asked = [each for each in shown.client.status()["attention"] if each["kind"] == "match"]
    return sum(each["things"] for each in asked)


def pairs(shown, *options: str) -> Mapping[tuple[str, str], str]:
    """What the terminal says: states by where either side lies."""
    listed = shown.ask("match", "list", *options)["pairs"]

    def place(side: Mapping[str, Any]) -> str:
        return "/".join(filter(None, (side["card"], side["folder"], side["name"])))

    return {(place(pair["clip"]), place(pair["other"])): pair["state"] for pair in listed}


def counted(tab) -> tuple[int, int]:
    """What the badge says, and what the view of it says."""
    badge = tab.page.locator("nav .badge").first.inner_text()
    note = tab.page.get_by_text(re.compile(r"^[0-9]+\s*things?$")).first.inner_text()
    return int(re.findall("[0-9]+", badge)[0]), int(re.findall("[0-9]+", note)[0])


def test_one_of_two_sounds_is_accepted_and_taken_back(shown, tab):
    shown.add_two_takes()
    picture, first, second = (
        "A001/A001C001.mov", "SND01/261122/12-T003.wav", "SND02/261122/12-T003.wav",
    )  # fmt: skip
    wait_until(lambda: questions(shown) == 1, timeout_s=40, what="the question")
    assert pairs(shown) == {(picture, first): "ambiguous", (picture, second): "ambiguous"}
    tab.page.get_by_role("link", name=re.compile("Attention")).first.click()
    # Both are called alike: their cards tell them apart.
    accept = tab.button(re.compile(r"^Accept 12-T003\.wav \(SND02"))
    accept.wait_for()
    assert len(set(tab.page.get_by_role("button", name=re.compile("^Accept")).all_inner_texts())) == 1
    assert counted(tab) == (len(shown.client.status()["attention"]),) * 2
    tab.shoot("match-question")

    accept.click()
    tab.button(DECIDED).wait_for(state="detached")
    assert questions(shown) == 0
    everything = pairs(shown, "--all")
    assert everything[picture, second] == "matched"
    assert everything.get((picture, first)) != "ambiguous"
    assert pairs(shown) == {}
    clip = next(job["clip"] for job in shown.jobs() if job["name"] == "A001C001.mov")
    [linked] = [link for link in shown.ask("explain", clip)["links"] if link["state"] == "matched"]
    assert (linked["card"], linked["evidence"]["by"]) == ("SND02", "person")

    # The clip's own page says the same, and takes it back.
    tab.show(f"/clips/{clip}")
    belongs = tab.page.get_by_role("region", name="Belongs to")
    there = belongs.get_by_role("listitem", name=re.compile("SND02"))
    there.get_by_text("Matched", exact=True).wait_for()
    tab.shoot("match-accepted")
    there.get_by_role("button", name=re.compile("^Forget")).click()
    there.get_by_text("Ambiguous", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 1, timeout_s=20, what="the question again")

    # A no to both answers it as well; the toast takes the last one back.
    for card in ("SND01", "SND02"):
        one = belongs.get_by_role("listitem", name=re.compile(card))
        one.get_by_role("button", name=re.compile("^Reject")).click()
        one.get_by_text("Rejected", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 0, timeout_s=20, what="the second answer")
    assert pairs(shown, "--all") == {(picture, first): "rejected", (picture, second): "rejected"}
    tab.page.get_by_role("button", name="Undo").last.click()
    there.get_by_text("Ambiguous", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 1, timeout_s=20, what="the question for the third time")


def test_a_proxy_that_may_be_of_two_recordings_is_accepted(shown, tab):
    proxy, one, two = shown.add_ambiguous()
    wait_until(lambda: questions(shown) == 1, timeout_s=40, what="the question")
    tab.show("/attention")
    tab.button(re.compile(r"^Accept C0001\.mov \(TWO")).click()
    tab.button(DECIDED).wait_for(state="detached")
    assert questions(shown) == 0
    everything = pairs(shown, "--all")
    assert (everything[proxy, two], everything[proxy, one]) == ("matched", "lost")
