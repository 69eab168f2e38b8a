"""What one device says in data events: clips, slates and claps are kept, then acknowledged; timecode and lens data
are passed on at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rushes import Permanent, RushesError
from rushes_masterlockit.formats import TYPE_NAMES, device_text
from rushes_masterlockit.hub.answers import Answers
from rushes_masterlockit.hub.lane import Lane, Said
from rushes_masterlockit.hub.reading import check_lens, check_timecode, read_said
from rushes_masterlockit.protocol import DataEvent, DeviceType

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House
    from rushes_masterlockit.hub.session import Session

#: Kinds of notes by the type of the device.
NOTES: Mapping[int, Literal["slate", "clap"]] = {DeviceType.SLATE_INFO: "slate", DeviceType.SLATE: "clap"}


class Sayings:
    """Of one connection."""

    def __init__(self, house: House, session: Session, answers: Answers) -> None:
        self._house = house
        self._session = session
        self._answers = answers
        self._lane = Lane(self._keep)

    async def run(self) -> None:
        """Keep clips until cancelled."""
        await self._lane.run()

    async def settled(self) -> None:
        """Return when every clip that was said before is kept, and acknowledged."""
        await self._lane.settled()

    def must_be(self, type_: int) -> None:
        """Permanent where the connection is not registered as this type of device."""
        if self._house.desk.holder(self._session.device, type_) is not self._session:
            raise Permanent(f"not registered as {TYPE_NAMES[type_]}; send RegisterAsDevice first")

    def heard(self, event: DataEvent) -> Awaitable[None] | None:
        """Raises FormatError and RushesError; what is returned is to be awaited before the next message."""
        type_, data = event.type, event.data
        self.must_be(type_)
        if type_ == DeviceType.TIMECODE_GENERATOR:
            self._house.heard_timecode(self._session.device, *check_timecode(data))
        elif type_ == DeviceType.LENS:
            check_lens(data)
            self._house.heard_lens(self._session.device, data, self._session.byte_order)
        else:
            said = read_said(type_, data)
            if type_ not in NOTES:
                return self._lane.say(Said(event, said))
            return self._note(event, said)
        self._answers.ack(event)
        self._house.fanout.tell_volatile(self._session.device, type_, data, by=self._session)
        return None

    async def _keep(self, said: Sequence[Said]) -> None:
        """Clips that were said in a row: acknowledged once they are durable."""
        by = device_text(self._session.device)
        try:
            outcomes = await self._house.repository.say([clip for _, clip in said], by)
        except RushesError as error:
            for request, _ in said:
                self._answers.refuse(request, error)
            return
        for (request, _), outcome in zip(said, outcomes, strict=True):
            if outcome.problem:
                self._answers.refuse(request, Permanent(outcome.problem))
            else:
                self._answers.ack(request)

    async def _note(self, event: DataEvent, said: dict[str, Any]) -> None:
        by = device_text(self._session.device)
        try:
            await self._house.repository.note(NOTES[event.type], said, by)
        except RushesError as error:
            self._answers.refuse(event, error)
            return
        self._answers.ack(event)
        self._house.fanout.tell(self._session.device, event.type, event.data, but=self._session)
