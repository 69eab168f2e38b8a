"""The devices of a set, played with raw connections. Each says again what was not acknowledged, edits while the hub
is away too, and edits clips of others without asking: as crews do.
"""

from __future__ import annotations

import copy
import json
import random
import struct
import time
from collections import deque
from collections.abc import Sequence

import trio

from journeys.hub_said import Deletion, Edit, Log, Note, Said, covers
from journeys.hub_wire import (
    CAMERA,
    DATA,
    DELETE,
    FETCH,
    FULL,
    REGISTER,
    SLATE,
    SLATE_INFO,
    SOUND,
    SUBSCRIBE_DATA,
    Answer,
    GoneError,
    Wire,
    connected,
    page,
)

KINDS = {CAMERA: "video", SOUND: "sound"}
#: Requests of one device on their way at once.
WINDOW = 128
#: As much as a scene has to say: the ledger's log is folded into its file every so many megabytes.
CONTENT = "She looks at the clapper, then at the boom above her, and does not say her line. " * 15
#: Clips that everybody edits.
HOT = 12


class Device:
    """`types` are what it registers as; `pace` is the mean time between two things that it does, in seconds."""

    def __init__(self, id_: int, alias: str, types: Sequence[int], log: Log, seed: int, pace: float) -> None:
        self.id, self.alias, self.types = id_, alias, types
        self.text = f"{id_:016x}"
        self.clips: dict[str, dict] = {}
        self.waiting: deque[Said] = deque()
        self.hot: list[str] = []
        self.working = True
        #: A tablet may delete.
        self.deletes = False
        self._flight: set[int] = set()
        self._log = log
        self._chance = random.Random(f"{seed} {alias}")
        self._pace = pace
        self._count = 0
        self._moved = trio.Event()

    @property
    def idle(self) -> bool:
        """Whether all that it said was acknowledged."""
        return not self.waiting and not self._flight

    async def live(self, port: int) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work)
            while True:
                try:
                    async with connected(port, self.id, self.alias, self._hear) as wire:
                        await self._attend(wire)
                except* (OSError, GoneError):
                    pass
                await trio.sleep(self._chance.uniform(0.05, 0.4))

    def shoot(self, count: int) -> None:
        """New clips, all at once."""
        for _ in range(count):
            self._shoot()

    # What it does, connected or not

    async def _work(self) -> None:
        while True:
            await trio.sleep(self._chance.expovariate(1 / self._pace))
            if self.working and len(self.waiting) < 50:
                self._act()

    def _act(self) -> None:
        chance = self._chance.random()
        if SLATE in self.types:
            self._note("clap", SLATE)
        elif SLATE_INFO in self.types and chance < 0.2:
            self._note("slate", SLATE_INFO)
        elif self.deletes and chance < 0.35 and self.clips:
            self._delete()
        elif chance < 0.5 or not self.clips:
            self._shoot()
        else:
            self._edit()

    def _shoot(self) -> None:
        self._count += 1
        identity, type_ = (
            f"{self.alias}-{self._count:05}",
            self._chance.choice([*KINDS.keys() & {*self.types}]),
        )
        self.clips[identity] = {
            "id": identity, "type": KINDS[type_], "version": {}, "created": int(time.time() * 1000),
            "clipName": f"{self.alias}{self._count}", "tcStartSeconds": 36000 + self._count, "tcStartFrames": 0,
            "scene": {"number": self._count % 50, "content": CONTENT}, "clipLogs": [],
        }  # fmt: skip
        self._say(identity)

    def _edit(self) -> None:
        ours = [identity for identity in self.hot if identity in self.clips]
        self._say(self._chance.choice(ours if ours and self._chance.random() < 0.6 else [*self.clips]))

    def _say(self, identity: str) -> None:
        clip = copy.deepcopy(self.clips[identity])
        count = clip["version"][self.text] = clip["version"].get(self.text, 0) + 1
        mark = f"{self.alias}#{count}"
        clip["clipLogs"].append({"tcSeconds": 1, "tcFrames": 0, "comment": mark})
        clip |= {"distance": mark, "updated": int(time.time() * 1000)}
        self.clips[identity] = clip
        type_ = CAMERA if clip["type"] == "video" else SOUND
        body = json.dumps(clip).encode()
        edit = Edit(
            clip=identity, device=self.text, mark=mark, version=clip["version"], type=type_, body=body
        )
        self._log.edits[identity].append(edit)
        self.waiting.append(edit)

    def _delete(self) -> None:
        gone = Deletion(clips=self._chance.sample(sorted(self.clips), min(len(self.clips), 2)))
        for identity in gone.clips:
            self._log.deletions[identity].append(gone)
            if identity not in self.hot:
                del self.clips[identity]
        self.waiting.append(gone)

    def _note(self, kind: str, type_: int) -> None:
        repeated = [note for note in self._log.notes[-20:] if note.kind == kind and note.acked is not None]
        if repeated and self._chance.random() < 0.1:
            self.waiting.append(repeated[-1])  # its acknowledgement was lost on the way, so to speak
            return
        self._count += 1
        tag = f"{self.alias}-{self._count}"
        slate = {"type": "slate", "scene": tag, "take": str(self._count)}
        clap = {
            "type": "clap",
            "timecode": {"type": "timecode", "seconds": 36000, "frames": 1},
            "slateInfo": slate,
        }
        body = json.dumps(clap if kind == "clap" else slate).encode()
        note = Note(kind=kind, tag=tag, type=type_, body=body)
        self._log.notes.append(note)
        self.waiting.append(note)

    # What it says and hears

    async def _attend(self, wire: Wire) -> None:
        for type_ in self.types:
            await wire.request(REGISTER, bytes([type_]))
        for type_ in KINDS:
            await wire.request(SUBSCRIBE_DATA, struct.pack("<QB", 0, type_))
        if self._chance.random() < 0.4:
            await self._look(wire)
        while not wire.over.is_set():
            while self.waiting and len(self._flight) < WINDOW and not wire.over.is_set():
                await self._send(wire, self.waiting.popleft())
            self._moved = trio.Event()
            with trio.move_on_after(0.02):
                await self._moved.wait()

    async def _look(self, wire: Wire) -> None:
        """What the hub says of the clips that everybody edits."""
        answer = await wire.request(
            FETCH, page(0, 200, FULL, bytes(16), json.dumps({"clips": self.hot}).encode())
        )
        for clip in json.loads(answer.data):
            self._learn(clip)

    async def _send(self, wire: Wire, said: Said) -> None:
        said.begins()
        self._flight.add(id(said))

        def answered(answer: Answer | None) -> None:
            said.ends(acked=answer is not None and answer.code is None)
            self._flight.discard(id(said))
            if answer is None:
                self._again(said)
            elif answer.code is not None:
                self._log.nacks.append((answer.code, answer.data.decode()))
                self._again(said)
            self._moved.set()

        match said:
            case Deletion(clips=clips):
                await wire.ask(DELETE, json.dumps({"clips": list(clips)}).encode(), answered)
            case Edit(type=type_, body=body) | Note(type=type_, body=body):
                await wire.ask(DATA, bytes([type_]) + body, answered)

    def _again(self, said: Said) -> None:
        """Next time, in the order in which it was said first: answers that failed come in that order."""
        place = sum(1 for other in self.waiting if 0 < other.first <= said.first)
        self.waiting.insert(place, said)

    def _hear(self, type_: int, data: bytes) -> None:
        if type_ in KINDS:
            self._learn(json.loads(data))

    def _learn(self, clip: dict) -> None:
        ours = self.clips.get(clip["id"])
        kinds = {KINDS[type_] for type_ in self.types if type_ in KINDS}
        if clip["type"] in kinds and (ours is None or covers(clip["version"], ours["version"])):
            self.clips[clip["id"]] = clip


