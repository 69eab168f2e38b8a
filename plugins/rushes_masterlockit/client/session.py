"""One connection to a hub, from its welcome on: be known, subscribe, catch up, follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trio

from rushes_masterlockit.client.admitting import Admitting
from rushes_masterlockit.client.giving import SPEAKERS, Giving, batches
from rushes_masterlockit.client.greeting import alias
from rushes_masterlockit.client.listening import Listening
from rushes_masterlockit.client.subscribing import Subscribing
from rushes_masterlockit.client.sync import Paces, Sync
from rushes_masterlockit.formats import FormatError
from rushes_masterlockit.link import LinkError, NoAnswerError, Peer, PeerLost, RefusedError
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import DeviceAppeared, DeviceType, Message, SubscribeDeviceUpdates

if TYPE_CHECKING:
    from rushes_masterlockit.client.roster import Roster
    from rushes_masterlockit.client.timecode import LiveTimecode
    from rushes_masterlockit.client.troubles import Troubles
    from rushes_masterlockit.repository import Repository

#: After the silence of so many ping intervals the hub is asked something.
SILENT_INTERVALS = 3
#: What a device said before our subscription reached the hub is looked for so long after it appeared ...
APPEARED_S = 5.0
#: ... and not more often than this; so is what a comparison that failed did not bring, and what was refused.
AGAIN_S = 60.0


@dataclass(eq=False, slots=True)
class _Handing:
    """A clip on its way to the hub; `refusal` is why it does not take it, once that is `over`."""

    over: trio.Event = field(default_factory=trio.Event)
    refusal: str = ""


class Session:
    """The listener of one connection; `progress(text)` shows how far a comparison is, "" when it is over."""

    def __init__(
        self,
        peer: Peer,
        options: MasterlockitOptions,
        own: int,
        repository: Repository,
        roster: Roster,
        timecode: LiveTimecode,
        troubles: Troubles,
        paces: Paces,
        progress: Callable[[str], None],
    ) -> None:
        self.peer = peer
        self.giving = Giving(peer, alias(options), troubles.tell)
        self._options = options
        self._own = own
        self._repository = repository
        self._roster = roster
        self._troubles = troubles
        self._paces = paces
        self._progress = progress
        self._admitting = Admitting(repository, own, peer.send, troubles.tell, self.give)
        self._subscribing = Subscribing(peer, own, troubles.tell)
        self._listening = Listening(
            peer,
            roster,
            timecode,
            troubles.tell,
            admitting=self._admitting,
            subscribing=self._subscribing,
        )
        #: Clips that the hub is to be given, each once.
        self._ours: dict[str, None] = {}
        #: Those of them that somebody waits for.
        self._handing: dict[str, _Handing] = {}
        self._some = trio.Event()
        roster.begin()
        troubles.over()

    def hear(self, message: Message) -> Awaitable[None] | None:
        if (
            isinstance(message, DeviceAppeared)
            and message.device == self._own
            and message.type not in self.giving.been
        ):
            self._troubles.tell("own", "another device of this set has our id; was this state folder copied?")
        return self._listening.hear(message)

    def give(self, id_: str) -> None:
        """The hub is to have this clip as we have it, where the options say so."""
        if self._options.send_back:
            self._ours[id_] = None
            self._some.set()

    async def handed(self, id_: str) -> str:
        """Give a clip, where the options say so, and wait until the hub has answered: "", or why it refuses it."""
        handing = self._handing.setdefault(id_, _Handing())
        self.give(id_)
        await handing.over.wait()
        return handing.refusal

    async def follow(self, synced: Callable[[bool], Awaitable[None]]) -> None:
        """Until cancelled, which whoever greeted does when the connection ends. `synced` is called each time that
        what the hub holds has been asked for, with whether it was compared and fetched as a whole.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._admitting.run)
            nursery.start_soon(self._subscribing.run)
            nursery.start_soon(self._while_there, self._watch)
            nursery.start_soon(self._while_there, self._be_storage)
            nursery.start_soon(self._while_there, self._catch_up, synced)

    async def _while_there(self, work: Callable[..., Awaitable[None]], *arguments: object) -> None:
        try:
            await work(*arguments)
        except PeerLost:
            await trio.sleep_forever()  # whoever greeted tells why

    async def _watch(self) -> None:
        """Hubs ask whether we live; one that is silent is asked in turn, there being no ping from us (A16)."""
        silence = SILENT_INTERVALS * self._options.ping_interval
        probe = SubscribeDeviceUpdates(DeviceType.CAMERA)
        while True:
            await trio.sleep_until(self.peer.heard_at + silence)
            asked_at = trio.current_time()
            if asked_at < self.peer.heard_at + silence:
                continue
            try:
                await self.peer.request(probe)
            except RefusedError:
                continue  # it lives
            except NoAnswerError:
                self._if_silent(asked_at)

    def _if_silent(self, since: float) -> bool:
        """End the connection where nothing at all was heard; whether it was so."""
        if self.peer.heard_at > since:
            return False
        silent = trio.current_time() - self.peer.heard_at
        self.peer.close(f"silent for {silent:.0f} s")
        return True

    async def _catch_up(self, synced: Callable[[bool], Awaitable[None]]) -> None:
        await self._subscribing.types()
        self._listening.appeared = trio.Event()
        self._roster.sweep()
        complete = await self._sync()
        await synced(complete)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._while_there, self._again, complete, synced)
            nursery.start_soon(self._while_there, self._give)

    async def _again(self, complete: bool, synced: Callable[[bool], Awaitable[None]]) -> None:
        while True:
            if complete:
                await self._listening.appeared.wait()
                await trio.sleep(APPEARED_S)
            else:
                await trio.sleep(AGAIN_S)
            self._listening.appeared = trio.Event()
            complete = await self._sync()
            await synced(complete)
            if complete:
                await trio.sleep(AGAIN_S)

    async def _be_storage(self) -> None:
        """A hub that has not noticed that our last connection is gone may refuse us at first."""
        while self._options.storage:
            try:
                await self.giving.register(DeviceType.STORAGE)
            except RefusedError as refusal:
                why = refusal.text or "it gave no reason"
                self._troubles.tell("storage", f"the hub does not take us as a storage device: {why}")
            except NoAnswerError as error:
                self._troubles.tell("storage", str(error))
            else:
                return
            await trio.sleep(AGAIN_S)

    async def _sync(self) -> bool:
        """Whether the hub gave all that it has. Raises PeerLost."""
        sync = Sync(
            self.peer,
            self._repository,
            self._paces,
            self._troubles.tell,
            self._fetched,
            self._roster.maker,
        )
        try:
            await sync.run()
        except PeerLost:
            raise
        except NoAnswerError as error:
            if self._if_silent(trio.current_time() - self._options.ping_timeout):
                await trio.sleep_forever()
            self._troubles.tell("sync", f"{error}; its clips are asked for again later")
            return False
        except (LinkError, FormatError) as error:
            self._troubles.tell("sync", f"what the hub has cannot be compared: {error}")
            return False
        finally:
            self._progress("")
        if self._options.send_back:
            for id_ in sync.ours():
                self.give(id_)
        return True

    def _fetched(self, done: int, total: int) -> None:
        if total:
            self._progress(f"{done} of {total} clips fetched")

    async def _give(self) -> None:
        """Give the hub what it is to have. What it does not take is told, and tried again by the next comparison."""
        while True:
            await self._some.wait()
            ids, self._ours, self._some = list(self._ours), {}, trio.Event()
            handing, self._handing = self._handing, {}
            try:
                for batch in batches(ids):
                    refused = await self.giving.clips(await self._repository.bodies(batch))
                    for id_ in handing.keys() & batch:
                        handing[id_].refusal = refused.get(id_, "")
                        handing[id_].over.set()
                await self.giving.leave(*SPEAKERS.values())
            except NoAnswerError as error:
                self._troubles.tell("given", f"{error}; clips are given again later")
                self._listening.appeared.set()
