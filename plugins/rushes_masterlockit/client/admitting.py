"""What devices said, made durable before it is acknowledged: many events in flight become one commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import trio

from rushes_masterlockit.formats import FormatError, device_text, facts, strict
from rushes_masterlockit.protocol import Ack, DataEvent, DeviceType, Message, Nack, NackCode
from rushes_masterlockit.repository.notes import NoteKind
from rushes_masterlockit.versions import Order, compare

if TYPE_CHECKING:
    from rushes_masterlockit.repository import Repository

#: What may wait for the ledger; beyond it the hub is not read from, which slows it down.
MOST_EVENTS = 4096
MOST_BYTES = 32 * 1024 * 1024

#: Device types whose data are clips, and what the data of others are noted as.
CLIPS = frozenset({DeviceType.CAMERA, DeviceType.SOUND_RECORDER})
NOTES: Mapping[int, NoteKind] = {DeviceType.SLATE_INFO: "slate", DeviceType.SLATE: "clap"}


class Admitting:
    """Takes DataEvents of clips, slates and claps; `answer` sends, `wrong(kind, text)` tells people, `ahead(id)` is
    called for a clip of which we know more than was said.
    """

    def __init__(
        self,
        repository: Repository,
        own: int,
        answer: Callable[[Message], None],
        wrong: Callable[[str, str], None],
        ahead: Callable[[str], None],
    ) -> None:
        self._repository = repository
        self._own = own
        self._answer = answer
        self._wrong = wrong
        self._ahead = ahead
        self._events: list[DataEvent] = []
        self._bytes = 0
        self._some = trio.Event()
        self._room = trio.Event()

    def put(self, event: DataEvent) -> Awaitable[None] | None:
        """Take an event; what is returned, if anything, is to be awaited before the next."""
        self._events.append(event)
        self._bytes += len(event.data)
        self._some.set()
        if len(self._events) < MOST_EVENTS and self._bytes < MOST_BYTES:
            return None
        self._room = trio.Event()
        return self._room.wait()

    async def run(self) -> None:
        """Until cancelled. What is not acknowledged by then will be said again."""
        while True:
            await self._some.wait()
            events, self._events, self._bytes = self._events, [], 0
            self._some = trio.Event()
            self._room.set()
            speakers: dict[int, list[DataEvent]] = {}
            for event in events:
                speakers.setdefault(event.device or 0, []).append(event)
            async with trio.open_nursery() as nursery:
                for device, said in speakers.items():
                    nursery.start_soon(self._admit, device, said)

    async def _admit(self, device: int, events: Sequence[DataEvent]) -> None:
        """What one device said, in order."""
        by = device_text(device)
        for clips, run in groupby(events, lambda event: event.type in CLIPS):
            readable = [(event, said) for event in run if (said := self._read(by, event)) is not None]
            if clips and readable:
                await self._say(by, readable)
            elif readable:
                await self._note(by, readable)

    async def _say(self, by: str, said: Sequence[tuple[DataEvent, Mapping[str, Any]]]) -> None:
        # An echo of what we gave is no edit of ours.
        speaker = "" if by == device_text(self._own) else by
        outcomes = await self._repository.say([clip for _, clip in said], speaker)
        for (event, clip), outcome in zip(said, outcomes, strict=True):
            if outcome.problem:
                self._refuse(event, NackCode.FATAL, by, outcome.problem)
                continue
            self._answer(Ack(event.digest))
            if leads(self._repository, outcome.id, clip["version"]):
                self._ahead(outcome.id)

    async def _note(self, by: str, said: Sequence[tuple[DataEvent, Mapping[str, Any]]]) -> None:
        for event, note in said:
            await self._repository.note(NOTES[event.type], note, by)
            self._answer(Ack(event.digest))

    def _read(self, by: str, event: DataEvent) -> Mapping[str, Any] | None:
        try:
            said = strict(event.data)
            if isinstance(said, Mapping) and event.type in CLIPS:
                facts(said, by)
        except FormatError as error:
            self._refuse(event, NackCode.MALFORMED, by, str(error))
            return None
        if not isinstance(said, Mapping):
            self._refuse(event, NackCode.MALFORMED, by, "is no JSON object")
            return None
        return said

    def _refuse(self, event: DataEvent, code: NackCode, by: str, why: str) -> None:
        self._wrong(f"data {by}", f"data of device {by} was refused: {why}")
        self._answer(Nack(event.digest, code, why.encode() if code is NackCode.FATAL else b""))


def leads(repository: Repository, id_: str, theirs: Mapping[str, int]) -> bool:
    """Whether we know something of a clip that is not in `theirs`; False for a deleted one."""
    ours = repository.clocks.get(id_)
    if ours is None or repository.deleted(id_):
        return False
    return compare(ours, theirs) in {Order.AFTER, Order.CONCURRENT}
