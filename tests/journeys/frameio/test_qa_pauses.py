"""Checklist, QA: a pause in the project protects what is made while it lasts, and only that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from journeys.frameio.live import PART_BYTES, Live
from journeys.frameio.recorders import after, insert, moment, record
from journeys.harness import sha256

#: How well the begin of what is recorded here is known, and a second of rounding.
MARGIN_S = 3.1
#: Parts that arrive before the pause, at most.
BEFORE = 8
MADE_IN_PAUSE = "made while the project was paused; Frame.io refuses it for good"
OVERLAPS = "over an end of a pause"
pytestmark = pytest.mark.timeout(60)


@dataclass(frozen=True)
class Day:
    """A pause on the set, in seconds since the epoch, and what was recorded around it."""

    live: Live
    paused: float
    resumed: float
    on_its_way: Path
    older: Path
    over_begin: Path
    inside: Path
    over_end: Path
    later: Path

    def delivered(self, path):
        """Its asset, once it is there."""
        self.live.wait_for(path)
        asset = self.live.only(path)
        assert (asset["state"], asset["sha256"]) == ("complete", sha256(path))
        return asset


@pytest.fixture(scope="module")
def day(service, tmp_path_factory):
    """It takes its time: what is recorded is judged by when it was."""
    times = {}

    def change(word, paused):
        service.order(word, device=live.device)
        times[word] = time.time()
        live.wait(lambda: live.facts["paused"] is paused, "the change to be seen")

    with Live(tmp_path_factory.mktemp("paused"), service) as live:
        live.begin(prepare=["probe"])
        card = live.cards / "Z001"
        card.mkdir()
        live.hold_back(BEFORE, 0.5)
        on_its_way = card / "Z001C001.bin"

        def begin():
            insert(card, on_its_way.name, (BEFORE + 1) * PART_BYTES, time.time() - 600)
            live.wait(lambda: live.arrived_of(on_its_way), "its first part")
            change("pause", True)

        over_begin = record(card / "Z001T002.wav", 4, begin)
        older = insert(card, "Z001C003.bin", PART_BYTES, time.time() - 3600)
        live.sandbox.clear()
        after(times["pause"] + MARGIN_S)
        inside = record(card / "Z001T004.wav")
        live.wait_for(inside, "parked")
        live.wait_for(older)
        over_end = record(card / "Z001T005.wav", 4, lambda: change("resume", False))
        after(times["resume"] + MARGIN_S)
        later = record(card / "Z001T006.wav")
        yield Day(
            live=live,
            paused=times["pause"],
            resumed=times["resume"],
            on_its_way=on_its_way,
            older=older,
            over_begin=over_begin,
            inside=inside,
            over_end=over_end,
            later=later,
        )


def test_what_is_made_in_a_pause_is_refused_also_after_it(day):
    live = day.live
    job = live.wait_for(day.inside, "parked", MADE_IN_PAUSE)
    assert any(MADE_IN_PAUSE in note["reason"] for note in live.client.status()["attention"])
    asked = live.service.log()[-1]["seq"]
    # Whoever retries it when the pause is over learns the same.
    live.client.queue("retry", [job["id"]])
    live.wait(lambda: 409 in [call["status"] for call in live.service.log(asked)], "another refusal")
    live.wait_for(day.inside, "parked", MADE_IN_PAUSE)
    assert live.assets(day.inside) == []


def test_what_was_made_before_a_pause_goes_on_in_it(day):
    for path in (day.on_its_way, day.older):
        assert day.paused < moment(day.delivered(path)["completed_at"]) < day.resumed


def test_what_is_made_after_a_pause_arrives(day):
    asset = day.delivered(day.later)
    assert moment(asset["created_at"]) - asset["offset"] > day.resumed


def test_a_clip_that_reaches_into_a_pause_waits_for_a_person(day):
    job = day.live.wait_for(day.over_begin, "waiting", OVERLAPS)
    assert day.live.assets(day.over_begin) == []
    day.live.client.queue("release", [job["id"]])
    asset = day.delivered(day.over_begin)
    assert moment(asset["created_at"]) - asset["offset"] < day.paused


def test_a_clip_that_reaches_out_of_a_pause_waits_for_a_person_and_is_frameios_to_judge(day):
    job = day.live.wait_for(day.over_end, "waiting", OVERLAPS)
    day.live.client.queue("release", [job["id"]])
    day.live.wait_for(day.over_end, "parked", MADE_IN_PAUSE)
    assert day.live.assets(day.over_end) == []
