"""Clips that are said faster than they can be kept: together, in order, within bounds."""

import json

import pytest
import trio
import trio.testing

from rushes_masterlockit.hub import lane as lanes
from rushes_masterlockit.hub.lane import Lane, Said
from rushes_masterlockit.protocol import DataEvent

from .hub_rig import CAMERA, clip, hub

A, B = 0x0102030405060708, 0xBABABABABABABABA


@pytest.fixture
async def lane(nursery):
    """A lane whose `kept` are batches; it keeps while `go` is set."""
    kept, go = [], trio.Event()

    async def keep(said):
        await go.wait()
        kept.append([one.clip["n"] for one in said])

    made = Lane(keep)
    made.kept, made.go = kept, go
    nursery.start_soon(made.run)
    return made


def said(n, size=10):
    return Said(DataEvent(1, b"x" * size), {"n": n})


async def test_what_waits_is_kept_together_and_in_order(lane):
    assert lane.say(said(0)) is None
    await trio.testing.wait_all_tasks_blocked()
    for n in range(1, 1300):
        assert lane.say(said(n)) is None
    lane.go.set()
    await lane.settled()
    assert [len(batch) for batch in lane.kept] == [1, 512, 512, 275]
    assert [n for batch in lane.kept for n in batch] == list(range(1300))


async def test_settled_waits_for_the_batch_in_hand(lane):
    await lane.settled()
    lane.say(said(0))
    await trio.testing.wait_all_tasks_blocked()
    with trio.move_on_after(0.05) as scope:
        await lane.settled()
    assert scope.cancelled_caught
    lane.go.set()
    await lane.settled()
    assert lane.kept == [[0]]


@pytest.mark.parametrize(("most", "size"), [("MOST_WAITING", 10), ("MOST_BYTES", 1_000_000)])
async def test_more_is_not_read_than_can_wait(lane, monkeypatch, most, size):
    monkeypatch.setattr(lanes, most, 5 * size if most == "MOST_BYTES" else 5)
    rooms = [lane.say(said(n, size)) for n in range(8)]
    assert [room is None for room in rooms] == [True] * 5 + [False] * 3
    lane.go.set()
    with trio.fail_after(20):
        for room in rooms[5:]:
            await room


async def test_a_flood_of_clips_is_kept_in_order_with_few_commits(tmp_path):
    async with hub(tmp_path) as rig:
        device, cart = await rig.device(A), await rig.device(B)
        await device.register(CAMERA)
        await cart.subscribe(A, CAMERA)
        rig.shelf.gate = trio.Event()
        digests = [
            await device.ask(
                0x07, bytes([CAMERA]) + json.dumps(clip(n % 7, {f"{A:016x}": n + 1}, n=n)).encode()
            )
            for n in range(2000)
        ]
        rig.shelf.gate.set()
        for digest in digests:
            assert await device.answer(digest) == b""
        assert len(rig.shelf.commits) < 20
        assert {record.data["n"] for record in rig.shelf.records.values()} == set(range(1993, 2000))
        heard = [json.loads((await cart.told())[3])["n"] for _ in range(2000)]
        assert heard == list(range(2000))


async def test_a_page_is_read_after_what_was_said_before_it(tmp_path):
    async with hub(tmp_path) as rig:
        device = await rig.device(A)
        await device.register(CAMERA)
        for n in range(100):
            await device.ask(0x07, bytes([CAMERA]) + json.dumps(clip(n)).encode())
        assert len(await device.fetch(list_type=2)) == 100
