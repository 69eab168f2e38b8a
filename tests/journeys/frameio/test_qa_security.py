"""Checklist: direct connections over HTTPS; secret, id and tokens are nowhere to be seen."""

from __future__ import annotations

import json
import re
import shutil
import stat
from contextlib import ExitStack
from pathlib import Path

import imageio_ffmpeg
import pytest

from journeys.frameio.device import Device
from journeys.frameio.secrecy import Secrets, ledger_rows
from journeys.harness import wait_until
from rushes_sandbox.stage import Stage
from rushes_sandbox.tokens import digest

pytestmark = pytest.mark.timeout(90)

PART_BYTES = 256 * 1024
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+][0-9A-Za-z.+-]+)?")
CONNECT = re.compile(r'AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)')
#: Where a datagram socket is pointed to find the way there; nothing is sent (network.py).
DISCARD = 9


class Traced(Stage):
    """What is started has its connections written down by the system, whatever language makes them."""

    def command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        strace = (
            "strace",
            "--follow-forks",
            "--seccomp-bpf",
            "-qq",
            "-e",
            "trace=connect,sendto,sendmsg,sendmmsg",
        )
        return (*strace, "-o", str(self.root / f"{arguments[0]}.strace"), *super().command(arguments))


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_connections_are_direct_and_over_https(studio, tmp_path):
    """Every request goes over HTTPS to Frame.io itself, from this machine: no other host is connected."""
    with Device(tmp_path / "device", studio, Traced(tmp_path / "device")) as device:
        before = device.now()
        device.pair()
        clip = device.put("A001C001.braw", 3 * PART_BYTES)
        assert device.verb("run", str(device.file), "--once", timeout_s=60).status == 0
        device.assert_delivered_once([clip])
        port = int(device.sandbox.url.rpartition(":")[2])
        for verb in ("frameio", "run"):
            trace = (device.stage.root / f"{verb}.strace").read_text("utf-8", "replace")
            reached = {(host, int(number)) for number, host in CONNECT.findall(trace)}
            assert ("127.0.0.1", port) in reached
            assert reached <= {("127.0.0.1", port), ("127.0.0.1", DISCARD)}
            assert "AF_INET6" not in trace
        calls = [each for each in device.log(before) if each["method"] != "PUT"]
        [asset] = device.sandbox.assets()
        puts = [
            each for each in device.log(before) if each["method"] == "PUT" and asset["id"] in each["path"]
        ]
        assert {call["path"] for call in calls} >= {"/v2/auth/token", "/v2/devices/me", "/devices/websocket"}
        # The firmware's version is in each call of the API, and in none to the upload host.
        assert all(SEMVER.fullmatch(call["client_version"]) for call in calls)
        assert [put["client_version"] for put in puts] == [None] * 3
        # The sandbox notes plain HTTP.
        assert device.sandbox.breaches() == []


@pytest.mark.parametrize("option", ["api_url", "login_url"])
def test_plain_http_is_refused(device, option):
    """All requests are made over HTTPS: a file that asks for HTTP is told so where it says it."""
    device.write_pipeline(when="true", **{option: "http://127.0.0.1:8080"})
    said = device.verb("run", str(device.file))
    assert said.status == 2
    assert "must be https://HOST[:PORT]; plain HTTP is never used" in said.err
    assert re.search(rf"pipeline.yaml:\d+:\d+: .*{option}", said.err)


