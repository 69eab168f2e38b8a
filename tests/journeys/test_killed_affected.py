"""Killed at any moment, a pipeline forgets neither a clip that another affects nor one that a record affects."""

from __future__ import annotations

import pytest

from journeys.harness import Journey, wait_until

pytestmark = pytest.mark.timeout(90)


def test_no_kill_loses_a_clip_that_was_to_be_annotated_again(bare: Journey, tmp_path):
    bare.install("couples")
    script, held, reached = (tmp_path / name for name in ("script", "held", "reached"))
    script.touch()
    held.touch()
    bare.write_pipeline(
        when="matched = 'matched' and (scene = '12' or name >= 'C2')",
        prepare=[{"use": "couples", "held": str(held), "reached": str(reached)}],
        sinks=[bare.disk()],
        sources=[{"id": "script", "use": "script", "file": str(script)}],
    )
    names = [f"C{number}" for number in range(4)]
    for name in names:
        bare.put(f"{name}.one", 1000)
    assert bare.run("--once").wait(40) == 0

    def others():
        for name in names:
            bare.put(f"{name}.two", 1000)

    def scenes():
        script.write_text("C0 12\nC1 12\n")  # the others are only annotated again because of clips

    # Each kill is taken up by the run that is killed next, where it gets further.
    for news, moment in ((others, "clips"), (None, "again"), (scenes, "records"), (None, "again")):
        held.write_text(moment)
        run = bare.run()
        if news:
            news()
        wait_until(reached.exists, timeout_s=30, what=f"asking about {moment}", process=run)
        run.kill()
        reached.unlink()
    held.write_text("")
    assert bare.run("--once").wait(40) == 0
    assert {job["name"]: job["state"] for job in bare.jobs()} == {
        f"{name}.{kind}": "done" for name in names for kind in ("one", "two")
    }
    assert [link["name"] for link in bare.ask("explain", "C3.one")["links"]] == ["C3.two"]
