"""FetchClips: a page of the repository as a JSON array."""

from __future__ import annotations

import trio

from rushes import Permanent
from rushes_masterlockit.hub.answers import fitting
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import FetchClips, ListType
from rushes_masterlockit.repository import Repository, Views

#: So many clips are prepared in one go; then others have their turn.
_TURN = 1000


class Fetching:
    """The views of one connection."""

    def __init__(self, repository: Repository, options: MasterlockitOptions) -> None:
        self._repository = repository
        self._most = options.max_message
        self._views = Views(repository, now=trio.current_time, range_zero=options.range_zero)

    async def clips(self, asked: FetchClips) -> bytes:
        """FormatError for a demand that cannot be read; Permanent for a page that is larger than any message may be:
        a shorter one than asked for would look like the last.
        """
        ids = self._views.page(asked.start, asked.length, asked.list_type, asked.view, asked.demand)
        clips: list[bytes] = []
        size = 1
        for start in range(0, len(ids), _TURN):
            part = ids[start : start + _TURN]
            if asked.list_type == ListType.VERSIONS:
                more = self._repository.versions(part)
            else:
                more = await self._repository.bodies(part)
            clips += more
            size += sum(map(len, more)) + len(more)
            if size > self._most:
                raise Permanent(f"these clips have more than {self._most} bytes; ask for fewer clips")
            await trio.lowlevel.checkpoint()
        return fitting(b"[" + b",".join(clips) + b"]", self._most, "ask for fewer clips")
