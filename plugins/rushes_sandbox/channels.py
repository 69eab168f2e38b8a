"""Sub-devices that have no network of their own (reference, section 8; the guide on channels).

Channel 0 is the device itself and no entry here: it comes and goes with its device.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from rushes_sandbox.answers import ApiRefused
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.devices import ProjectDevice
from rushes_sandbox.journal import Fact, Journal

#: The highest `external_index`.
HIGHEST_INDEX = 100


@dataclass(kw_only=True)
class Channel:
    """One sub-device of a device; `client_id` with `model` names it. Its ids outlive a disconnect."""

    id: str
    device: str
    device_id: str
    client_id: str
    model: str
    name: str
    inserted_at: float
    updated_at: float
    index: int = 0
    connected: bool = False


class Channels(Book):
    name = "channels"

    def __init__(self, journal: Journal, settings: Settings) -> None:
        super().__init__(journal, settings)
        self._all: dict[str, Channel] = {}

    def connected(self, device: str) -> Sequence[Channel]:
        """The sub-devices that are there now, in the order of connecting."""
        return [channel for channel in self._all.values() if channel.device == device and channel.connected]

    def index(self, channel: Channel) -> int:
        """What the API shows and takes: 0 for every channel where the settings ask for that."""
        return 0 if self._settings.channels_at_zero else channel.index

    def find(self, device: str, index: int) -> Channel | None:
        return next((channel for channel in self.connected(device) if self.index(channel) == index), None)

    def models(self) -> Mapping[str, str]:
        """The device model of every channel that there ever was, by the channel's id."""
        return {channel.id: channel.model for channel in self._all.values()}

    def connect(self, device: ProjectDevice, client_id: str, model: str) -> Channel:
        """Connect a sub-device on the lowest free index; one that was here before is the same channel again.

        Uniqueness is the client id's: one that is connected, the device's own included, is refused with 409.
        """
        there = self.connected(device.id)
        if client_id in {device.client_id, *(channel.client_id for channel in there)}:
            raise ApiRefused(409, f"The channel {client_id} is connected already.", title="Already Exists")
        taken = {channel.index for channel in there}
        index = next(number for number in count(1) if number not in taken)
        if index > HIGHEST_INDEX:
            raise ApiRefused(
                422, f"A device has {HIGHEST_INDEX} channels at most.", title="Invalid Arguments"
            )
        known = self._known(device.id, client_id, model)
        id_ = known.id if known else str(uuid.uuid4())
        self.record(
            "connected",
            id=id_,
            device=device.id,
            client_id=client_id,
            model=model,
            index=index,
            device_id=known.device_id if known else str(uuid.uuid4()),
            at=self.now,
        )
        return self._all[id_]

    def disconnect(self, device: str, channel_id: str) -> None:
        channel = self._all.get(channel_id)
        if channel is None or channel.device != device or not channel.connected:
            raise ApiRefused(404, f"The device has no channel {channel_id}.")
        self.record("disconnected", ids=[channel.id], at=self.now)

    def disconnect_all(self, device: str) -> None:
        if there := self.connected(device):
            self.record("disconnected", ids=[channel.id for channel in there], at=self.now)

    def _known(self, device: str, client_id: str, model: str) -> Channel | None:
        mine = (device, client_id, model)
        return next((c for c in self._all.values() if (c.device, c.client_id, c.model) == mine), None)

    def apply(self, fact: Fact) -> None:
        if fact["what"] == "disconnected":
            for id_ in fact["ids"]:
                self._all[id_].connected, self._all[id_].updated_at = False, fact["at"]
            return
        # Out and in again: connected() lists in the order of connecting.
        channel = self._all.pop(fact["id"], None) or Channel(
            id=fact["id"],
            device=fact["device"],
            device_id=fact["device_id"],
            client_id=fact["client_id"],
            model=fact["model"],
            name=f"Sub-device {fact['client_id']}"[:80],
            inserted_at=fact["at"],
            updated_at=fact["at"],
        )
        channel.connected, channel.index, channel.updated_at = True, fact["index"], fact["at"]
        self._all[channel.id] = channel
