"""What a person asks of the set, asked of its hub."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

import msgspec

from rushes import Permanent, RushesError, Unavailable
from rushes_masterlockit.client.giving import Giving
from rushes_masterlockit.client.pages import Pace, versions
from rushes_masterlockit.client.roster import Roster
from rushes_masterlockit.client.sync import VERSIONS_PAGE
from rushes_masterlockit.client.timecode import LiveTimecode
from rushes_masterlockit.formats import FormatError, parse_demand
from rushes_masterlockit.link import LinkError, NoAnswerError, Peer, RefusedError
from rushes_masterlockit.protocol import (
    DeleteClips,
    DeviceType,
    RemoveDevice,
    RenameDevice,
    Request,
    StartCJam,
)


class Remote:
    """A `Door` to the hub that `peer` is, while there is one; `giving` is how we speak to it as a device."""

    peer: Peer | None = None
    giving: Giving | None = None

    def __init__(
        self,
        hub: str,
        roster: Roster,
        timecode: LiveTimecode,
        deleted: Callable[[Sequence[str]], Awaitable[None]],
    ) -> None:
        """`hub` is its address; `deleted` is told which clips it has deleted for us."""
        self._hub = hub
        self._roster = roster
        self._timecode = timecode
        self._deleted = deleted

    @property
    def rate(self) -> str:
        return self._roster.rate

    def devices(self) -> Sequence[Mapping[str, Any]]:
        """Those that the hub told of; with the `timecode` that a generator or lens said last, and when."""
        rows = self._roster.devices()
        for row in rows:
            heard = self._timecode.newest(int(row["id"], 16))
            row["timecode"], row["heard_at"] = heard or (None, None)
        return rows

    async def rename(self, device: int, name: str, /) -> None:
        await self._ask(RenameDevice(device, name), "rename the device")
        self._roster.renamed(device, name)

    async def remove(self, device: int, /) -> None:
        await self._ask(RemoveDevice(device), "remove the device")
        self._roster.removed(device)
        self._timecode.forget(device)

    async def delete(self, demand: Mapping[str, Any], /) -> int | None:
        """What the hub deletes is deleted here too, so that it is not given back; None where it does not list it."""
        said = msgspec.json.encode(demand)
        try:
            parse_demand(said)
        except FormatError as error:
            raise Permanent(str(error)) from error
        ids = await self._listed(said)
        await self._ask(DeleteClips(said), "delete clips")
        await self._deleted(ids or ())
        return None if ids is None else len(ids)

    async def cjam(self, seconds: int, frames: int, /) -> None:
        await self._ask(StartCJam(seconds, frames), "set the timecode")

    async def slate(self, info: Mapping[str, Any], /) -> None:
        """We are a slate info device for as long as that takes."""
        if self.giving is None:
            raise self.away()
        with self._explained("take the slate info"):
            await self.giving.say(DeviceType.SLATE_INFO, msgspec.json.encode(info))

    async def _listed(self, demand: bytes) -> list[str] | None:
        """What of the hub's clips matches; None where it does not tell."""
        try:
            async with aclosing(versions(self._there(), Pace(VERSIONS_PAGE), set(), demand)) as pages:
                return [version.id async for page in pages for version in page.fresh]
        except (RefusedError, FormatError):
            return None
        except LinkError as error:
            raise Unavailable(f"{error}; nothing was deleted") from error

    async def _ask(self, request: Request, what: str) -> None:
        with self._explained(what):
            await self._there().request(request)

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except RefusedError as refusal:
            reason = refusal.text or f"it gave no reason (code {refusal.code})"
            raise Permanent(f"the hub {self._hub} would not {what}: {reason}") from refusal
        except NoAnswerError as error:
            raise Unavailable(f"{error}; look whether it did {what} before you try again") from error
        except LinkError as error:
            raise Unavailable(f"{error}; try again when it is back") from error

    def _there(self) -> Peer:
        if self.peer is None:
            raise self.away()
        return self.peer

    def away(self) -> RushesError:
        """Why nothing can be asked."""
        return Unavailable(f"the hub {self._hub} is not connected; see: pipeline status FILE")
