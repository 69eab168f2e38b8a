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


def test_plan_marks_what_was_sent(pipeline, tmp_path):
    (tmp_path / "A001").mkdir()
    clip = tmp_path / "A001" / "A001C001.csv"
    clip.write_bytes(b"picture")
    (tmp_path / "out").mkdir()
    file = tmp_path / "plan.yaml"
    file.write_text(FILE)
    assert pipeline("run", str(file), "--once").exit_code == 3  # one waits for a person
    (tmp_path / "A001" / "A001C002.csv").write_bytes(b"another")

    told = pipeline("plan", str(file)).stdout
    first, second = (line for line in told.splitlines() if "A001C00" in line)
    assert "all: backup, sent already; asked: backup, waiting" in first
    assert "already" not in second
    assert told.endswith("2 clips, 14 B\n")

    file.write_text(FILE.replace("  - {id: asked, when: true, to: [backup], auto: false}\n", ""))
    assert pipeline("plan", str(file)).stdout.endswith("2 clips, 14 B; 1 sent already\n")
    document = json.loads(pipeline("plan", str(file), "--json").stdout)
    [sent], [open_] = (each["routes"] for each in document["clips"])
    assert (sent["state"], sent["sent"]) == ("done", {"backup": str(tmp_path / "out/A001/A001C001.csv")})
    assert (open_["state"], open_["sent"]) == ("", {})
    assert (document["totals"]["sent"], document["ledger"]) == (1, "")


def test_another_file_by_the_name_of_one_that_was_sent_is_not_marked(pipeline, tmp_path):
    (tmp_path / "A001").mkdir()
    clip = tmp_path / "A001" / "A001C001.csv"
    clip.write_bytes(b"picture")
    (tmp_path / "out").mkdir()
    file = tmp_path / "plan.yaml"
    file.write_text(FILE)
    assert pipeline("run", str(file), "--once").exit_code == 3  # one waits for a person
    clip.write_bytes(b"PICTURE")

    assert "already" not in pipeline("plan", str(file)).stdout
