"""Lists of clips from the hub, page by page, whatever it makes of range and view."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from rushes_masterlockit.formats import FormatError, strict
from rushes_masterlockit.link import Peer, RefusedError
from rushes_masterlockit.protocol import FetchClips, ListType

#: A list that is longer is of no film.
MOST_LISTED = 5_000_000
#: Successes after which a page may become larger again.
STEADY = 8

Edits = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Version(msgspec.Struct, frozen=True, gc=False):
    """How far the hub's copy of a clip is (reference A9)."""

    id: str
    version: dict[str, Edits]


@dataclass(slots=True)
class Pace:
    """How many clips a page asks for: half as many after one that did not come."""

    most: int
    size: int = 0
    _successes: int = 0

    def __post_init__(self) -> None:
        self.size = self.size or self.most

    def worse(self) -> bool:
        """Ask for less; whether that is possible."""
        self._successes = 0
        if self.size == 1:
            return False
        self.size //= 2
        return True

    def too_much(self) -> bool:
        """The hub said so: ask for less, now and later; whether that is possible."""
        possible = self.worse()
        self.most = self.size
        return possible

    def better(self) -> None:
        self._successes += 1
        if self._successes >= STEADY and self.size < self.most:
            self.size, self._successes = min(self.most, self.size * 2), 0


@dataclass(frozen=True, slots=True)
class Page:
    """Versions not listed before; elements that could not be read."""

    fresh: Sequence[Version]
    unreadable: int


_versions = msgspec.json.Decoder(list[Version])
_elements = msgspec.json.Decoder(list[msgspec.Raw])
_version = msgspec.json.Decoder(Version)


async def versions(
    peer: Peer, pace: Pace, seen: set[str], demand: bytes = b"{}"
) -> AsyncGenerator[Page, None]:
    """All that the hub lists, each clip once: their ids are put into `seen`, which is empty.

    Goes on until a page is empty or has nothing new: hubs may cap a page, or ignore range and view. Raises
    LinkError, and FormatError where the answer is no list.
    """
    view, start, last = uuid.uuid4().bytes, 0, b""
    doubted = False
    while len(seen) < MOST_LISTED:
        size = max(1, pace.size // 2) if doubted else pace.size
        try:
            data = await peer.request(FetchClips(start, size, ListType.VERSIONS, view, demand))
        except RefusedError:
            if not start:
                if pace.too_much():
                    continue
                raise
            if doubted:
                return  # past the end of the list
            doubted = True
            continue
        doubted = False
        pace.better()
        page, unreadable = _read_versions(data)
        fresh = {version.id: version for version in page if version.id not in seen}
        if not fresh and (not unreadable or data == last):
            return
        seen.update(fresh)
        start, last = start + len(page) + unreadable, data
        yield Page(list(fresh.values()), unreadable)


async def clips(
    peer: Peer, ids: Sequence[str]
) -> AsyncGenerator[tuple[Sequence[Mapping[str, Any]], int], None]:
    """The clips of these ids, as the hub hands them out, and how many of them could not be read; raises as
    `versions`. The hub may know fewer.
    """
    view, start, wanted = uuid.uuid4().bytes, 0, set(ids)
    demand = msgspec.json.encode({"clips": ids})
    while wanted:
        data = await peer.request(FetchClips(start, len(ids), ListType.FULL, view, demand))
        page, unreadable = _read_clips(data)
        found = wanted.intersection(str(clip.get("id")) for clip in page)
        if page or unreadable:
            yield page, unreadable
        if not found:
            return
        wanted -= found
        start += len(page) + unreadable


def _read_versions(data: bytes) -> tuple[list[Version], int]:
    try:
        return _versions.decode(data), 0
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    page, unreadable = [], 0
    for element in _raw(data):
        try:
            page.append(_version.decode(element))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            unreadable += 1
    return page, unreadable


def _read_clips(data: bytes) -> tuple[Sequence[Mapping[str, Any]], int]:
    try:
        said = strict(data)
    except FormatError:
        said = None
    elements = said if isinstance(said, list) else [_read_clip(element) for element in _raw(data)]
    page = [clip for clip in elements if isinstance(clip, dict)]
    return page, len(elements) - len(page)


def _read_clip(element: bytes) -> Any:
    try:
        return strict(element)
    except FormatError:
        return None


def _raw(data: bytes) -> list[bytes]:
    """The elements of a list of which not all can be read."""
    try:
        return [bytes(element) for element in _elements.decode(data)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError("the list of clips is no JSON array") from error
