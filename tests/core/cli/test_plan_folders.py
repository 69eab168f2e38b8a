"""`plan` shows the folders that templates make, and what a clip would wait for."""

from __future__ import annotations

import json

FILE = """
pipeline: plan
state: ./state
sources:
  - {id: cards, use: folder, path: ./card, settle: 0s}
sinks:
  - {id: raid, use: disk, path: ./raid, folder: "{card}/{role}"}
  - {id: shelf, use: disk, path: ./raid}
routes:
  - {id: own, when: true, to: [raid, shelf]}
  - {id: wish, when: true, to: [{sink: raid, folder: "{name}-{extension}"}]}
  - {id: scenes, when: true, to: [{sink: raid, folder: "{scene}"}]}
  - {id: made, when: true, steps: [proxy], to: [raid]}
"""


def test_plan_shows_the_folder_at_each_sink(pipeline, tmp_path):
    (tmp_path / "card" / "A001").mkdir(parents=True)
    (tmp_path / "card" / "A001" / "A001C001.csv").write_bytes(b"picture")
    (tmp_path / "raid").mkdir()
    file = tmp_path / "plan.yaml"
    file.write_text(FILE)
    result = pipeline("plan", str(file))
    assert result.exit_code == 0, result.output
    ways = [
        "own: raid (A001/sidecar) + shelf",
        "wish: raid (A001C001-csv)",
        "scenes: raid (waits: no scene yet)",
        "made: proxy → raid (A001/{role})",
    ]
    assert "; ".join(ways) in result.stdout
    [clip] = json.loads(pipeline("plan", str(file), "--json").stdout)["clips"]
    assert clip["routes"][0]["folders"] == {"raid": "A001/sidecar"}


def test_a_field_that_is_none_is_an_error_with_its_place(pipeline, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(FILE.replace("{scene}", "{scne}"))
    result = pipeline("plan", str(file))
    assert result.exit_code == 2
    assert ":12:" in result.stderr.splitlines()[0]
    assert "to 'raid': folder: unknown field 'scne'; did you mean 'scene'?" in result.stderr
