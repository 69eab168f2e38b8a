"""A realtime asset: made when a recording begins, its parts as they come to be (reference, section 11)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rushes import Clip
from rushes_frameio.clip.filetypes import filetype
from rushes_frameio.clip.names import asset_name
from rushes_frameio.live.stride import Stride

#: Endings of names that recorders give to files that they have not finished.
PROVISIONAL = (".tmp", ".part", ".partial", ".recording")
#: The number under which `report.part` keeps that the end was told: real parts count from 1.
ENDING = 0


def named(clip: Clip) -> Clip:
    """The clip under the name that its file is to have in the end."""
    for ending in PROVISIONAL:
        if clip.path.lower().endswith(ending):
            return replace(clip, path=clip.path[: -len(ending)])
    return clip


def has_name(clip: Clip) -> bool:
    """Whether the name ends in an extension: Frame.io makes no realtime asset without one."""
    return bool(re.fullmatch("[a-z0-9]{1,10}", named(clip).extension))


def creation(clip: Clip, *, offset: int, channel: int) -> dict[str, Any]:
    """The body of the create call; `offset` is the age of the recording's start, in whole seconds.

    A provisional name is not told, its extension alone: the name follows with the last part.
    """
    final = named(clip)
    return {
        "is_realtime_upload": True,
        **({"name": asset_name(clip)} if final is clip else {"extension": f".{final.extension}"}),
        "filetype": filetype(final),
        "offset": offset,
        **({"channel": channel} if channel else {}),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Placeholder:
    """A realtime asset under way, as `report.begin` stores it; `project` is the id of the one it was made in.

    `smallest` is the size its parts began with. `unnamed`: it has an extension only. `made_at` is when the
    recording began, in seconds since the epoch. `abandoned` counts earlier assets of this clip.
    """

    id: str
    filetype: str
    smallest: int
    unnamed: bool
    made_at: float
    project: str
    abandoned: int = 0

    @property
    def stride(self) -> Stride:
        return Stride(self.smallest)

    @property
    def head(self) -> dict[str, Any]:
        return {
            "realtime": self.id,
            "filetype": self.filetype,
            "smallest": self.smallest,
            "unnamed": self.unnamed,
            "made_at": self.made_at,
            "project": self.project,
            "abandoned": self.abandoned,
        }

    @classmethod
    def from_head(cls, head: Mapping[str, Any]) -> Placeholder | None:
        """The stored asset; None where there is none yet, or a standard one."""
        if not is_realtime(head):
            return None
        return cls(
            id=head["realtime"],
            filetype=head["filetype"],
            smallest=head["smallest"],
            unnamed=head["unnamed"],
            made_at=head["made_at"],
            project=head["project"],
            abandoned=head["abandoned"],
        )


def is_realtime(head: Mapping[str, Any]) -> bool:
    """Whether what an earlier call stored is a realtime asset."""
    return "realtime" in head


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What was told of the end, stored before the last part's first byte: after that byte's last companion the
    asset may be complete, and no other may be made.

    The url takes the last part again and again for a day, whether its first answer was lost or not.
    """

    size: int
    mark: str
    url: str = field(repr=False)

    @property
    def value(self) -> str:
        """What `Report.part` keeps."""
        return json.dumps({"size": self.size, "mark": self.mark, "url": self.url})

    @classmethod
    def read(cls, value: str) -> Ending:
        return cls(**json.loads(value))
