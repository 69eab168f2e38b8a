"""What `pipeline doctor` prints and how it ends."""

from __future__ import annotations

import json

import pytest
import trio
from click.testing import CliRunner

from rushes.cli import doctor, view
from rushes.cli.root import cli
from rushes.doctor import Finding
from rushes.errors import RushesError

FINE = Finding("ffmpeg", "ok", "ffmpeg version 9")
LOW = Finding("disk", "warning", "state: 1 GB free\x1b[2J", "free some space")
SHUT = Finding("network", "trouble", "cloud: connection refused", "look at the network")


@pytest.fixture
def asked(monkeypatch):
    """Run the verb on these findings; what it ended with, what it printed, and whom it looked at."""

    def call(findings, *arguments):
        patients = []

        async def examine(patient):
            await trio.lowlevel.checkpoint()
            patients.append(patient)
            return findings

        monkeypatch.setattr(doctor, "examine", examine)
        result = CliRunner().invoke(cli, ["doctor", *arguments], prog_name="pipeline")
        assert result.stderr == ""
        return result.exit_code, result.stdout, patients[0]

    return call


@pytest.mark.parametrize(
    ("findings", "status", "last"),
    [
        ([FINE], 0, "all is well"),
        ([FINE, LOW], 0, "1 warning"),
        ([SHUT, FINE, LOW, LOW], 2, "1 trouble, 2 warnings"),
    ],
)
def test_the_end_tells_how_bad_it_is(asked, findings, status, last):
    ended, text, patient = asked(findings)
    assert (ended, text.splitlines()[-1]) == (status, last)
    assert (patient.pipeline, patient.live, patient.connect) == (None, None, False)


def test_each_line_has_its_remedy_and_nothing_drives_the_terminal(asked):
    _, text, _ = asked([FINE, LOW, SHUT])
    assert text.splitlines()[:3] == [
        "ok       ffmpeg   ffmpeg version 9",
        "warning  disk     state: 1 GB free\\x1b[2J; free some space",
        "trouble  network  cloud: connection refused; look at the network",
    ]


def test_as_json(asked):
    ended, text, _ = asked([SHUT], "--json")
    assert ended == 2
    assert json.loads(text) == {
        "checks": [
            {
                "check": "network",
                "verdict": "trouble",
                "fact": "cloud: connection refused",
                "remedy": "look at the network",
            }
        ]
    }


def test_a_pipeline_that_is_too_stuck_to_tell_is_no_reason_to_give_up(asked, monkeypatch, tmp_path):
    class Stuck:
        def status(self):
            raise RushesError("no answer within 30 s")

    monkeypatch.setattr(view, "connect", lambda _state: Stuck())
    file = tmp_path / "onset.yaml"
    file.write_text(
        "pipeline: onset\nstate: ./state\nsources: [{id: cards, use: folder, path: ./cards}]\n"
        "sinks: [{id: raid, use: disk, path: ./raid}]\nroutes: [{id: all, when: true, to: [raid]}]\n"
    )
    ended, _, patient = asked([FINE], str(file), "--connect")
    assert (ended, patient.live, patient.connect, patient.pipeline.name) == (0, None, False, "onset")
    monkeypatch.setattr(view, "connect", lambda _state: None)
    assert asked([FINE], str(file), "--connect")[2].connect