class Crew:
    """Two cameras, a recorder, a slate and a tablet that edits, tells slates and deletes."""

    def __init__(self, seed: int, pace: float) -> None:
        self.log = Log()
        make = [
            (0x000000000000CA01, "A-Cam", [CAMERA], pace),
            (0x000000000000CA02, "B-Cam", [CAMERA], pace),
            (0x000000000000F001, "Mixer", [SOUND], pace),
            (0xFFFFFFFFFFFF0001, "Slate", [SLATE], pace * 2),
            (0x00000000000007AB, "Tablet", [SLATE_INFO, CAMERA, SOUND], pace),
        ]
        self.devices = [Device(id_, alias, types, self.log, seed, every) for id_, alias, types, every in make]
        self.cameras, self.mixer, self.tablet = self.devices[:2], self.devices[2], self.devices[4]
        self.tablet.deletes = True
        hot = [f"A-Cam-{number:05}" for number in range(1, HOT // 2 + 1)]
        hot += [f"Mixer-{number:05}" for number in range(1, HOT // 2 + 1)]
        for device in self.devices:
            device.hot = hot

    @property
    def idle(self) -> bool:
        return all(device.idle for device in self.devices)

    def rest(self) -> None:
        """Say what waits, and nothing new."""
        for device in self.devices:
            device.working = False
