"""Every address that a whole journey looks up or connects to, by the interpreter's own audit of sockets."""

import json
import os
import subprocess
import sys
from pathlib import Path

JOURNEY = Path(__file__).with_name("journey_audited.py")


def test_only_the_service_and_its_upload_host_are_connected_and_only_over_tls(tmp_path):
    environment = {**os.environ, "RUSHES_FRAMEIO_CLIENT_SECRET": "sandbox-secret"}
    done = subprocess.run(
        [sys.executable, str(JOURNEY), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    api, uploads = seen["api"], seen["uploads"]
    # What was looked up, and what was connected to: the names in `api_url` and in the parts' urls alone.
    assert set(seen["looked_up"]) <= {api["host"], uploads["host"], "127.0.0.1", "::1"}
    assert {tuple(address) for address in seen["connected"]} == {("127.0.0.1", api["port"])}
    assert len(seen["connected"]) >= 3
    assert {host for host, _ in seen["routed"]} <= {"127.0.0.1", "::1"}
    # The sandbox refuses and notes plain HTTP, calls without a version, and parts with one.
    assert seen["violations"] == []
    calls = [each for each in seen["log"] if each["method"] != "PUT"]
    puts = [each for each in seen["log"] if each["method"] == "PUT"]
    assert {each["path"] for each in calls} >= {
        "/v2/auth/device/code",
        "/v2/auth/token",
        "/v2/devices/me",
        "/v2/devices/assets",
    }
    assert all(each["client_version"] for each in calls)
    assert len({each["client_version"] for each in calls}) == 1
    assert puts
    assert all(each["client_version"] is None for each in puts)
    assert {each["host"] for each in calls} == {f"localhost:{api['port']}"}
    assert {each["host"] for each in puts} == {f"{uploads['host']}:{uploads['port']}"}
