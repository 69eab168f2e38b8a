"""A simulated day, played: its devices against a hub, its files into a folder."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import trio

from rushes import RushesError
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import DeviceType
from rushes_masterlockit.simulate.clock import DayClock
from rushes_masterlockit.simulate.day import Day, Moment
from rushes_masterlockit.simulate.media import Media
from rushes_masterlockit.simulate.players import Player
from rushes_masterlockit.simulate.records import Recording

#: A hub that is away at the end of the day is waited for so many seconds.
PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What happened, for people: at which label, by whom."""

    timecode: str
    device: str
    what: str
    text: str


class Play:
    """`run` plays it; the counts are what it came to."""

    def __init__(
        self, day: Day, *, factor: float, media: Media | None = None, tell: Callable[[Told], None]
    ) -> None:
        self.day = day
        self.clock = DayClock(day.first, day.rate, factor)
        self.wrapped = False
        self._answers = [(moment, trio.Event()) for moment in day.moments if moment.knows]
        self._media = media
        self._tell_told = tell
        self._players = {
            name: Player(day, device, self.clock, self._tell) for name, device in day.devices.items()
        }

    async def run(
        self, hub: tuple[str, int], credentials: Credentials, stop: trio.Event, *, stay: bool
    ) -> None:
        """Until the day is over and acknowledged, or `stop`; with `stay` the devices stay until `stop`.

        Raises Unavailable where no hub is there, NotAuthorised where it refuses the key; Permanent and RushesError
        where the media cannot be made.
        """
        if self._media is not None:
            self._media.expect(list(self.day.recordings))
        host, port = hub
        failures: list[RushesError] = []

        try:
            async with trio.open_nursery() as nursery:

                async def attempt(work: Callable[..., Awaitable[None]], *arguments: object) -> None:
                    try:
                        await work(*arguments)
                    except RushesError as error:
                        failures.append(error)
                        nursery.cancel_scope.cancel()

                for name, player in self._players.items():
                    options = MasterlockitOptions(host=host, port=port, alias=name)
                    nursery.start_soon(attempt, player.live, options, credentials)
                nursery.start_soon(self._leave, stop, nursery.cancel_scope)
                for player in self._players.values():
                    await player.there.wait()
                self.clock.start()
                async with trio.open_nursery() as work:
                    work.start_soon(self._say)
                    for moment, said in self._answers:
                        nursery.start_soon(self._say_after, moment, said)
                    if self._media is not None:
                        for recording in self.day.recordings:
                            work.start_soon(attempt, self._media.make, recording)
                            work.start_soon(attempt, self._appear, self._media, recording)
                await self._settle()
                self.wrapped = True
                self._tell("", "wrap", "that is a wrap")
                if stay:
                    await stop.wait()
                nursery.cancel_scope.cancel()
        finally:
            if self._media is not None:
                self._media.clean()
        if failures:
            raise failures[0]

    @property
    def complete(self) -> bool:
        """Whether the hub has acknowledged everything."""
        return self.said == len(self.day.moments)

    @property
    def said(self) -> int:
        """How much of what happened is acknowledged."""
        return sum(len(player.acked) for player in self._players.values())

    def document(self) -> Mapping[str, Any]:
        """What it came to; `records` are the clips as their own devices said them last."""
        players = self._players.values()
        acked = [moment for player in players for moment in player.acked]
        streams = {DeviceType.TIMECODE_GENERATOR: "timecode", DeviceType.LENS: "lens"}
        return {
            "ok": self.wrapped and self.complete,
            "seed": self.day.seed,
            "day": self.day.number,
            "rate": self.day.rate.name,
            "clips": len(self.day.recordings),
            "slates": sum(moment.type is DeviceType.SLATE_INFO for moment in self.day.moments),
            "claps": sum(moment.type is DeviceType.SLATE for moment in self.day.moments),
            "said": len(self.day.moments),
            "acked": len(acked),
            "refused": [text for player in players for text in player.refused],
            "reconnected": sum(max(0, player.connections - 1) for player in players),
            **{
                name: {"told": player.frames_told, "dropped": player.frames_dropped}
                for type_, name in streams.items()
                for player in players
                if player.device.type is type_
            },
            "devices": [
                {"id": device.text, "name": device.name, "type": device.type.value}
                for device in self.day.devices.values()
            ],
            "recordings": self._recordings(),
            "records": [recording.clip for recording in self.day.recordings],
        }

    def _recordings(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "clip": recording.clip["id"],
                "device": recording.device.name,
                "path": recording.path,
                "take": recording.shot.name,
                "circled": recording.shot.circled,
                "timecode": str(self.day.timecode(recording.start)),
                "frames": recording.stop - recording.start,
            }
            for recording in self.day.recordings
        ]

    async def _say(self) -> None:
        for moment in self.day.moments:
            await self.clock.until(moment.frame)
            self._tell(moment.device, moment.what, moment.text, moment.frame)
            if not moment.knows:
                self._players[moment.device].say(moment)
        await self.clock.until(self.day.last)

    async def _say_after(self, moment: Moment, said: trio.Event) -> None:
        """Nobody can answer to what the hub has not heard yet, however long that takes."""
        await self.clock.until(moment.frame)
        await self._players[moment.knows].said_all()
        self._players[moment.device].say(moment)
        said.set()

    async def _appear(self, media: Media, recording: Recording) -> None:
        await self.clock.until(recording.stop)
        await media.cut(recording)

    async def _settle(self) -> None:
        with trio.move_on_after(PATIENCE_S):
            for _, said in self._answers:
                await said.wait()
            for player in self._players.values():
                await player.said_all()

    def _tell(self, device: str, what: str, text: str, frame: int | None = None) -> None:
        label = str(self.day.timecode(min(self.clock.frame(), self.day.last) if frame is None else frame))
        self._tell_told(Told(timecode=label, device=device, what=what, text=text))

    @staticmethod
    async def _leave(stop: trio.Event, scope: trio.CancelScope) -> None:
        await stop.wait()
        scope.cancel()
