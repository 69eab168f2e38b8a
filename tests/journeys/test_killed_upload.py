"""Originals go up as they are; the plug is pulled in the middle; everything arrives once."""

from __future__ import annotations

import pytest

from journeys.harness import Journey, wait_until

PART_BYTES = 256 * 1024


@pytest.mark.timeout(120)
def test_a_killed_run_goes_on_where_it_was(card, tmp_path):
    with Journey(tmp_path) as journey:
        sandbox = journey.start_sandbox("--part-size", "256KiB")
        journey.write_pipeline(when="size > 100000 and problem is null", parts_in_flight=2)
        journey.pair()
        journey.add_card(card.folder)
        journey.hold_back(8, 0.1)
        run = journey.run()
        wait_until(lambda: arrived(sandbox) >= 4, timeout_s=40, what="four parts", process=run)
        run.kill()
        sandbox.clear()
        assert journey.run("--once").wait(60) == 0
        assert journey.states() == {"done": 4}
        journey.assert_delivered_once(
            [card.path(file.filename) for file in card.files if file.kind != "image" and not file.broken]
        )
        # Two clips may be on their way at once.
        assert journey.resent() <= 2 * 2 * PART_BYTES
        assert sandbox.breaches() == []


def arrived(sandbox):
    return sum(part["puts"] for asset in sandbox.assets() for part in asset["parts"])
