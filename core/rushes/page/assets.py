"""The files of the page, as they are in the package.

What is served is a table of the names that are there when a run starts: no request ever becomes a path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
INDEX = "/index.html"
#: A file of another kind is not served.
TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    etag: str


class Assets:
    """The files below a folder by the path of their url; "/" is index.html."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES and path.is_file() and not path.is_symlink()
        }
        self._read: dict[str, tuple[tuple[int, int], Asset]] = {}

    def __contains__(self, url_path: str) -> bool:
        return _name(url_path) in self._files

    def get(self, url_path: str) -> Asset:
        """One that is in here, as the file is now: who writes the page sees it without a restart."""
        name = _name(url_path)
        path = self._files[name]
        found = path.stat()
        version = (found.st_mtime_ns, found.st_size)
        known, asset = self._read.get(name, (None, None))
        if asset is None or known != version:
            content = path.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            asset = Asset(content, TYPES[path.suffix], etag)
            self._read[name] = (version, asset)
        return asset


def _name(url_path: str) -> str:
    return INDEX if url_path == "/" else url_path
