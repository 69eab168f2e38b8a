"""What became of the clips, for those who want to hear of it: in the order in which it was kept, whoever said it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from rushes_masterlockit.formats import device_id
from rushes_masterlockit.protocol import DeviceType
from rushes_masterlockit.repository import Outcome
from rushes_masterlockit.versions import Verdict

if TYPE_CHECKING:
    from rushes_masterlockit.hub.house import House

#: What others hear of as it was said; a clip that was known already, or is deleted, is no news.
NEWS = frozenset({Verdict.NEW, Verdict.REPLACED, Verdict.REVIVED})

_TYPES = {"video": DeviceType.CAMERA, "sound": DeviceType.SOUND_RECORDER}


class _Clip(msgspec.Struct):
    type: str
    version: dict[str, int]


_read = msgspec.json.Decoder(_Clip).decode


@contextmanager
def told(house: House) -> Iterator[None]:
    """Within, subscribers are told of every clip that changes, once it is durable."""

    def tell(outcome: Outcome, by: str) -> None:
        merged = outcome.verdict is Verdict.MERGED
        if not merged and outcome.verdict not in NEWS:
            return
        clip, device = _read(outcome.body), int(by, 16)
        type_ = _TYPES[clip.type]
        if merged or house.is_own(device):
            house.fanout.tell_merged(device, type_, outcome.body, _editors(clip))
        else:
            house.fanout.tell(device, type_, outcome.body, but=house.desk.holder(device, type_))

    house.repository.changed.append(tell)
    try:
        yield
    finally:
        house.repository.changed.remove(tell)


def _editors(clip: _Clip) -> list[int]:
    """The devices that made a clip what it is; a key of its clock that is no id is nobody's."""
    return [device for key in clip.version if (device := device_id(key)) is not None]
