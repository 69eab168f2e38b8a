"""A hub and a client as real processes in one folder, and devices that are plain bytes."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from forked import QuickStage
from journeys.hub_torture import free_port
from journeys.hub_verdict import read
from journeys.hub_wire import CAMERA, DATA, FETCH, FULL, KEY, REGISTER, SECRET, connected, page
from rushes.api.client import connect

CAM, OTHER_CAM = 0x00000000000000A1, 0x00000000000000A2
#: An answer takes no longer.
ANSWER_S = 20


class LockitSet:
    """`hub` and `client` are the states' folders."""

    def __init__(self, root: Path) -> None:
        self.stage = QuickStage(root)
        self.stage.env["RUSHES_MASTERLOCKIT_API_KEY"] = KEY.decode()
        self.stage.env["RUSHES_MASTERLOCKIT_API_SECRET"] = SECRET.decode()
        self.hub, self.client = root / "hub/state", root / "client"
        self.port = free_port()

    def start_hub(self):
        """The process, perhaps before it listens."""
        where = ("--listen", f"127.0.0.1:{self.port}", "--state", str(self.hub.parent))
        return self.stage.start("masterlockit", "hub", *where, name="hub")

    def start_client(self, **options):
        source = {"id": "set", "use": "masterlockit", "host": "127.0.0.1", "port": self.port, **options}
        document = {"pipeline": "follower", "state": "./client", "sources": [source]}
        return self.stage.run(self.stage.write(json.dumps(document)))

    @asynccontextmanager
    async def device(self, process, id_=CAM):
        """A camera's connection to a hub that may still be starting."""
        with trio.fail_after(20):
            while True:
                assert process.running, process.last_words()
                try:
                    stream = await trio.open_tcp_stream("127.0.0.1", self.port)
                except OSError:
                    await trio.sleep(0.03)
                else:
                    await stream.aclose()
                    break
        async with connected(self.port, id_, "A-Cam") as wire:
            await wire.request(REGISTER, bytes([CAMERA]))
            yield wire

    def facts(self, state: Path):
        """What the source of a pipeline shows; nothing while it does not run."""
        running = connect(state)
        return {} if running is None else running.status()["components"][0]["facts"]


def clip(identity, version, **members):
    return {"id": identity, "type": "video", "version": version, **members}


async def say(wire, *clips):
    """The answers, in order; a request is not held up by the ones before it."""
    answers = [None] * len(clips)

    async def one(number):
        answers[number] = await wire.request(DATA, bytes([CAMERA]) + json.dumps(clips[number]).encode())

    with trio.fail_after(ANSWER_S):
        async with trio.open_nursery() as nursery:
            for number in range(len(clips)):
                nursery.start_soon(one, number)
    return answers


async def listed(wire, **demand):
    """The hub's clips, whole, by id."""
    with trio.fail_after(ANSWER_S):
        answer = await wire.request(FETCH, page(0, 10_000, FULL, bytes(16), json.dumps(demand).encode()))
    assert answer.code is None, answer
    return {each["id"]: each for each in json.loads(answer.data)}


def end(process):
    """As a person ends it."""
    process.signal(15)
    assert process.wait(30) == 0
    assert "Traceback" not in process.err.read_text()


def held(state):
    """The clips of a ledger that nobody has open: id -> its clock, None for a tombstone."""
    return {identity: None if row.deleted else row.clock for identity, row in read(state).items()}
