"""What a demand asks about of a clip, taken out of it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.strict import MOST_INTEGER

DAY_SECONDS = 86400


class Facts(Struct, frozen=True, gc=False):
    """`device` is the originating one (16 hex digits); labels are (seconds, frames), times ms since the epoch."""

    id: str
    type: Literal["video", "sound"]
    clock: dict[str, int]
    device: str = ""
    start: tuple[int, int] | None = None
    stop: tuple[int, int] | None = None
    created: int | None = None
    deleted: bool = False


def facts(raw: Mapping[str, Any], device: str, *, deleted: bool = False) -> Facts:
    """What `raw` tells; `clock` is its own `version`, not a copy.

    FormatError where `id`, `type` or `version` are not a clip's; other members that are wrong count as
    absent.
    """
    get = raw.get
    identity, kind, clock, created = get("id"), get("type"), get("version"), get("created")
    if not isinstance(identity, str) or not identity:
        raise FormatError("a clip has no id")
    if kind not in ("video", "sound"):  # a set would choke on a list
        raise FormatError(f"clip {identity[:64]!r} is neither video nor sound")
    if not isinstance(clock, dict):
        raise FormatError(f"clip {identity[:64]!r} has no version")
    for count in clock.values():
        if type(count) is not int or not 0 <= count <= MOST_INTEGER:
            raise FormatError(f"clip {identity[:64]!r} has a version that does not count edits")
    return Facts(
        identity,
        kind,
        clock,
        device,
        moment(get("tcStartSeconds"), get("tcStartFrames")),
        moment(get("tcStopSeconds"), get("tcStopFrames")),
        created if type(created) is int else None,
        deleted,
    )


def moment(seconds: Any, frames: Any) -> tuple[int, int] | None:
    """One end of a clip, by what its two members say.

    None for what lies beyond any day; a missing count of frames is the second's first.
    """
    if type(seconds) is not int or not 0 <= seconds < DAY_SECONDS:
        return None
    if frames is None:
        return seconds, 0
    return (seconds, frames) if type(frames) is int and frames >= 0 else None
