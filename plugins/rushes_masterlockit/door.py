"""What a person may ask of the set, whichever side of the connection we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Door(Protocol):
    """Each call raises RushesError with one line for people; Unavailable while the hub is not reached."""

    @property
    def rate(self) -> str:
        """The timecode rate that the set's own generator says ("25"), "" while nobody has."""

    def devices(self) -> Sequence[Mapping[str, Any]]:
        """Every known device: id (16 hex digits), name, types (names), present, energy (per cent or None),
        parent (id or None), rate (of a generator, or None).
        """

    async def rename(self, device: int, name: str, /) -> None: ...
    async def remove(self, device: int, /) -> None: ...
    async def delete(self, demand: Mapping[str, Any], /) -> int | None:
        """How many clips became tombstones; None where the hub does not say."""

    async def cjam(self, seconds: int, frames: int, /) -> None:
        """Set the generator's label and start continuous jam."""

    async def slate(self, info: Mapping[str, Any], /) -> None:
        """Tell the set what the slate of the upcoming take will show (a SlateInfo, as JSON has it)."""


@dataclass(frozen=True, slots=True)
class Edited:
    """`body` is the clip as it stands now, as JSON; `why` the set does not have it so, "" where it does."""

    body: bytes
    why: str = ""


class Running(Door, Protocol):
    """That of a source that runs."""

    async def edit(self, clip: str, changes: Mapping[str, Any], /) -> Edited:
        """Change members of a live clip (a merge patch: null removes), as an edit of our own; durable when it
        returns. NotFound for a clip that is deleted, or nobody's.
        """
