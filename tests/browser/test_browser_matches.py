"""What cannot be told apart is decided at the page: the clip is linked, nobody is asked again, the terminal agrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from browser_rig import Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)
DECIDED = re.compile("^(Accept|Reject)")
UNDO = re.compile("^Undo what was said")


@pytest.fixture
def shown(tmp_path, browser):
    with Shown(tmp_path) as shown:
        pictures = {"id": "pictures", "when": "kind = 'video'", "to": ["frameio"]}
        shown.write(routes=[pictures, {"id": "backup", "when": True, "to": ["raid"]}])
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


def needed(shown) -> int:
    """How many things need a person; what goes on by itself is only told."""
    return sum(each["things"] for each in shown.client.status()["attention"] if not each["by_itself"])


def states(shown, name: str) -> list[str]:
    """Of the jobs of that file."""
    return [job["state"] for job in shown.client.jobs()["jobs"] if job["name"] == name]


def differing(candidate) -> Mapping[str, str]:
    """What is marked of a candidate, by name."""
    rows = candidate.locator(".differs")
    names, values = rows.locator("dt").all_inner_texts(), rows.locator("dd").all_text_contents()
    return {name: value.removesuffix(" (differs)") for name, value in zip(names, values, strict=True)}


def recorded(candidate) -> Mapping[str, str]:
    """When its file says it was made, which only differs where that took long."""
    return {name: value for name, value in differing(candidate).items() if name in ("Recorded", "Size")}


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
    wait_until(lambda: counted(tab) == (needed(shown),) * 2, timeout_s=10, what="one number everywhere")
    # What is not done here is a click away, and nobody is told of a terminal.
    connect = tab.page.get_by_role("link", name="Connect Frame.io")
    assert connect.get_attribute("href") == "#/connection/frameio"
    assert "pipeline " not in tab.page.locator("main").inner_text()
    # What tells them apart is marked, what does not is not; each can be heard, the picture seen.
    asked = tab.page.get_by_role("region", name="What belongs to A001C001.mov")
    of_second = asked.get_by_role("listitem", name=re.compile("SND02"))
    assert differing(of_second) == {"Card": "SND02", "Timecode": "11:00:00:00 – 11:00:04:00"} | recorded(
        of_second
    )
    assert asked.locator("audio[controls][preload=none]").count() == 2
    assert asked.locator("img").evaluate_all(
        "all => all.map((each) => each.complete && each.naturalWidth > 0)"
    ) == [True]
    of_second.get_by_text("Another sound has the same scene and take").wait_for()
    assert asked.get_by_text("Ambiguous").count() == 0
    own = of_second.get_by_role("link", name="12-T003.wav").get_attribute("href")
    tab.shoot("match-question")

    # A no to one leaves a question about the other.
    tab.button(re.compile(r"^Reject 12-T003\.wav \(SND01")).click()
    asked.get_by_text("The only one left is 12-T003.wav of SND02").wait_for()
    assert questions(shown) == 1
    asked.get_by_role("button", name=UNDO).click()
    tab.button(re.compile(r"^Reject 12-T003\.wav \(SND01")).wait_for()

    # The answer stays where it was given, and can be taken back there.
    accept.click()
    tab.page.get_by_text("12-T003.wav of SND02 belongs to A001C001.mov now").wait_for()
    asked.get_by_text("Belongs to it", exact=True).wait_for()
    tab.button(DECIDED).wait_for(state="detached")
    wait_until(lambda: questions(shown) == 0, timeout_s=20, what="the answer")
    asked.get_by_role("button", name=UNDO).click()
    accept.wait_for()
    wait_until(lambda: questions(shown) == 1, timeout_s=20, what="the question that was asked before")
    accept.click()
    tab.button(DECIDED).wait_for(state="detached")
    wait_until(lambda: questions(shown) == 0, timeout_s=20, what="the answer that stands")
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
    there.get_by_text("Belongs to it", exact=True).wait_for()
    tab.page.get_by_text("Sound 12-T003.wav accepted by a person").first.wait_for()
    tab.shoot("match-accepted")
    there.get_by_role("button", name=UNDO).click()
    there.get_by_text("Ambiguous", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 1, timeout_s=20, what="the question again")

    # A no to both answers it as well; the toast takes the last one back.
    for card in ("SND01", "SND02"):
        one = belongs.get_by_role("listitem", name=re.compile(card))
        one.get_by_role("button", name=re.compile("^Reject")).click()
        one.get_by_text("Does not belong to it", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 0, timeout_s=20, what="the second answer")
    assert pairs(shown, "--all") == {(picture, first): "rejected", (picture, second): "rejected"}
    tab.page.get_by_role("button", name="Undo").last.click()
    there.get_by_text("Ambiguous", exact=True).wait_for()
    wait_until(lambda: questions(shown) == 1, timeout_s=20, what="the question for the third time")

    # The other side knows as well.
    tab.show(own.removeprefix("#"))
    tab.page.get_by_text("Picture A001C001.mov accepted by a person").first.wait_for()


def test_a_proxy_that_may_be_of_two_recordings_is_accepted(shown, tab):
    proxy, one, two = shown.add_ambiguous()
    broken = shown.cards / "ONE" / "C0009.mov"
    broken.write_bytes(b"no picture" * 1000)
    wait_until(lambda: questions(shown) == 1, timeout_s=40, what="the question")
    tab.show("/attention")
    tab.button(re.compile(r"^Accept C0001\.mov \(TWO")).click()
    tab.button(DECIDED).wait_for(state="detached")
    wait_until(lambda: questions(shown) == 0, timeout_s=20, what="the answer")
    everything = pairs(shown, "--all")
    assert (everything[proxy, two], everything[proxy, one]) == ("matched", "lost")

    # Two jobs that fail for one reason are one thing, counted alike everywhere, and one press does for both.
    wait_until(lambda: states(shown, "C0009.mov") == ["parked"] * 2, timeout_s=20, what="what is broken")
    failed = tab.page.get_by_role("region", name="Failed").get_by_role("listitem")
    failed.get_by_text("This file cannot be read as media.").wait_for()
    assert failed.count() == 1
    failed.get_by_text("To Frame.io and raid").wait_for()
    failed.get_by_text(re.compile(r"^Failed at [0-9:]{8}$")).wait_for()
    wait_until(lambda: counted(tab) == (needed(shown),) * 2, timeout_s=10, what="one number everywhere")
    tab.show("/")
    needs = tab.page.get_by_role("region", name="Needs you")
    needs.get_by_text("C0009.mov").wait_for()
    assert needs.get_by_text("C0009.mov").count() == 1
    tab.show("/attention")
    tab.button(re.compile("^Cancel both jobs of C0009")).click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel 2 jobs").click()
    # What was done stays in its place until the page is left: nothing else comes under the finger.
    failed.get_by_text("Cancelled").wait_for()
    assert failed.get_by_role("button").count() == 0
    tab.show("/")
    tab.show("/attention")
    tab.text("Needs attention").first.wait_for()
    failed.wait_for(state="detached")
    assert states(shown, "C0009.mov") == ["cancelled"] * 2

    whole = (shown.cards / "ONE" / "C0001.mov").read_bytes()
    (shown.cards / "ONE" / "C0010.mov").write_bytes(whole[: len(whole) * 2 // 3])
    failed.get_by_text("This file is not whole.").wait_for()
