"""What happens to the folder of a hub: its disk is full, it is an earlier day's, another set's, of another version."""

from __future__ import annotations

import os
import shutil
import subprocess

import duckdb
import pytest
import trio

from journeys.masterlockit.lockit_set import CAM, OTHER_CAM, LockitSet, clip, end, held, listed, say
from journeys.test_bad_world import fill
from rushes.api.client import connect
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)

CAM_TEXT = f"{CAM:016x}"


@pytest.fixture
def lockit(tmp_path):
    lockit = LockitSet(tmp_path)
    with lockit.stage:
        yield lockit


async def until(true, what):
    with trio.move_on_after(20):
        while not true():
            await trio.sleep(0.05)
        return
    pytest.fail(f"{what}: not within 20 s")


@pytest.fixture
def small_disk(lockit):
    """A function that puts a state folder on a disk of 24 MB."""
    mounted = []

    def mount(state):
        state.mkdir(parents=True)
        tmpfs = ["mount", "-t", "tmpfs", "-o", "size=24m", "rushes-test", str(state)]
        if os.geteuid() or subprocess.run(tmpfs, check=False, capture_output=True).returncode:
            pytest.skip("only root may mount a small disk, and not everywhere")
        mounted.append(state)

    yield mount
    lockit.stage.__exit__(None, None, None)
    for state in mounted:
        subprocess.run(["umount", "-l", str(state)], check=True)


@pytest.mark.parametrize("killed", [False, True], ids=["goes-on", "killed"])
async def test_a_hub_whose_disk_is_full_acknowledges_nothing_and_loses_nothing(lockit, small_disk, killed):
    small_disk(lockit.hub)
    hub = lockit.start_hub()
    early = [clip(f"early{n}", {CAM_TEXT: 1}) for n in range(20)]
    late = [clip(f"late{n}", {CAM_TEXT: 1}, comment="x" * 5000) for n in range(20)]
    async with lockit.device(hub) as wire:
        assert {answer.code for answer in await say(wire, *early)} == {None}
        hog = fill(lockit.hub)
        answers = None
        with trio.move_on_after(1.5):
            answers = await say(wire, *late)
        # It waits, or says why not; but it does not say that it has them.
        assert answers is None or {answer.code for answer in answers} == {0}
        async with lockit.device(hub, OTHER_CAM) as other:
            assert set(await listed(other)) == {each["id"] for each in early}
        assert "No space left" in str(connect(lockit.hub).status()["attention"])
        if killed:
            hub.kill()
        hog.unlink()
    if killed:
        assert held(lockit.hub).keys() <= {each["id"] for each in [*early, *late]}
        hub = lockit.start_hub()
    async with lockit.device(hub) as wire:
        assert {answer.code for answer in await say(wire, *late)} == {None}
        assert await listed(wire) == {each["id"]: each for each in [*early, *late]}
    end(hub)
    assert held(lockit.hub) == {each["id"]: {CAM_TEXT: 1} for each in [*early, *late]}


async def test_a_client_whose_disk_is_full_catches_up_once_there_is_room(lockit, small_disk):
    small_disk(lockit.client)
    hub, client = lockit.start_hub(), lockit.start_client()
    async with lockit.device(hub) as wire:
        await say(wire, clip("early", {CAM_TEXT: 1}))
        await until(lambda: lockit.facts(lockit.client).get("clips") == 1, "the first clip")
        hog = fill(lockit.client)
        late = [clip(f"late{n}", {CAM_TEXT: 1}, comment="x" * 5000) for n in range(20)]
        await say(wire, *late)
        await trio.sleep(1)
        assert lockit.facts(lockit.client)["clips"] == 1
        hog.unlink()
        await until(lambda: lockit.facts(lockit.client).get("clips") == 21, "the others")
    end(client)
    end(hub)
    assert held(lockit.client) == held(lockit.hub)


@pytest.mark.parametrize("gives", [False, True], ids=["follows", "gives-back"])
async def test_a_hub_with_the_folder_of_an_earlier_day_takes_nothing_from_the_client(lockit, gives):
    hub, client = lockit.start_hub(), None
    async with lockit.device(hub) as wire:
        await say(wire, clip("a", {CAM_TEXT: 1}, comment="of yesterday"), clip("gone", {CAM_TEXT: 1}))
    end(hub)
    shutil.copytree(lockit.hub, lockit.stage.root / "yesterday")
    hub, client = lockit.start_hub(), lockit.start_client(send_back=gives)
    async with lockit.device(hub) as wire:
        await say(wire, clip("a", {CAM_TEXT: 2}, comment="of today"), clip("b", {CAM_TEXT: 1}))
        await until(lambda: lockit.facts(lockit.client).get("clips") == 3, "the clips")
    hub.kill()
    shutil.rmtree(lockit.hub)
    (lockit.stage.root / "yesterday").rename(lockit.hub)
    hub = lockit.start_hub()
    async with lockit.device(hub) as wire:
        if gives:
            with trio.fail_after(20):
                while len(clips := await listed(wire)) < 3 or clips["a"]["comment"] != "of today":
                    await trio.sleep(0.05)
        else:
            await until(lambda: "synced_at" in lockit.facts(lockit.client), "the client")
            assert (await listed(wire))["a"]["comment"] == "of yesterday"
    end(client)
    end(hub)
    assert held(lockit.client) == {"a": {CAM_TEXT: 2}, "b": {CAM_TEXT: 1}, "gone": {CAM_TEXT: 1}}


