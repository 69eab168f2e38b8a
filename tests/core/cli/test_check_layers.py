"""`check` in its three layers, each under its heading; the last line is the verdict."""

from __future__ import annotations

import json

import pytest

FILE = """\
pipeline: check
state: ./state
sources:
  - {id: cards, use: folder, path: ./A001, settle: 0s}
sinks:
  - {id: backup, use: disk, path: ./out}
routes:
  - {id: tables, when: extension = 'csv' and name <> 'left', to: [{sink: backup, folder: "{scene}"}]}
  - {id: idle, when: kind = 'audio', to: [backup]}
"""


@pytest.fixture
def written(tmp_path):
    (tmp_path / "A001").mkdir()
    for name in ("one.csv", "two.csv", "left.csv"):
        (tmp_path / "A001" / name).write_bytes(name.encode())
    (tmp_path / "out").mkdir()
    file = tmp_path / "check.yaml"
    file.write_text(FILE)
    return file


def test_static_alone(pipeline, written):
    result = pipeline("check", str(written))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "static: what the file says, and means on this machine"
    assert lines[-1] == f"{written}: ok"
    assert not [line for line in lines if line.startswith(("connect:", "plan:"))]


def test_plan_says_what_the_rules_leave_out_and_that_is_no_error(pipeline, written):
    result = pipeline("check", str(written), "--connect", "--plan")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    connected, planned = (
        next(place for place, line in enumerate(lines) if line.startswith(heading))
        for heading in ("connect:", "plan:")
    )
    assert lines[connected + 1 : planned] == ["source cards: ok", "sink backup: ok"]
    assert lines[planned] == "plan: 3 clips here now, 22 B"
    assert lines[planned + 1 :] == [
        "no route takes left.csv",
        "route idle takes nothing",
        "route tables: the folder of one.csv and 1 more at backup waits: no scene yet",
        f"{written}: ok, 3 remarks",
    ]
    told = json.loads(pipeline("check", str(written), "--plan", "--json").stdout)["plan"]
    assert (told["nowhere"], told["idle"], told["broken"]) == (["left.csv"], ["idle"], [])
    assert {each["name"] for each in told["missing"]} == {"one.csv", "two.csv"}


def test_an_error_of_one_layer_is_told_there_and_counts(pipeline, written, tmp_path):
    (tmp_path / "out").rmdir()
    result = pipeline("check", str(written), "--connect")
    assert result.exit_code == 2, result.output
    lines = result.stdout.splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("connect:"))
    assert "sink backup (disk): ok" in lines[:place]
    assert [line for line in lines[place:] if line.startswith("sink backup: error: ")]
    assert lines[-1] == f"{written}: 1 error"
