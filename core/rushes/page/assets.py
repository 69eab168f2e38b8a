"""The files of the page, as they are in the package.

What is served is a table of the names that are there when a run starts: no request ever becomes a path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rushes.page.linked import linked_script, linked_style

FOLDER = Path(__file__).parent / "static"
INDEX = "/index.html"
SCRIPT, STYLE = "/app.js", "/style.css"
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
    """What a browser asks for, by the path of its url; "/" is index.html."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, Sequence[Path]] = {
            f"/{path.name}": (path,)
            for path in sorted(folder.iterdir())
            if path.suffix in TYPES and _plain(path)
        }
        # One of each: see `linked`.
        self._files[SCRIPT] = _below(folder, folder / SCRIPT[1:])
        self._files[STYLE] = _below(folder, folder / STYLE[1:])
        self._made: dict[str, tuple[Sequence[tuple[int, int]], Asset]] = {}

    def __contains__(self, url_path: str) -> bool:
        return _name(url_path) in self._files

    def get(self, url_path: str) -> Asset:
        """One that is in here, as its files are now: who writes the page sees it without a restart."""
        name = _name(url_path)
        files = self._files[name]
        version = [(found.st_mtime_ns, found.st_size) for found in map(Path.stat, files)]
        known, asset = self._made.get(name, (None, None))
        if asset is None or known != version:
            content = _content(name, files)
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            asset = Asset(content, TYPES[files[0].suffix], etag)
            self._made[name] = (version, asset)
        return asset


def _content(name: str, files: Sequence[Path]) -> bytes:
    if name == SCRIPT:
        return linked_script(files[0])
    if name == STYLE:
        return linked_style(files)
    return files[0].read_bytes()


def _below(folder: Path, first: Path) -> Sequence[Path]:
    """`first`, then the files of its kind in folders below."""
    return (first, *(path for path in sorted(folder.glob(f"*/**/*{first.suffix}")) if _plain(path)))


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _name(url_path: str) -> str:
    return INDEX if url_path == "/" else url_path