async def test_a_hub_of_another_set_shares_what_it_has_and_mixes_nothing_up(lockit, tmp_path):
    """A client that followed another set before: both sets are there afterwards, each clip with its own clock."""
    other = LockitSet(tmp_path / "other")
    with other.stage:
        hub = other.start_hub()
        async with other.device(hub) as wire:
            await say(wire, clip("theirs", {CAM_TEXT: 3}))
        end(hub)
        shutil.copytree(other.hub, lockit.hub)
    hub, client = lockit.start_hub(), lockit.start_client()
    async with lockit.device(hub) as wire:
        await say(wire, clip("ours", {CAM_TEXT: 1}))
        await until(lambda: lockit.facts(lockit.client).get("clips") == 2, "both")
    end(client)
    end(hub)
    assert held(lockit.client) == held(lockit.hub) == {"theirs": {CAM_TEXT: 3}, "ours": {CAM_TEXT: 1}}


async def test_a_client_on_a_copy_of_the_hubs_folder_is_told_so_and_does_no_harm(lockit):
    hub = lockit.start_hub()
    async with lockit.device(hub) as wire:
        await say(wire, clip("a", {CAM_TEXT: 1}))
    end(hub)
    shutil.copytree(lockit.hub, lockit.client)
    hub, client = lockit.start_hub(), lockit.start_client(send_back=True, storage=True)
    async with lockit.device(hub) as wire, lockit.device(hub, OTHER_CAM) as other:
        await until(lambda: "synced_at" in lockit.facts(lockit.client), "the client")
        # Two edits in parallel: the hub merges, under an id that the client takes for its own.
        await say(wire, clip("a", {CAM_TEXT: 2}, comment="one", updated=1))
        await say(other, clip("a", {CAM_TEXT: 1, f"{OTHER_CAM:016x}": 1}, distance="two", updated=2))
        await say(wire, clip("b", {CAM_TEXT: 1}))
        await until(lambda: lockit.facts(lockit.client).get("clips") == 2, "both")
        assert (await listed(wire))["a"].items() >= {"comment": "one", "distance": "two"}.items()
    end(client)
    end(hub)
    assert held(lockit.client) == held(lockit.hub)
    assert sum(held(lockit.hub)["a"].values()) == 4
    assert "is the hub's own" in client.err.read_text()


CLOCK = """\
import os, time
_time = time.time
time.time = lambda: _time() + float(os.environ["CLOCK_OFFSET_S"])
"""


async def test_a_clock_that_was_set_back_changes_no_order(lockit, tmp_path):
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CLOCK)
    env = lockit.stage.env
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), env.get("PYTHONPATH"))))
    env["CLOCK_OFFSET_S"] = "86400"
    hub, client = lockit.start_hub(), lockit.start_client()
    async with lockit.device(hub) as wire:
        await say(wire, clip("a", {CAM_TEXT: 1}, comment="first", updated=2_000_000_000_000))
        await until(lambda: lockit.facts(lockit.client).get("clips") == 1, "the clip")
    hub.kill()
    client.kill()
    env["CLOCK_OFFSET_S"] = "-86400"
    hub, client = lockit.start_hub(), lockit.start_client()
    async with lockit.device(hub) as wire:
        assert (await listed(wire))["a"]["comment"] == "first"
        # The camera's clock was set back too: its second edit still is the later one.
        [answer] = await say(wire, clip("a", {CAM_TEXT: 2}, comment="second", updated=1_000_000_000_000))
        assert answer.code is None
        assert (await listed(wire))["a"]["comment"] == "second"
        [answer] = await say(wire, clip("b", {CAM_TEXT: 1}))
        assert answer.code is None
        await until(lambda: lockit.facts(lockit.client).get("clips") == 2, "both")
    end(client)
    end(hub)
    assert held(lockit.client) == held(lockit.hub) == {"a": {CAM_TEXT: 2}, "b": {CAM_TEXT: 1}}


async def test_a_ledger_of_another_version_is_refused_in_one_line(lockit):
    hub = lockit.start_hub()
    async with lockit.device(hub) as wire:
        await say(wire, clip("a", {CAM_TEXT: 1}))
    end(hub)
    with duckdb.connect(str(lockit.hub / FILE_NAME)) as database:
        database.execute("UPDATE ledger SET version = 2")
    before = (lockit.hub / FILE_NAME).read_bytes()
    hub = lockit.start_hub()
    assert hub.wait(30) != 0
    [line] = hub.err.read_text().splitlines()
    assert f"{lockit.hub / FILE_NAME}: ledger version 2, this rushes writes version" in line
    assert (lockit.hub / FILE_NAME).read_bytes() == before
