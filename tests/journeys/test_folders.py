"""Folders made of what is known: a clip waits visibly for its scene, goes on when it is told; rules have tests."""

from __future__ import annotations

import pytest

from journeys.harness import Journey, wait_until

pytestmark = pytest.mark.timeout(90)


def test_a_clip_waits_for_its_scene_and_goes_into_its_folder(bare: Journey, tmp_path):
    bare.install("couples")
    script, held, reached = (tmp_path / name for name in ("script", "held", "reached"))
    script.touch()
    held.touch()
    raid = bare.disk()
    bare.write_pipeline(
        when="kind = 'audio'",
        prepare=[{"use": "couples", "held": str(held), "reached": str(reached)}],
        sinks=[raid],
        sources=[{"id": "script", "use": "script", "file": str(script)}],
        routes=[
            {"id": "scenes", "when": "true", "to": [{"sink": raid["id"], "folder": "{roll}/{scene}"}]},
        ],
    )

    def told(name):
        job = bare.by_name().get(name)
        return job and (job["state"], job["reason"])

    missing = "no scene yet for folder '{roll}/{scene}'; it goes on as soon as that is told"
    told_one, untold = bare.put("A.one", 1000), bare.put("B.one", 1000)
    run = bare.start()
    for name in ("A.one", "B.one"):
        waits = ("waiting", missing)
        wait_until(lambda name=name, waits=waits: told(name) == waits, timeout_s=20, what=name, process=run)
    assert missing in {each["reason"] for each in bare.ask("status")["attention"]}
    assert not [file for file in bare.raid.rglob("*") if file.is_file()]

    script.write_text("A 12/B\n")
    wait_until(lambda: told("A.one") == ("done", ""), timeout_s=20, what="the scene", process=run)
    there = bare.raid / "A001" / "12_B" / "A.one"
    assert there.read_bytes() == told_one.read_bytes()
    [job] = bare.ask("explain", "A.one")["jobs"]
    assert job["steps"][0]["receipt"]["where"] == str(there)

    bare.ask("queue", "release", bare.by_name()["B.one"]["id"])
    wait_until(lambda: told("B.one")[0] == "parked", timeout_s=20, what="parked", process=run)
    assert "nobody has told its scene" in told("B.one")[1]
    script.write_text("A 12/B\nB 13\n")
    wait_until(
        lambda: bare.ask("explain", "B.one")["clip"]["scene"] == "13", timeout_s=20, what="told", process=run
    )
    bare.ask("queue", "retry", bare.by_name()["B.one"]["id"])
    wait_until(lambda: told("B.one") == ("done", ""), timeout_s=20, what="the retry", process=run)
    assert (bare.raid / "A001" / "13" / "B.one").read_bytes() == untold.read_bytes()


def test_rules_are_tested_by_the_command(bare: Journey):
    (bare.raid).mkdir(exist_ok=True)
    file = bare.write_pipeline(
        sinks=[bare.disk(make=False) | {"folder": "{project:-none}/{day}"}],
        routes=[{"id": "rest", "else": True, "to": ["raid"]}],
    )
    tests = file.with_name("pipeline.test.yaml")
    cases = """
cases:
  - name: picture
    clip: {project: Nocturne, recorded: 2026-11-22 23:59:00}
    routes: [all]
    folder: {raid: Nocturne/2026-11-22}
  - name: sound
    clip: {kind: audio}
    routes: [%s]
"""
    tests.write_text(cases % "rest")
    assert bare.stage.start("test", str(file), name="good").wait(30) == 0
    tests.write_text(cases % "all")
    assert bare.stage.start("test", str(tests), name="failing").wait(30) == 1
    tests.write_text(cases % "al")
    assert bare.stage.start("test", str(tests), name="bad").wait(30) == 2
