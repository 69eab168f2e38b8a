"""FetchClips: a page of the repository as a JSON array."""

from __future__ import annotations

import trio

from rushes import Permanent
from rushes_masterlockit.options import MasterlockitOptions
from rushes_masterlockit.protocol import DIGEST_BYTES, FetchClips, ListType
from rushes_masterlockit.repository import Repository, Views

#: What an acknowledgement adds to its data.
_ACK_BYTES = 1 + DIGEST_BYTES


class Fetching:
    """The views of one connection."""

    def __init__(self, repository: Repository, options: MasterlockitOptions) -> None:
        self._repository = repository
        self._most = options.max_message - _ACK_BYTES
        self._views = Views(repository, now=trio.current_time, range_zero=options.range_zero)

    async def clips(self, asked: FetchClips) -> bytes:
        """FormatError for a demand that cannot be read; Permanent for a page that is larger than any message may be:
        a shorter one than asked for would look like the last.
        """
        ids = self._views.page(asked.start, asked.length, asked.list_type, asked.view, asked.demand)
        if asked.list_type == ListType.VERSIONS:
            clips = self._repository.versions(ids)
        else:
            clips = await self._repository.bodies(ids)
        page = b"[" + b",".join(clips) + b"]"
        if len(page) > self._most:
            raise Permanent(
                f"{len(clips)} clips have {len(page)} bytes, a message at most {self._most}; ask for fewer"
            )
        return page