def test_secret_id_and_tokens_are_not_accessible(brief_studio, picture, tmp_path):
    """client_secret, client_id, access_token and refresh_token are in nothing that is written, shown or started."""
    hanging, ffmpeg = tmp_path / "hang", tmp_path / "ffmpeg"
    hanging.touch()
    program = imageio_ffmpeg.get_ffmpeg_exe()
    ffmpeg.write_text(f'#!/bin/sh\nwhile [ -e {hanging} ]; do sleep 0.1; done\nexec {program} "$@"\n')
    ffmpeg.chmod(ffmpeg.stat().st_mode | stat.S_IXUSR)
    environment = {
        "RUSHES_FFMPEG": str(ffmpeg),
        "PYTHONPATH": str(Path(__file__).with_name("buggy")),
        "TMPDIR": str(tmp_path),
    }
    with ExitStack() as stack:
        device = stack.enter_context(Device(tmp_path / "device", brief_studio, **environment))
        device.write_pipeline(
            when="extension = 'mov'",
            prepare=["probe"],
            steps=[{"use": "proxy", "height": 180, "preset": "ultrafast"}],
            routes=[{"id": "rest", "when": "extension <> 'mov'", "to": ["frameio"]}],
        )
        run = device.start_paired()
        secrets = Secrets(device)
        stack.callback(secrets.stop)
        device.add_card(picture.parent, "A002")
        wait_until(
            lambda: b"sleep" in b"".join(secrets.of_children(run.pid)),
            timeout_s=30,
            what="ffmpeg",
            process=run,
        )
        secrets.assert_in_none(secrets.of_children(run.pid), "children")
        secrets.assert_in_none([Path(f"/proc/{run.pid}/cmdline").read_bytes()], "the pipeline's arguments")
        hanging.unlink()
        # Uploads over many tokens, refusals, a lost connection, bad media, bugs.
        device.sandbox.slow(0.3)
        device.sandbox.fault("POST /v2/devices/assets", status=401, times=2)
        device.sandbox.fault("POST /v2/devices/assets", reset=True)
        names = [f"A001C00{number}.bin" for number in range(1, 9)]
        for name in (*names, "BUG.bin"):
            device.put(name, 3 * PART_BYTES)
        wait_until(device.job_is("BUG.bin", "parked"), timeout_s=30, what="the bug", process=run)
        for name in (*names, picture.name):
            wait_until(device.job_is(name, "done"), timeout_s=40, what=name, process=run)
        documents = [
            device.client.status(),
            device.client.jobs(),
            *(device.client.clip(name) for name in (names[0], "BUG.bin")),
        ]
        told = [
            *map(json.dumps, documents),
            device.verb("explain", str(device.file), "BUG.bin").out,
            device.frameio("whoami", "--json").out,
            device.frameio("login").err,
        ]
        bad = device.file.with_name("BUG.yaml")
        shutil.copy(device.file, bad)
        assert device.verb("frameio", "whoami", str(bad)).status == 70
        assert list(tmp_path.rglob("rushes-bug-*.log"))
        run.signal(15)
        assert run.wait(30) == 0
        secrets.stop()
        # Nothing was missed: these are all tokens that were ever given to it.
        assert len(secrets.tokens) >= 4
        assert {digest(token) for token in secrets.tokens} == issued(brief_studio, secrets.client_id)
        secrets.assert_in_none([text.encode() for text in told], "what verbs say")
        # Logs, crash reports, the ledger, everything else in the state folder; the key lies elsewhere.
        secrets.assert_in_none(secrets.of_files(tmp_path), "files")
        rows = list(ledger_rows(device.stage.state / "ledger.duckdb"))
        assert any(b"ZeroDivisionError" in row for row in rows)
        secrets.assert_in_none(rows, "the ledger")
        secrets.assert_in_none([json.dumps(device.log()).encode()], "addresses and device calls")
        assert device.sandbox.breaches() == []


def issued(service, client_id):
    """Digests of all tokens that the sandbox has given to a client."""
    grants, digests = set(), set()
    for line in (service.stage.root / "sandbox/journal.jsonl").read_text().splitlines():
        fact = json.loads(line)
        if fact["book"] == "tokens" and "access" in fact and fact.get("client_id", client_id) == client_id:
            if fact["what"] == "granted":
                grants.add(fact["grant"])
            if fact["grant"] in grants:
                digests |= {fact["access"], fact["refresh"]}
    return digests
