"""Ctrl-C at a pairing, with real processes: with a pipeline running, and without."""

import signal
import time

import pytest

from forked import QuickStage
from rushes import RushesError

PATIENCE_S = 30


def wait_for(fact):
    until = time.monotonic() + PATIENCE_S
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.02)


def runs(stage, file):
    try:
        return stage.ask("status", str(file))["running"]
    except RushesError:  # it has no ledger yet
        return False


@pytest.mark.parametrize("running", [False, True])
def test_cancelling_drops_the_code_and_changes_nothing(tmp_path, running):
    with QuickStage(tmp_path) as stage:
        sandbox = stage.sandbox("--interval", "1s")
        file = stage.write(
            f"""
sources: [{{id: cards, use: folder, path: {stage.cards}}}]
sinks: [{{id: frameio, use: frameio, api_url: "{sandbox.url}", ca_file: {sandbox.ca_file}}}]
routes: [{{id: all, when: "true", to: [frameio]}}]
state: {stage.state}
"""
        )
        if running:
            stage.run(file)
            wait_for(lambda: runs(stage, file))
        pair = stage.start("frameio", "pair", str(file), "--json", name="pair")
        wait_for(lambda: "user_code" in pair.err.read_text() or not pair.running)
        pair.signal(signal.SIGINT)
        assert pair.wait(PATIENCE_S) == 130, pair.err.read_text()
        assert pair.err.read_text().splitlines()[-1] == "cancelled; nothing was changed"
        assert pair.out.read_text() == ""
        asked = len(sandbox.ask("GET", "/_sandbox/log"))
        whoami = stage.start("frameio", "whoami", str(file), "--json", name="whoami")
        assert whoami.wait(PATIENCE_S) == 5
        if running:  # an action that went on in the pipeline would poll within the interval of 1 s
            time.sleep(1.5)
        calls = sandbox.ask("GET", "/_sandbox/log")[asked:]
        assert [call for call in calls if "/v2/auth" in call["path"]] == []
