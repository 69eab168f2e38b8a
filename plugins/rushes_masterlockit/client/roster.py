"""Who is on the set, as the hub tells it: devices come, say what they are, and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import trio

from rushes import Device
from rushes_masterlockit.client.known import Known
from rushes_masterlockit.formats import TYPE_NAMES, device_id, device_text, merge_meta
from rushes_masterlockit.formats.about import member
from rushes_masterlockit.protocol import DeviceType

#: A set has dozens of devices; more than this is a hub that makes them up.
MOST_DEVICES = 4096
#: Metadata of one device and type, as JSON, that is larger is nobody's: what was said before is forgotten.
MOST_META = 256 * 1024
_MAKERS = {"video": DeviceType.CAMERA, "sound": DeviceType.SOUND_RECORDER}


class Roster:
    """All devices of one hub. `changed` is set when `changes` may have something that the engine has not heard."""

    def __init__(self, own: int, source: str) -> None:
        self.changed = trio.Event()
        self._own = own
        self._source = source
        self._known: dict[int, Known] = {}
        self._told: dict[str, Device] = {}
        self._connection = 0
        #: Whether it is known who is not there, too.
        self._complete = False

    def remember(self, devices: Iterable[Device]) -> None:
        """What the engine takes to be there from an earlier life of this source."""
        self._told = {device.id: device for device in devices if device.source == self._source}

    def begin(self) -> None:
        """A new connection: what is not told of in it has gone (see `sweep`)."""
        self._connection += 1

    def sweep(self) -> None:
        """What this connection has not told of is not there."""
        for known in self._known.values():
            known.there.intersection_update(
                type_ for type_, told_in in known.told_in.items() if told_in == self._connection
            )
            known.kind = known.kind or min(known.types)
        self._complete = True
        self.changed.set()

    def lost(self) -> None:
        """Nobody knows any more who is there."""
        for known in self._known.values():
            known.there.clear()
        self._complete = True
        self.changed.set()

    def get(self, device: int) -> Known | None:
        return self._known.get(device)

    def appeared(self, device: int, type_: int) -> None:
        if (known := self._noted(device, type_)) is not None:
            known.there.add(type_)

    def disappeared(self, device: int, type_: int) -> None:
        """It stays known: it may come back, and a person removes it."""
        if (known := self._known.get(device)) is not None:
            known.there.discard(type_)
            known.told_in[type_] = self._connection
            self.changed.set()

    def described(self, device: int, type_: int, said: Mapping[str, Any]) -> None:
        """Metadata, which may be partial, and may come before the device appears."""
        new = device not in self._known
        if (known := self._noted(device, type_)) is None:
            return
        merged = merge_meta(known.meta.get(type_, {}), said)
        known.meta[type_] = merged if len(msgspec.json.encode(merged)) <= MOST_META else said
        connected = member(said, "common").get("connected", True if new else None)
        if connected is True:
            known.there.add(type_)
        elif connected is False:
            known.there.discard(type_)

    def spoke(self, device: int, type_: int) -> bool:
        """A device that this connection has not told of gets a place, which is answered; one that has gone in it
        stays gone: its words may be late.
        """
        known = self._known.get(device)
        if known is not None and known.told_in.get(type_) == self._connection:
            return False
        self.appeared(device, type_)
        return True

    def renamed(self, device: int, name: str) -> None:
        """The hub took a new name; it may not say so to who asked."""
        if (known := self._known.get(device)) is not None:
            for type_ in known.types:
                known.meta[type_] = merge_meta(known.meta.get(type_, {}), {"common": {"alias": name}})
            self.changed.set()

    def removed(self, device: int) -> None:
        self._known.pop(device, None)
        self.changed.set()

    @property
    def rate(self) -> str:
        """The rate of the hub's own generator, else the one that all other generators agree on, else ""."""
        rates = {known.rate for known in self._known.values() if known.rate}
        own = next((known.rate for known in self._known.values() if known.master and known.rate), "")
        return own or (rates.pop() if len(rates) == 1 else "")

    def maker(self, clip: Mapping[str, Any]) -> str:
        """The device that a clip of unknown origin comes from: the one that edited it, of several the camera or
        recorder among them; "" where that is not one, or we ourselves: what we edit here is said by us.
        """
        version = clip.get("version")
        texts = [text for text in version if isinstance(text, str)] if isinstance(version, dict) else []
        edited = {device for text in texts if (device := device_id(text))}
        if len(edited) > 1:
            type_ = _MAKERS.get(str(clip.get("type")))
            edited = {device for device in edited if type_ in self._types(device)}
        edited.discard(self._own)
        return device_text(edited.pop()) if len(edited) == 1 else ""

    def _types(self, device: int) -> Collection[int]:
        known = self._known.get(device)
        return known.types if known is not None else ()

    @property
    def present(self) -> int:
        """How many devices are there, beside ourselves."""
        return sum(bool(known.there) for known in self._known.values() if known.id != self._own)

    def names(self) -> Mapping[int, str]:
        """A name for people: the alias, with the last four digits of the id where two share it."""
        names = {known.id: known.alias for known in self._known.values()}
        shared = Counter(names.values())
        return {
            device: name
            if name and shared[name] == 1
            else f"{name or self._kind(device)} {device_text(device)[-4:]}"
            for device, name in names.items()
        }

    def name(self, device: int) -> str:
        return self.names().get(device, device_text(device))

    def devices(self) -> list[dict[str, Any]]:
        """As `Door.devices`."""
        names = self.names()
        return [
            {
                "id": device_text(known.id),
                "name": names[known.id],
                "types": [type_name(type_) for type_ in sorted(known.types)],
                "present": bool(known.there),
                "energy": known.energy,
                "parent": known.parent,
                "rate": known.rate or None,
            }
            for known in sorted(self._known.values(), key=lambda known: (names[known.id], known.id))
        ]

    def changes(self, timecode: Callable[[int], Mapping[str, Any]] = lambda _device: {}) -> list[Device]:
        """Devices that are not as they were when this was last called, their facts and `timecode` included; those that
        were removed are not present.

        We ourselves are none of them.
        """
        self.changed = trio.Event()
        names = self.names()
        now = {
            device_text(known.id): Device(
                id=device_text(known.id),
                source=self._source,
                type=self._kind(known.id),
                name=names[known.id],
                present=bool(known.there),
                facts={**known.facts, **timecode(known.id)} if known.there else {},
            )
            for known in self._known.values()
            if known.id != self._own
        }
        changed = [device for id_, device in now.items() if not same(self._told.get(id_), device)]
        missing = {id_: was for id_, was in self._told.items() if id_ not in now}
        if not self._complete:
            self._told = missing | now
            return changed
        self._told = now
        return [*changed, *(replace(was, present=False) for was in missing.values() if was.present)]

    def _kind(self, device: int) -> str:
        """The name of what it was when we came, or as which it came: a tablet that edits a clip as a camera is still
        a tablet.
        """
        known = self._known[device]
        return type_name(known.kind or min(known.types))

    def _noted(self, device: int, type_: int) -> Known | None:
        known = self._known.get(device)
        if known is None:
            if len(self._known) >= MOST_DEVICES:
                return None
            known = self._known[device] = Known(device)
        known.types.add(type_)
        if self._complete:
            known.kind = known.kind or type_
        known.told_in[type_] = self._connection
        self.changed.set()
        return known


def same(told: Device | None, device: Device) -> bool:
    """Whether there is nothing to tell, of its facts neither."""
    return told == device and told.facts == device.facts


def type_name(type_: int) -> str:
    return TYPE_NAMES.get(type_, f"type {type_}")
