"""`plan` says what waits for a person."""

from __future__ import annotations

import json

FILE = """
pipeline: plan
state: ./state
sources:
  - {id: cards, use: folder, path: ./A001, settle: 0s}
sinks:
  - {id: backup, use: disk, path: ./out}
routes:
  - {id: all, when: true, to: [backup]}
  - {id: asked, when: true, to: [backup], auto: false}
"""


def test_plan_tells_which_routes_wait_for_a_person(pipeline, tmp_path):
    (tmp_path / "A001").mkdir()
    (tmp_path / "A001" / "A001C001.csv").write_bytes(b"picture")
    (tmp_path / "out").mkdir()
    file = tmp_path / "plan.yaml"
    file.write_text(FILE)
    result = pipeline("plan", str(file))
    assert result.exit_code == 0, result.output
    assert "all: backup; asked: backup, when a person releases it" in result.stdout
    [clip] = json.loads(pipeline("plan", str(file), "--json").stdout)["clips"]
    assert [(route["route"], route["auto"]) for route in clip["routes"]] == [("all", True), ("asked", False)]
