"""One pass over a folder tree: which files are not as they were admitted.

Runs in a thread, on plain strings: a hundred thousand files cost little more than their stat calls.
"""

# ruff: noqa: PTH112, PTH113, PTH116 - a path object per file would cost more than the call

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rushes.volumes import Volume, identify, mounted_below
from rushes_folder.candidate import Place, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from rushes_folder.index import Index
    from rushes_folder.names import Names


class Folder(NamedTuple):
    """A folder being looked at.

    `inside` is its path below the watched folder, `relative` that on its volume: "", or ending with a slash.
    """

    path: str
    inside: str
    volume: Volume
    relative: str

    def place(self, name: str) -> Place:
        """Where a file in it is."""
        return Place(f"{self.path.rstrip('/')}/{name}", self.volume, self.relative + name)


@dataclass(slots=True)
class Found:
    """What a scan met: the files that differ, how many it looked at, and why which folders could not be listed."""

    files: list[Place] = field(default_factory=list)
    seen: int = 0
    refused: dict[str, str] = field(default_factory=dict)


class Scanner:
    """Scans below one watched folder, which is given as a real path. `follow` looks behind symbolic links."""

    def __init__(self, root: str, names: Names, index: Index, *, follow: bool) -> None:
        self._root = root
        self._names = names
        self._index = index
        self._follow = follow

    def top(self) -> Folder:
        """The watched folder."""
        return self._identified(self._root, "")

    def child(self, folder: Folder, name: str) -> Folder:
        """A folder in a folder: on the same volume, unless it is a mount or a card of its own."""
        path = folder.place(name).path
        if _holds_cards(folder) or path in self._mounts():
            return self._identified(path, f"{folder.inside}{name}/")
        return Folder(path, f"{folder.inside}{name}/", folder.volume, f"{folder.relative}{name}/")

    def _identified(self, path: str, inside: str) -> Folder:
        volume = identify(Path(path), Path(self._root))
        relative = os.path.relpath(path, volume.root)
        return Folder(path, inside, volume, "" if relative == "." else relative + "/")

    def _mounts(self) -> AbstractSet[str]:
        return {str(volume.root) for volume in mounted_below(Path(self._root))}

    def volumes(self, start: Folder) -> set[str]:
        """The ids of volumes that a scan will meet: they are loaded before, so that it can compare."""
        ids = {start.volume.id, *(volume.id for volume in mounted_below(Path(self._root)))}
        if _holds_cards(start):
            with os.scandir(start.path) as entries:
                cards = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
            ids.update(self.child(start, card).volume.id for card in cards)
        return ids

    def scan(self, start: Folder, entered: Callable[[Folder], None] | None = None) -> Found:
        """Look at every folder at and below `start`; `entered` is called before a folder is listed.

        Raises OSError where `start` cannot be listed; a folder below that vanishes or cannot be listed is
        passed over.
        """
        mounts = self._mounts()
        found, stack, links = Found(), [start], list[Folder]()
        behind: set[tuple[int, int]] = set()
        while stack or links:
            folder = stack.pop() if stack else links.pop()
            if self._follow and not self._first_visit(folder.path, behind):
                continue
            if entered:
                entered(folder)
            try:
                with os.scandir(folder.path) as entries:
                    self._list(folder, entries, found, stack, links, mounts)
            except OSError as error:
                if folder is start:
                    raise
                if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                    found.refused[folder.path] = os.strerror(error.errno or 0).lower()
        found.files.sort(key=itemgetter(0))
        return found

    def _list(
        self,
        folder: Folder,
        entries: Iterator[os.DirEntry[str]],
        found: Found,
        stack: list[Folder],
        links: list[Folder],
        mounts: AbstractSet[str],
    ) -> None:
        inside, relative, volume = folder.inside, folder.relative, folder.volume
        known = self._index.of(volume.id)
        fstype = volume.fstype
        takes, enters = self._names.file, self._names.folder
        cards = _holds_cards(folder)
        for entry in entries:
            name = entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if enters(name, inside):
                        path, below = f"{folder.path.rstrip('/')}/{name}", f"{inside}{name}/"
                        if cards or path in mounts:
                            stack.append(self._identified(path, below))
                        else:
                            stack.append(Folder(path, below, volume, f"{relative}{name}/"))
                elif entry.is_file(follow_symlinks=False):
                    if takes(name, inside):
                        found.seen += 1
                        was = known.get(relative + name)
                        if was is None or not same(was, entry.stat(follow_symlinks=False), fstype):
                            found.files.append(folder.place(name))
                elif self._follow and entry.is_symlink():
                    self._link(folder, name, found, links)
            except FileNotFoundError:
                continue  # deleted since it was listed

    def _link(self, folder: Folder, name: str, found: Found, links: list[Folder]) -> None:
        """A link to something watched under its own name is passed over; so is one that leads nowhere."""
        path = folder.place(name).path
        real = os.path.realpath(path)
        if real == self._root or real.startswith(self._root.rstrip("/") + "/"):
            return
        if os.path.isdir(real):
            if self._names.folder(name, folder.inside):
                inside, relative = f"{folder.inside}{name}/", f"{folder.relative}{name}/"
                # After all real folders, so that nothing is seen first through a link.
                links.insert(0, Folder(path, inside, folder.volume, relative))
        elif os.path.isfile(real) and self._names.file(name, folder.inside):
            found.seen += 1
            found.files.append(folder.place(name))

    @staticmethod
    def _first_visit(path: str, behind: set[tuple[int, int]]) -> bool:
        try:
            status = os.stat(path)
        except OSError:
            return True  # listing it tells what is wrong
        key = (status.st_dev, status.st_ino)
        if key in behind:
            return False
        behind.add(key)
        return True


def _holds_cards(folder: Folder) -> bool:
    """Whether each folder in it is a volume of its own."""
    return folder.inside == "" and folder.volume.id.startswith("folder:")
