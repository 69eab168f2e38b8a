"""`pipeline doctor FILE` beside real pipelines: what it tells, and that nothing is otherwise afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from journeys.harness import Journey, wait_until
from rushes.api.client import connect

pytestmark = pytest.mark.timeout(60)


def tree(bare: Journey) -> dict[str, tuple]:
    """All that is in the journey's folders but what its processes say: mode, owner, time, bytes."""
    found = {}
    for top in (bare.stage.root, Path(bare.stage.env["RUSHES_RUNTIME_DIR"])):
        for path in (top, *sorted(top.rglob("*"))):
            if path.is_relative_to(bare.stage.logs) or not os.path.lexists(path):
                continue
            kind = path.lstat()
            data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[str(path)] = (kind.st_mode, kind.st_uid, kind.st_ino, kind.st_mtime_ns, kind.st_size, data)
    return found


def doctor(bare: Journey, *options: str) -> dict[str, list[tuple[str, str, str]]]:
    """Its findings by check; ended with 2 where one is trouble."""
    asked = bare.stage.start("doctor", str(bare.file), "--json", *options, name="doctor")
    status = asked.wait(40)
    checks = json.loads(asked.out.read_bytes())["checks"]
    assert status == (2 if any(each["verdict"] == "trouble" for each in checks) else 0)
    found: dict[str, list[tuple[str, str, str]]] = {}
    for each in checks:
        found.setdefault(each["check"], []).append((each["verdict"], each["fact"], each["remedy"]))
    return found


def test_nothing_is_changed_before_a_first_run(bare: Journey):
    bare.write_pipeline(sinks=[bare.disk()], when="true")
    bare.put("A.one", 1000)
    shutil.rmtree(bare.stage.env["RUSHES_RUNTIME_DIR"])
    before = tree(bare)
    found = doctor(bare)
    assert tree(bare) == before
    assert not bare.stage.state.exists()
    assert not Path(bare.stage.env["RUSHES_RUNTIME_DIR"]).exists()
    assert found["pipeline"] == [("ok", "does not run", "")]
    assert [verdict for verdict, *_ in found["sockets"]] == ["ok"]
    assert {fact.partition(":")[0] for _, fact, _ in found["disk"]} == {"state", "raid"}


def test_nothing_is_changed_while_it_runs_nor_after(bare: Journey):
    bare.write_pipeline(sinks=[bare.disk()], when="true")
    bare.put("A.one", 1000)
    run = bare.start()
    wait_until(bare.job_is("A.one", "done"), timeout_s=20, what="a copy", process=run)
    before = tree(bare)
    found = doctor(bare)
    assert tree(bare) == before
    assert found["pipeline"] == [("ok", f"runs as process {run.pid}", "")]
    assert found["sink"] == [("ok", "raid: open", "")]
    assert found["permissions"][0][0] == "ok"

    # --connect does not open what is open.
    assert doctor(bare, "--connect")["sink"] == [("ok", "raid: open", "")]
    run.signal(15)
    assert run.wait(20) == 0
    before = tree(bare)
    assert doctor(bare)["sink"] == [("ok", "raid: its options are sound; --connect tries it", "")]
    assert tree(bare) == before


def test_a_component_that_the_running_pipeline_lacks(bare: Journey):
    bare.write_pipeline(sinks=[bare.disk(make=False)], when="true")
    bare.put("A.one", 1000)
    run = bare.start()

    def lost() -> bool:
        client = connect(bare.stage.state)
        return client is not None and any(
            each["id"] == "raid" and each["state"] == "unavailable" for each in client.status()["components"]
        )

    wait_until(lost, timeout_s=20, what="a sink without its folder", process=run)
    [(verdict, fact, _)] = doctor(bare)["sink"]
    assert (verdict, fact.startswith("raid: "), str(bare.raid) in fact) == ("trouble", True, True)


def test_a_service_is_looked_for_and_asked_for_nothing(bare: Journey):
    sandbox = bare.start_sandbox()
    bare.write_pipeline()
    found = doctor(bare)
    [(verdict, fact, _)] = found["network"]
    assert (verdict, fact.startswith(f"frameio: {sandbox.url} in ")) == ("ok", True)
    assert ("ok", "agrees with that of frameio", "") in found["clock"]
    [(verdict, fact, _)] = found["certificate"]
    assert (verdict, sandbox.ca_file in fact) == ("ok", True)
    assert (sandbox.breaches(), sandbox.assets()) == ([], [])

    sandbox.process.kill()
    [(verdict, fact, remedy)] = doctor(bare)["network"]
    assert (verdict, "connection refused" in fact, remedy != "") == ("trouble", True, True)


def test_another_file_on_the_same_state_folder(bare: Journey):
    bare.write_pipeline(sinks=[bare.disk()], when="true")
    bare.start()
    other = bare.stage.write(bare.file.read_text(), "other.yaml")
    bare.file = other
    [(verdict, fact, remedy)] = doctor(bare)["pipeline"]
    assert (verdict, "pipeline.yaml runs" in fact, "of its own" in remedy) == ("trouble", True, True)
