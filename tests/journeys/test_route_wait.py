"""A clip waits for its sound through kills: until that comes, or for as long as its route says."""

from __future__ import annotations

import pytest

from journeys.harness import Journey, wait_until

pytestmark = pytest.mark.timeout(90)

WAITING = ("waiting", "waiting for sound")


def test_a_clip_waits_for_its_sound_through_kills(bare: Journey, tmp_path):
    bare.install("couples")  # one that has its other is matched
    script, held, reached = (tmp_path / name for name in ("script", "held", "reached"))
    script.touch()
    held.touch()
    routes = [
        {"id": "patient", "when": "name = 'A'", "to": ["raid"], "wait": {"for": "sound", "at_most": "1h"}},
        {"id": "brief", "else": True, "to": ["raid"], "wait": {"for": "sound", "at_most": "5s"}},
    ]
    bare.write_pipeline(
        when="kind = 'audio'",
        prepare=[{"use": "couples", "held": str(held), "reached": str(reached)}],
        sinks=[bare.disk()],
        sources=[{"id": "script", "use": "script", "file": str(script)}],
        routes=routes,
    )

    def told(name):
        job = bare.by_name().get(name)
        return job and (job["state"], job["reason"])

    bare.put("A.one", 1000)
    run = bare.start()
    wait_until(lambda: told("A.one") == WAITING, timeout_s=20, what="waiting", process=run)
    until = bare.by_name()["A.one"]["until"]
    run.kill()
    assert bare.ask("status")["route_waits"] == [
        {"reason": "waiting for sound", "jobs": 1, "until": until, "last": until}
    ]

    run = bare.start()
    assert told("A.one") == WAITING
    assert bare.by_name()["A.one"]["until"] == until
    bare.put("A.two", 1000)
    wait_until(lambda: told("A.two") == told("A.one") == ("done", ""), timeout_s=20, what="both", process=run)

    bare.put("B.one", 1000)
    wait_until(lambda: told("B.one") == WAITING, timeout_s=20, what="waiting", process=run)
    until = bare.by_name()["B.one"]["until"]
    run.kill()
    assert bare.run("--once").wait(40) == 0
    assert told("B.one") == ("done", "")
    [done] = [event for event in bare.ask("explain", "B.one")["events"] if event["kind"] == "step.done"]
    assert done["at"] >= until
    routes = {route["route"]: route["why"] for route in bare.ask("explain", "B.one")["routes"]}
    assert routes["patient"] == "not name = 'A' (name is 'B')"
    assert routes["brief"] == ""
