"""What a person can get wrong at the verbs, and what `check` and `plan` may not do to a set."""

from __future__ import annotations

import json
import subprocess

import pytest

from journeys.masterlockit.conftest import facts, set_stage, start_hub
from journeys.masterlockit.seed_client import SeedClient
from journeys.masterlockit.seed_wire import CAMERA, video

#: The bytes of numbers are the protocol's own tests; here one order is enough.
ORDERS = "<"

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Of one byte order: what a verb says does not hang on it."""
    with set_stage(tmp_path_factory.mktemp("said")) as stage:
        yield start_hub(stage, "<")


@pytest.fixture
def said(hub):
    """`said(verb, ...)`: exit status and stderr of a verb of `pipeline masterlockit` about the hub."""

    def said(verb, *arguments, **variables):
        return tried(hub.stage, "masterlockit", verb, str(hub.file), *arguments, **variables)

    return said


def tried(stage, *arguments, **variables):
    done = subprocess.run(
        stage.command(arguments),
        env=stage.env | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("status", "words", "arguments"),
    [
        (2, "'25:00:00:00' is not a timecode", ["cjam", "25:00:00:00"]),
        (1, "25 does not drop", ["cjam", "10:00:00;00"]),
        (2, "'abc' is not a timecode", ["export", "--kind", "csv", "--from", "abc"]),
        (2, "is a directory", ["export", "--kind", "csv", "-o", "."]),
        (2, "either --settle or --settle-all", ["conflicts", "--settle", "x", "--settle-all"]),
        (4, "no conflict of nosuch", ["conflicts", "--settle", "nosuch"]),
        (4, "no such clip", ["delete", "nosuch", "--yes"]),
        (4, "no device nosuch", ["rename", "nosuch", "x"]),
        (4, "no device nosuch", ["export", "--kind", "csv", "--device", "nosuch"]),
        (1, "no control characters", ["rename", "x", "a\x1bb"]),
    ],
)
def test_it_is_told_with_its_status(said, status, words, arguments):
    verb, *rest = arguments
    told = said(verb, *rest)
    assert told[0] == status
    assert words in told[1]


def test_check_asks_the_hub_whether_it_would_have_us(hub):
    source = {"id": "set", "use": "masterlockit", "host": "127.0.0.1", "port": hub.port, "storage": True}
    before = facts(hub.file.parent / "state")["devices"]
    status, stderr = tried(hub.stage, "check", asking(hub, source), "--connect")
    assert (status, stderr) == (0, "")
    status, _ = tried(
        hub.stage, "check", asking(hub, source), "--connect", RUSHES_MASTERLOCKIT_API_SECRET="wrong"
    )
    assert status == 2
    status, _ = tried(hub.stage, "check", asking(hub, source | {"port": 9}), "--connect")
    assert status == 2
    assert facts(hub.file.parent / "state")["devices"] == before


def asking(hub, source):
    return str(hub.stage.write(json.dumps({"pipeline": "asks", "sources": [source]}), "asks.yaml"))


def test_a_plan_is_no_device_of_the_set(hub):
    source = {"id": "set", "use": "masterlockit", "host": "127.0.0.1", "port": hub.port, "storage": True}
    known = hub.stage.ask("masterlockit", "devices", str(hub.file))
    assert tried(hub.stage, "plan", asking(hub, source)) == (0, "")
    assert hub.stage.ask("masterlockit", "devices", str(hub.file)) == known


def test_another_hub_on_the_same_state_leaves_the_file_of_the_first(hub):
    written = hub.file.read_text()
    status, stderr = tried(
        hub.stage, "masterlockit", "hub", "--listen", "127.0.0.1:1", "--state", str(hub.file.parent)
    )
    assert status == 1
    assert f"{hub.file}: the pipeline runs already" in stderr
    assert hub.file.read_text() == written


def test_a_hub_whose_address_is_taken_says_so_and_ends(hub, tmp_path):
    taken = f"127.0.0.1:{hub.port}"
    status, stderr = tried(
        hub.stage, "masterlockit", "hub", "--listen", taken, "--state", str(tmp_path / "other")
    )
    assert (status, stderr) == (
        1,
        f"error: cannot listen on {taken} (address already in use); choose another address or port\n",
    )


def test_a_report_at_rest_is_that_of_the_running_hub(tmp_path):
    with set_stage(tmp_path) as stage:
        hub = start_hub(stage, "<")
        camera = SeedClient(hub.port, "<", 7)
        camera.register(CAMERA)
        place = {"tcStartSeconds": 36000, "tcStartFrames": 0, "tcStopSeconds": 36061, "tcStopFrames": 12}
        assert camera.event(CAMERA, video("v1", 7, sensorFPS="50", **place)).code is None
        camera.close()
        ask = ("masterlockit", "export", str(hub.file), "--kind", "csv", "-o")
        stage.ask(*ask, str(tmp_path / "running.csv"))
        hub.process.kill()
        hub.file.write_text(hub.file.read_text().replace(', project_rate: "25"', ""))
        stage.ask(*ask, str(tmp_path / "rest.csv"))
        running = (tmp_path / "running.csv").read_text()
        assert ',"25","project",' in running
        assert (tmp_path / "rest.csv").read_text() == running
