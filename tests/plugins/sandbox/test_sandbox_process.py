"""The verb as a process: what it prints, SIGTERM, SIGKILL in the middle, a folder or port that is taken."""

import hashlib
import json
import random
import signal
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import trio
from click.testing import CliRunner

from rushes import ConfigError
from rushes_sandbox import open_sandbox
from rushes_sandbox.command import command

RUN = [sys.executable, "-W", "error", "-c", "from rushes_sandbox.command import command; command()"]
BODY = random.Random(2).randbytes(250_001)


@asynccontextmanager
async def process(state, *more, port=0):
    arguments = [
        "--port",
        str(port),
        "--state",
        str(state),
        "--json",
        "--part-size",
        "100K",
        "--interval",
        "1ms",
    ]
    running = await trio.lowlevel.open_process([*RUN, *arguments, *more], stdout=subprocess.PIPE)
    try:
        line = b""
        while not line.endswith(b"\n"):
            piece = await running.stdout.receive_some()
            assert piece, "the sandbox ended before it listened"
            line += piece
        yield running, json.loads(line)
    finally:
        running.kill()
        with trio.CancelScope(shield=True):
            await running.wait()
        await running.stdout.aclose()


async def test_json_says_where_and_sigterm_ends_it_cleanly(tmp_path, connect):
    async with process(tmp_path / "state") as (running, facts):
        assert facts.keys() == {"url", "ca_file", "pid", "client_id", "client_secret"}
        assert facts["pid"] == running.pid
        assert facts["client_secret"] == "sandbox-secret"
        async with connect(facts["url"], facts["ca_file"]) as camera:
            await camera.pair()
            running.send_signal(signal.SIGTERM)
            with trio.fail_after(10):
                assert await running.wait() == 0


async def test_a_kill_in_the_middle_loses_nothing_that_was_answered(tmp_path, connect, cut):
    state = tmp_path / "state"
    async with process(state) as (running, facts), connect(facts["url"], facts["ca_file"]) as camera:
        await camera.pair()
        code = await camera.code()
        whole = await camera.upload(b"y" * 500)
        asset = await camera.asset(BODY)
        parts = list(zip(asset["upload_urls"], cut(BODY, 3), strict=True))
        assert (await camera.put(*parts[0])).status_code == 200
        held = await half_a_part(facts, *parts[1])
        partial = state / "parts" / asset["id"]
        with trio.fail_after(20):
            while not any(f.stat().st_size for f in partial.glob("part_2.*.partial")):
                await trio.sleep(0.01)
        running.kill()
        await running.wait()
        await trio.aclose_forcefully(held)
    port = int(facts["url"].rpartition(":")[2])
    async with (
        process(state, port=port) as (_running, again),
        connect(again["url"], again["ca_file"]) as later,
    ):
        assert (again["url"], again["ca_file"]) == (facts["url"], facts["ca_file"])
        later.tokens = camera.tokens
        assert (await later.me()).status_code == 200
        assert (await later.poll(code["device_code"])).json() == {"error": "authorization_pending"}
        for url, piece in parts[1:]:
            assert (await later.put(url, piece)).status_code == 200
        first, second = (await later.http.get("/_sandbox/assets")).json()
        assert (first["id"], first["state"]) == (whole["id"], "complete")
        assert (second["state"], second["sha256"]) == ("complete", hashlib.sha256(BODY).hexdigest())
        sizes = [part["bytes_received"] - part["size"] for part in second["parts"]]
        assert sizes[0] == sizes[2] == 0
        assert 0 < sizes[1] <= 80_000
        assert (await later.http.get("/_sandbox/violations")).json() == []
        assert (await later.refresh()).status_code == 200


