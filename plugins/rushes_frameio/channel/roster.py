"""Which sub-devices are to be channels, and what the service's list says of them: no I/O.

Channel ids are never stored: the seed manage-channels warns of power cuts between a call and its record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rushes import Clip, Device, Order, Permanent
from rushes_frameio.calls.identity import Channel, Identity
from rushes_frameio.options import FrameioOptions, FrameioWishes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sub:
    """A sub-device that is to have a channel: the service tells it by `client_id`, people by `label`."""

    label: str
    client_id: str
    model: str


def model_of(options: FrameioOptions, device: Device) -> str | None:
    """The device's model id: what is written for `type/name`, else for `type`; None without either."""
    return options.devices.get(f"{device.type}/{device.name}") or options.devices.get(device.type)


def of_device(installation: str, device: Device, model: str) -> Sub:
    """The same every time for one device at one installation."""
    client_id = _client_id(installation, "device", device.source, device.id)
    return Sub(label=device.name or device.id, client_id=client_id, model=model)


def of_name(installation: str, name: str, model: str) -> Sub:
    """The channel that the pipeline file declares under a name."""
    return Sub(label=name, client_id=_client_id(installation, "channel", name), model=model)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a clip belongs: on a sub-device's channel, or on the primary one; `why` tells what keeps it there.

    `missing` is its device where no source has told of that one.
    """

    sub: Sub | None = None
    why: str = ""
    missing: str = ""


def place(
    clip: Clip, order: Order, options: FrameioOptions, devices: Sequence[Device], installation: str
) -> Place:
    """The channel that the clip's route names, else its device's. Raises Permanent for a name that nobody knows.

    A clip's device is its metadata `device`: the id or the name of one.
    """
    if isinstance(order.wishes, FrameioWishes):
        name = order.wishes.channel
        if name not in options.channels:
            known = ", ".join(sorted(options.channels)) or "none"
            raise Permanent(
                f"{clip.filename}: its route names channel {name}; the sink's `channels` are: {known}"
            )
        return Place(sub=of_name(installation, name, options.channels[name]))
    name = str(clip.meta.get("device", ""))
    if not name:
        return Place()
    device = next((device for device in devices if name in {device.id, device.name}), None)
    if device is None:
        return Place(why=f"device {name} is gone", missing=name)
    model = model_of(options, device)
    if model is None:
        return Place(why=f"device {name} has no model id")
    return Place(sub=of_device(installation, device, model))


def _client_id(*parts: str) -> str:
    # Hashed: a device's id may be a MAC address or a name, which Frame.io does not want to get.
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def indices(identity: Identity) -> Mapping[str, int]:
    """What `channel` names each listed channel by its id: its index, where those are all different.

    Where two are equal (the seed's own sample shows 0 twice) none of them means anything: then it is the place
    in the list, the device's own channel first.
    """
    listed = [*_primary(identity), *subs(identity)]
    told = [channel.index for channel in listed]
    numbers = told if len(set(told)) == len(told) else range(len(listed))
    return {channel.id: number for channel, number in zip(listed, numbers, strict=True)}


def subs(identity: Identity) -> Sequence[Channel]:
    """The listed channels without the device's own."""
    own = _primary(identity)
    return [channel for channel in identity.channels if channel not in own]


def _primary(identity: Identity) -> Sequence[Channel]:
    own = [channel for channel in identity.channels if channel.device_id == identity.device_id]
    return (own or identity.channels)[:1]


def recognised(
    wanted: Iterable[Sub], listed: Sequence[Channel], device_ids: Mapping[str, str]
) -> Mapping[str, Channel]:
    """Channels whose connect call was not answered, by client id: told by the device id that an earlier answer
    gave, by a name that ends in the client id as Frame.io's names do, or because only one is left on either side.
    """
    found: dict[str, Channel] = {}
    unclear: list[Sub] = []
    for sub in wanted:
        same = [
            channel
            for channel in listed
            if channel.device_id == device_ids.get(sub.client_id) or channel.name.endswith(sub.client_id)
        ]
        if len(same) == 1:
            found[sub.client_id] = same[0]
        else:
            unclear.append(sub)
    rest = [channel for channel in listed if channel not in found.values()]
    if len(unclear) == len(rest) == 1:
        found[unclear[0].client_id] = rest[0]
    return found
