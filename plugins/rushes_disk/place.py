"""Where a copy goes: below the sink's folder whatever card and file are called, and through no symlink."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rushes import WORK, Clip, Permanent

#: Longest file name that common file systems take, in bytes.
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Place:
    """A file's folders below the sink's folder, its name, and the name it has until it is whole."""

    folders: tuple[str, ...]
    name: str
    partial: str

    def under(self, root: Path) -> Path:
        return root.joinpath(*self.folders, self.name)

    def revised(self, revision: int) -> Place:
        """Beside it, for a file that was written anew since: `A001.r2.ale`."""
        stem, dot, ending = self.name.rpartition(".")
        if not stem:
            stem, dot, ending = self.name, "", ""
        ending = f".r{revision}{dot}{ending}"
        room = LONGEST_NAME - len(ending.encode())
        return replace(self, name=stem.encode()[:room].decode(errors="ignore") + ending)


def place_of(clip: Clip, folders: Sequence[str] | None = None) -> Place:
    """The clip's file in these folders, without them in those of its card.

    Raises Permanent for a path that would leave the card's folder, or that ends in no name.
    """
    folders = _of_card(clip) if folders is None else folders
    name = clip.filename
    if name in {"", ".", ".."} or "\0" in name:
        raise Permanent(f"{clip.path!r}: this is no name of a file; rename it on the card")
    # The clip's id keeps two clips that want one name apart until one of them has it.
    ending = f".{clip.id}.{clip.revision}.partial"
    stem = name.encode()[: LONGEST_NAME - len(ending.encode()) - 1].decode(errors="ignore")
    return Place(tuple(folders), name, f".{stem}{ending}")


def _of_card(clip: Clip) -> tuple[str, ...]:
    """The folders of `card/path` for originals, of `card/role/path of the original` for files that the pipeline made.

    So a proxy, which has its original's name, never meets it, nor one of the same name in another folder.
    """
    made = clip.volume == WORK
    place = PurePosixPath(clip.origin if made else clip.path)
    if place.is_absolute() or ".." in place.parts or "\0" in str(place):
        raise Permanent(
            f"{str(place)!r}: this path would leave the folder of its card; rename it on the card"
        )
    inner = (clip.role.value, *place.parent.parts) if made else place.parent.parts
    return (_folder_name(clip.card or clip.volume), *inner)


def _folder_name(card: str) -> str:
    """A card's name as one folder: no separators, never `.` or `..`."""
    name = card.replace("/", "_").replace("\0", "_")
    return "_" if name in {"", ".", ".."} else name


def open_folder(root: Path, place: Place) -> int:
    """A descriptor of the place's folder, made where missing (durably); the caller closes it.

    Raises Permanent where a symlink or a file stands in the way. Every later step goes through the
    descriptor, so nothing can lead it elsewhere.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for name in place.folders:
        try:
            inner = _enter(folder, name, place.under(root))
        finally:
            os.close(folder)
        folder = inner
    return folder


def _enter(folder: int, name: str, target: Path) -> int:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        pass
    else:
        os.fsync(folder)
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise Permanent(f"{target}: {name} is a link or a file, not a folder; move it away") from error
        raise


def size_at(folder: int, name: str) -> int | None:
    """Bytes of the plain file there; None where there is nothing, -1 where there is something else."""
    try:
        state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else -1
