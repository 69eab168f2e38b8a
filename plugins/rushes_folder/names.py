"""Which names a source looks at, and what a name says about a file."""

from __future__ import annotations

import re
from fnmatch import translate
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from rushes import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rushes_folder.options import FolderOptions

T = TypeVar("T")

#: Files of writers that are not done, and what operating systems leave on cards: never anybody's clips.
ALWAYS_EXCLUDED = (
    *(
        "*.tmp",
        "*.temp",
        "*.part",
        "*.partial",
        "*.filepart",
        "*.crdownload",
        "*.download",
        "*.!qb",
        "~*",
        "*~",
    ),
    *("._*", ".DS_Store", ".Trashes", ".Trash-*", ".Spotlight-V100", ".fseventsd", ".TemporaryItems"),
    *(".DocumentRevisions-V100", ".nfs*", "$RECYCLE.BIN", "System Volume Information", "lost+found"),
    *("Thumbs.db", "desktop.ini", "WPSettings.dat", "IndexerVolumeGuid"),
)

VIDEO = (
    "360 3gp ari arx avi braw cine crm dav insv krw lrf lrv m2t m2ts m2v m4v mkv mov mp4 mpeg mpg "
    "mts mxf nev ogv qt r3d rmf ts vrw webm zraw"
)
AUDIO = "aac aif aifc aiff bw64 bwf caf flac m4a mp3 oga ogg opus rf64 w64 wav wave"
IMAGE = (
    "3fr arw avif bmp cin cr2 cr3 dng dpx erf exr gif heic heif hif iiq j2c jp2 jpeg jpg jxl mef mos nef nrw "
    "orf pef png raf rw2 rwl srw tga tif tiff webp"
)
LUT = "3dl cc ccc cdl cube"
#: What cameras record beside the recording, smaller: GoPro and DJI.
PROXY = "lrf lrv"
#: Of a whole copy or day, not of a clip.
REPORT = "mhl pdf"

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(VIDEO.split(), Kind.VIDEO),
    **dict.fromkeys(AUDIO.split(), Kind.AUDIO),
    **dict.fromkeys(IMAGE.split(), Kind.IMAGE),
}
ROLES: Mapping[str, Role] = {
    **dict.fromkeys(LUT.split(), Role.LUT),
    **dict.fromkeys(PROXY.split(), Role.PROXY),
    **dict.fromkeys(REPORT.split(), Role.REPORT),
}


class Names:
    """The include, exclude and hidden options, made ready for a hundred thousand questions.

    Globs ignore case; one with a slash is matched against the path relative to the watched folder.
    """

    def __init__(self, options: FolderOptions) -> None:
        exclude = (*ALWAYS_EXCLUDED, *options.exclude)
        self._hidden = options.hidden
        self._excluded_name = _any(glob for glob in exclude if "/" not in glob)
        self._excluded_path = _any(glob for glob in exclude if "/" in glob)
        self._included_name = _any(glob for glob in options.include if "/" not in glob)
        self._included_path = _any(glob for glob in options.include if "/" in glob)
        self._all = not options.include
        self._paths = any("/" in glob for glob in exclude)
        self._kinds = {**KINDS, **_lowered(options.kinds)}
        self._roles = {**ROLES, **_lowered(options.roles)}

    def folder(self, name: str, parent: str) -> bool:
        """Whether a folder is looked into; `parent` is relative to the watched folder ("" or "a/b/")."""
        if (name[0] == "." and not self._hidden) or self._excluded_name(name):
            return False
        return not (self._paths and self._excluded_path(parent + name))

    def file(self, name: str, parent: str) -> bool:
        """Whether a file is one of the source's."""
        if not self.folder(name, parent):
            return False
        return self._all or bool(self._included_name(name) or self._included_path(parent + name))

    def path(self, relative: str) -> bool:
        """Whether a file is the source's, and every folder above it is looked into."""
        *folders, name = relative.split("/")
        parent = ""
        for folder in folders:
            if not self.folder(folder, parent):
                return False
            parent += folder + "/"
        return self.file(name, parent)

    def kind(self, name: str) -> Kind:
        """What the extension says; anything unknown is data."""
        return self._kinds.get(extension(name), Kind.DATA)

    def role(self, name: str) -> Role:
        """Pictures and sound are originals, other data accompanies them."""
        found = self._roles.get(extension(name))
        if found is not None:
            return found
        return Role.SIDECAR if self.kind(name) is Kind.DATA else Role.ORIGINAL


def extension(name: str) -> str:
    """The extension in lower case, without its dot."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def _lowered(table: Mapping[str, T]) -> dict[str, T]:
    return {key.lower().removeprefix("."): value for key, value in table.items()}


def _any(globs: Iterable[str]) -> Callable[[str], object]:
    joined = "|".join(translate(glob) for glob in globs)
    return re.compile(joined or r"(?!)", re.IGNORECASE).match
