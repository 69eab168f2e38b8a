"""What has been admitted, so that a scan hashes only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rushes_folder.candidate import Stat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from rushes import Catalog

_KNOWN = """
    SELECT volume, path, size, mtime_ns, inode FROM clips
    WHERE NOT superseded AND complete AND volume IN (SELECT unnest(?::VARCHAR[]))
"""


class Index:
    """What was admitted, by volume and path. Written by the source's task, read by scans in threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._volumes: dict[str, dict[str, Stat]] = {}
        self._loaded: set[str] = set()

    async def load(self, volumes: AbstractSet[str]) -> None:
        """Take over what the ledger knows of volumes that were not loaded yet; what was growing is looked at again."""
        wanted = sorted(set(volumes) - self._loaded)
        if wanted:
            rows = await self._catalog.query(_KNOWN, [wanted])
            self._loaded.update(wanted)
            for volume, path, size, mtime_ns, inode in rows:
                # What was admitted while the query ran is newer.
                self._volumes.setdefault(volume, {}).setdefault(path, Stat(size, mtime_ns, inode))

    def of(self, volume: str) -> Mapping[str, Stat]:
        """What is known of a volume: empty until it is loaded."""
        return self._volumes.get(volume, {})

    def put(self, volume: str, path: str, stat: Stat) -> None:
        """A file was admitted."""
        self._volumes.setdefault(volume, {})[path] = stat