async def test_a_kill_loses_nothing_of_growing_clips_and_channels(tmp_path, connect):
    state, at = tmp_path / "state", "/v2/devices/channels"
    first, second, end = BODY[:100_000], BODY[100_000:200_000], BODY[200_000:]
    async with process(state) as (running, facts), connect(facts["url"], facts["ca_file"]) as camera:
        await camera.pair()
        mics = [await camera.post(f"{at}/connect", client_id=n, device_model_id="mic") for n in ("a", "b")]
        assert (await camera.post(f"{at}/{mics[0].json()['id']}/disconnect")).status_code == 204
        asset = (await camera.grow(extension=".mov", channel=2)).json()
        answer = await camera.ask(asset, (1, 100_000), (2, 100_000))
        head, middle = answer.json()["upload_urls"]
        assert (await camera.put(head, b"0" * 100_000)).status_code == 200
        assert (await camera.put(head, first)).status_code == 200
        ending = (3, len(end), True), {"asset_filesize": len(BODY), "asset_name": "A001.mov"}
        [last] = (await camera.ask(asset, ending[0], **ending[1])).json()["upload_urls"]
        assert (await camera.put(last, end)).status_code == 200
        running.kill()
        await running.wait()
    assert json.loads((state / "sandbox.json").read_text())["pid"] == running.pid
    port = int(facts["url"].rpartition(":")[2])
    async with (
        process(state, port=port) as (_running, again),
        connect(again["url"], again["ca_file"]) as later,
    ):
        later.tokens = camera.tokens
        primary, channel = (await later.me()).json()["channels"]
        assert channel == mics[1].json()
        assert primary["external_index"] == 0
        restored = await later.post(f"{at}/connect", client_id="a", device_model_id="mic")
        assert restored.json()["id"] == mics[0].json()["id"]
        assert (await later.put(middle, second)).status_code == 200
        [listed] = (await later.http.get("/_sandbox/assets")).json()
        assert (listed["name"], listed["state"]) == ("A001.mov", "complete")
        assert listed["sha256"] == hashlib.sha256(BODY).hexdigest()
        assert [part["puts"] for part in listed["parts"]] == [2, 1, 1]
        assert listed["channel_id"] == channel["id"]
        assert (await later.ask(asset, ending[0], **ending[1])).status_code == 400
        assert (await later.http.get("/_sandbox/violations")).json() == []


async def half_a_part(facts, url, piece):
    """Send 80 kB of a part; the connection that is returned stays open."""
    target = urlsplit(url)
    context = ssl.create_default_context(cafile=facts["ca_file"])
    raw = await trio.open_tcp_stream("127.0.0.1", target.port)
    stream = trio.SSLStream(raw, context, server_hostname="127.0.0.1", https_compatible=True)
    head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nhost: {target.netloc}\r\n"
    head += f"content-type: video/quicktime\r\nx-amz-acl: private\r\ncontent-length: {len(piece)}\r\n\r\n"
    await stream.send_all(head.encode() + piece[:80_000])
    return stream


async def test_parts_left_whole_by_a_kill_are_assembled_at_the_next_start(tmp_path, connect, cut):
    state = tmp_path / "state"
    async with open_sandbox(state) as sandbox, connect(sandbox.url, sandbox.ca_file) as camera:
        await camera.pair()
        asset = await camera.upload(b"z" * 100)
    lines = (state / "journal.jsonl").read_text().splitlines(keepends=True)
    assert '"complete"' in lines[-1]
    (state / "journal.jsonl").write_text("".join(lines[:-1]) + lines[-1][:20])  # a torn last line
    (state / "parts" / asset["id"]).mkdir()
    (state / "parts" / asset["id"] / "part_1").write_bytes(b"z" * 100)
    async with open_sandbox(state) as sandbox:
        await sandbox.settled()
        [listed] = sandbox.assets()
        assert (listed["state"], listed["sha256"]) == ("complete", hashlib.sha256(b"z" * 100).hexdigest())


async def test_a_folder_or_port_that_is_taken_is_one_clear_line(tmp_path):
    async with open_sandbox(tmp_path / "state") as sandbox:
        with pytest.raises(ConfigError, match="in use by another sandbox"):
            async with open_sandbox(tmp_path / "state"):
                pass
        port = sandbox.url.rpartition(":")[2]
        arguments = ["--port", port, "--state", str(tmp_path / "other")]
        done = await trio.run_process([*RUN, *arguments], check=False, capture_stderr=True)
        assert done.returncode == 2
        assert done.stderr.decode() == f"sandbox: port {port}: Address already in use; choose another or 0\n"


async def test_a_damaged_journal_is_refused_in_one_line(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "journal.jsonl").write_text("garbage\n")
    done = await trio.run_process([*RUN, "--state", str(state)], check=False, capture_stderr=True)
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert b"line 1 is damaged" in done.stderr


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("0", "'0' must be above 0"),
        ("5XB", "'5XB' is not a size"),
        ("-1", "write a size"),
        ("MiB", "write a size"),
    ],
)
def test_bad_sizes_are_refused(tmp_path, size, why):
    done = CliRunner().invoke(command, ["--state", str(tmp_path / "s"), "--part-size", size])
    assert done.exit_code == 2
    assert why in done.stderr
