"""Verbs against a pipeline that runs: the socket, the note and the process are real, the engine is a fake."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import trio

from rushes.api.serve import open_api
from rushes.commands import act
from rushes.errors import NotAuthorised, NotFound

HEAVY = ("trio", "duckdb", "httpx", "rich", "starlette", "hypercorn", "pydantic_settings", "asyncio")
CODE = f"""
import atexit, json, sys
found = lambda: [name for name in {HEAVY!r} if name in sys.modules]
atexit.register(lambda: print(json.dumps(found()), file=sys.stderr))
from rushes.cli import main
main()
"""


@pytest.fixture
async def file(control, address, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    path = tmp_path / "onset.yaml"
    path.write_text("pipeline: onset\nstate: ./state\n")
    async with open_api(control, address, state):
        yield str(path)


async def verb(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return await trio.run_process(
        [sys.executable, "-c", CODE, *arguments], capture_stdout=True, capture_stderr=True, check=False
    )


async def test_status_of_a_running_pipeline_is_light(file):
    result = await verb("status", file)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(b"onset: running since ")
    assert json.loads(result.stderr) == []


async def test_queue_asks_over_the_socket(file, control):
    result = await verb("queue", file, "top", "j1aaa", "--json")
    assert json.loads(result.stdout) == {"changed": ["j1aaa"]}
    assert control.asked == [("top", ("j1aaa",), False)]
    missing = await verb("queue", file, "top", "zz")
    assert (missing.returncode, missing.stderr.splitlines()[0]) == (4, b"error: no job zz")


async def test_act_asks_the_running_pipeline(file, control, in_thread):
    told = []
    assert await in_thread(act, file, "frameio", "pair", {}, told.append) == {"device": "d1"}
    assert told[0]["code"] == "123456"
    assert control.asked[-1] == ("act", "cloud", "pair", {})
    with pytest.raises(NotAuthorised):
        await in_thread(act, file, "frameio", "whoami", {}, told.append)
    with pytest.raises(NotFound, match="nothing in it uses s3"):
        await in_thread(act, file, "s3", "pair", {}, told.append)
    with pytest.raises(NotFound, match="no frameio with the id other; there is cloud"):
        await in_thread(act, file, "frameio", "pair", {}, told.append, "other")
