"""A growing clip whose uploader is killed again and again: one asset, whole, no reported part sent twice."""

import json
import os
import random
import sys
from pathlib import Path

import trio

from rushes_frameio.live.stride import Stride

from .conftest import PART
from .recorder import Recorder, parts_of

TESTS = Path(__file__).resolve().parents[2]
KILLS = 3


def reported(file):
    facts = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {fact[1] for fact in facts if fact[0] == "part"}


async def test_kills_lose_nothing_and_repeat_nothing(stage, tmp_path):
    recorder = Recorder(stage)
    job, kept = tmp_path / "job.json", tmp_path / "reported"
    job.write_text(
        json.dumps(
            {
                "api_url": stage.options.api_url,
                "ca_file": str(stage.options.ca_file),
                "secrets": stage.context.secrets.values,
                "store": stage.context.store.values,
                "card": str(recorder.path.parent),
                "name": recorder.path.name,
                "reported": str(kept),
                "folder": str(tmp_path / "other"),
            }
        )
    )
    command = [sys.executable, "-m", "plugins.frameio.follow_once", str(job)]

    async def write():
        while True:
            recorder.write(20_000)
            await trio.sleep(0.01)

    there = {}
    with trio.fail_after(60):
        async with trio.open_nursery() as writing:
            writing.start_soon(write)
            for kill in range(KILLS):
                before = len(reported(kept))
                process = await trio.lowlevel.open_process(command, cwd=TESTS)
                while len(reported(kept)) <= before + 1:
                    assert process.poll() is None
                    await trio.sleep(0.005)
                await trio.sleep(random.Random(kill).random() / 10)
                process.kill()
                await process.wait()
                puts = await parts_of(stage)
                there |= {number: puts[number] for number in reported(kept)}
            writing.cancel_scope.cancel()
        recorder.rewrite(0, os.urandom(100))
        recorder.path.with_name(recorder.path.name + ".closed").touch()
        done = await trio.run_process(command, cwd=TESTS, check=False, capture_stderr=True)
    assert done.returncode == 0, done.stderr.decode()
    [asset] = await stage.assets()
    assert (asset["state"], asset["sha256"]) == ("complete", recorder.sha256)
    assert len(asset["parts"]) == Stride(PART).last(recorder.path.stat().st_size)
    puts = await parts_of(stage)
    assert len(there) > KILLS
    assert {number: puts[number] for number in there} == there
    facts = [json.loads(line) for line in kept.read_text().splitlines()]
    numbers = [fact[1] for fact in facts if fact[0] == "part"]
    assert len(numbers) == len(set(numbers))
