"""A pipeline whose file is edited while it runs: well, badly, mended; and the same at SIGHUP and when asked."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import termios

import pytest

from journeys.harness import Journey, wait_until
from rushes.api.client import connect

pytestmark = pytest.mark.timeout(90)


def test_a_file_that_is_edited_while_it_runs(bare: Journey):
    def write(*rules):
        bare.write_pipeline(
            when="name = 'A'",
            sinks=[bare.disk()],
            routes=[
                {"id": f"more{number}", "when": rule, "to": ["raid"]} for number, rule in enumerate(rules)
            ],
        )

    def refusals():
        return [item["reason"] for item in bare.ask("status")["attention"] if item["subject"] == "rules"]

    def done(*names):
        return lambda: (
            sorted(name for name, job in bare.by_name().items() if job["state"] == "done") == [*names]
        )

    write()
    for name in "ABCD":
        bare.put(f"{name}.one", 1000)
    run = bare.start()
    wait_until(done("A.one"), timeout_s=20, what="the first", process=run)

    write("name = 'B'")
    wait_until(done("A.one", "B.one"), timeout_s=10, what="a good edit", process=run)

    bare.file.write_text(bare.file.read_text().replace("name = 'B'", "nmae = 'B'"))
    wait_until(lambda: refusals() != [], timeout_s=10, what="a refusal", process=run)
    [reason] = refusals()
    assert "unknown column 'nmae'; did you mean 'name'?" in reason
    assert reason.startswith(f"{bare.file}:")
    refused = bare.stage.start("reload", str(bare.file), name="reload")
    assert refused.wait(20) == 2
    error, _line, caret = refused.err.read_text().splitlines()
    assert error == f"error: {reason}; the rules of before stay in force"
    assert caret.strip() == "^^^^"

    write("name = 'B'", "name = 'C'")
    wait_until(done("A.one", "B.one", "C.one"), timeout_s=10, what="mended", process=run)
    assert refusals() == []

    write("name = 'B'", "name IN ('C', 'D')")
    run.signal(signal.SIGHUP)
    wait_until(done("A.one", "B.one", "C.one", "D.one"), timeout_s=10, what="a signal", process=run)
    told = bare.ask("reload")
    assert (told["changed"], told["jobs"]["opened"]) == ({}, 0)
    assert (told["last"]["changed"], told["last"]["jobs"]["opened"]) == ({"more1": ["when"]}, 1)
    again = bare.stage.start("reload", str(bare.file), name="again")
    assert again.wait(20) == 0
    before_that = r"pipeline\.yaml: as it was when it was last reloaded, at [-\d :]+: "
    assert re.fullmatch(before_that + r"1 job opened \(changed route more1: when\)\n", again.out.read_text())
    before = bare.ask("plan", "--history")
    assert (before["compared"], before["changed"], before["clips"]) == (True, 0, 4)

    lines = run.out.read_text().splitlines()
    told = [line.split(" ", 1)[1] for line in lines if "reloaded" in line]
    assert told[0] == "reloaded pipeline.yaml: 1 job opened (new route more0)"
    # Once, although it was asked for again.
    assert told[1] == f"not reloaded: {reason}; the rules of before stay in force"
    assert told[2] == "reloaded pipeline.yaml: 1 job opened (new route more1)"
    assert told[3] == "reloaded pipeline.yaml: 1 job opened (changed route more1: when)"
    assert re.match("reloaded pipeline.yaml: as it was when it was last reloaded, at ", told[4])
    assert (bare.stage.state / "logs" / "pipeline.log").read_text().count("not reloaded: ") == 1

    # A crash, and a start after it: nothing is sent twice.
    run.kill()
    assert bare.run("--once").wait(40) == 0
    assert len(bare.jobs()) == 4


def test_a_terminal_that_closes_drains(bare: Journey):
    bare.write_pipeline(sinks=[bare.disk()])
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        bare.stage.command(("run", str(bare.file))),
        env=bare.stage.env,
        stdin=theirs,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing else makes it its terminal
    )
    try:
        os.close(theirs)
        wait_until(lambda: connect(bare.stage.state) is not None, timeout_s=30, what="its API")
        run.send_signal(signal.SIGHUP)
        log = bare.stage.state / "logs" / "pipeline.log"
        wait_until(lambda: "reloaded: " in log.read_text(), timeout_s=10, what="a reload")
        os.close(ours)
        said, _ = run.communicate(timeout=20)
    finally:
        run.kill()
    assert run.returncode == 0
    assert b"the rules are as they were" in said
    assert b"draining: " in said
