"""Deliver a clip to a folder: temporary name, hashed copy part by part, read back, renamed.

Every part is synced before it is reported, so a later call goes on after the last one. Nothing is trusted at
the end but the disk: the whole file is read back and compared part by part with what was read from the card.
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import trio

from rushes import Clip, Context, Permanent, Receipt, Report, Resume, Template, Transient, Unavailable
from rushes_disk.copy import SourceError, copy_part, hash_parts, hash_source
from rushes_disk.options import DiskOptions, DiskWishes
from rushes_disk.place import Place, open_folder, place_of, size_at
from rushes_disk.space import disk_full, free_bytes

in_thread = trio.to_thread.run_sync
PART_BYTES = 64 * 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT}
#: What this disk says of one file, not of itself: too large for FAT, a name it cannot hold, a folder closed to us.
OF_ONE_FILE = {errno.EFBIG, errno.ENAMETOOLONG, errno.EINVAL, errno.EACCES, errno.EPERM}


class OtherBytesError(Permanent):
    """Another file has the name."""


@asynccontextmanager
async def open_sink(options: DiskOptions, context: Context) -> AsyncIterator[DiskSink]:
    """The sink's life. Raises Unavailable where the folder is missing or cannot be written.

    It is never made: below the mount point of an absent disk it would fill the wrong one.
    """
    if not await in_thread(options.path.is_dir):
        raise Unavailable(f"{options.path}: no such folder; connect the disk or make the folder")
    if not os.access(options.path, os.W_OK | os.X_OK):
        raise Unavailable(f"{options.path}: may not be written; correct its permissions")
    yield DiskSink(options.path, context, folder=options.folder)


class DiskSink:
    def __init__(
        self, root: Path, context: Context, *, folder: Template | None = None, part_bytes: int = PART_BYTES
    ) -> None:
        self._root = root
        self._context = context
        self._folder = folder
        self._part_bytes = part_bytes
        self._naming = trio.Lock()

    async def deliver(self, clip: Clip, resume: Resume | None, report: Report, /) -> Receipt:
        """See `Sink.deliver`; the receipt's id is the xxh3-64 of the file as read back."""
        with self._failures(clip):
            place = place_of(clip, await in_thread(self._folders, clip, resume))
            folder = await in_thread(open_folder, self._root, place)
            try:
                present = await in_thread(size_at, folder, place.name)
                if present is not None:
                    try:
                        return await self._already(clip, place, folder, present)
                    except OtherBytesError:
                        if clip.revision == 1:
                            raise
                    # What was delivered before its file was written anew stays; the new version goes beside it.
                    place = place.revised(clip.revision)
                    present = await in_thread(size_at, folder, place.name)
                if present is not None:
                    return await self._already(clip, place, folder, present)
                with await in_thread(self._source, clip) as source:
                    return await self._copy(clip, place, folder, source, resume, report)
            finally:
                os.close(folder)

    def _folders(self, clip: Clip, resume: Resume | None) -> Sequence[str] | None:
        """Those of the route's template, else of the sink's, None without one.

        A copy that was begun goes on where it began, whatever has been told of its clip since.
        """
        wishes = self._context.order.wishes
        template = wishes.folder if isinstance(wishes, DiskWishes) else self._folder
        if template is None:
            return None
        if resume is not None and resume.parts and (begun := resume.head.get("folders")) is not None:
            place = place_of(clip, begun)
            partial_copy = self._root.joinpath(*place.folders, place.partial)
            named = place.under(self._root), place.revised(clip.revision).under(self._root)
            if partial_copy.is_file() or any(_looks_done(path, clip) for path in named):
                return place.folders
        return template.fill(clip, consent=self._context.order.consent).parts

    async def _copy(
        self, clip: Clip, place: Place, folder: int, source: BinaryIO, resume: Resume | None, report: Report
    ) -> Receipt:
        head = self._head(clip, place)
        parts = await in_thread(self._resumable, clip, head, folder, resume)
        left = clip.size - sum(self._length(clip, number) for number in parts)
        if left > await in_thread(free_bytes, self._root):
            raise disk_full(self._root, left)
        if not parts:
            await report.begin(head)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | (0 if parts else os.O_TRUNC)
        target = await in_thread(partial(os.open, place.partial, flags, 0o644, dir_fd=folder))
        try:
            for number in range(1, self._count(clip) + 1):
                if number not in parts:
                    await report.proceed()
                    parts[number] = await self._part(clip, source, target, number)
                    await report.part(number, parts[number])
            await in_thread(self._context.verify, clip, source)
            digest = await self._read_back(clip, place, folder, target, parts)
        finally:
            os.close(target)
        async with self._naming:
            present = await in_thread(_publish, folder, place)
        if present is not None:  # another clip took the name meanwhile
            os.unlink(place.partial, dir_fd=folder)
            return await self._already(clip, place, folder, present)
        return self._receipt(clip, place, digest, sent=left)

    async def _part(self, clip: Clip, source: BinaryIO, target: int, number: int) -> str:
        offset = (number - 1) * self._part_bytes
        size = self._length(clip, number)

        def told(done: int) -> None:
            self._context.progress(offset + done, clip.size)

        digest = await in_thread(copy_part, source, target, offset, size, told)
        self._context.progress(offset + size, clip.size)
        return digest

    async def _read_back(
        self, clip: Clip, place: Place, folder: int, target: int, parts: dict[int, str]
    ) -> str:
        found, digest = await in_thread(hash_parts, target, clip.size, self._part_bytes)
        if found != [parts[number] for number in sorted(parts)]:
            os.unlink(place.partial, dir_fd=folder)
            raise Transient(
                f"{place.under(self._root)}: what was read back differs from the card; check that disk",
                blame="clip",
            )
        os.utime(target, ns=(clip.mtime_ns, clip.mtime_ns))
        await in_thread(os.fsync, target)
        return digest

    async def _already(self, clip: Clip, place: Place, folder: int, present: int) -> Receipt:
        """A receipt when the file there has the clip's bytes; OtherBytesError with both facts when it has not."""
        where = place.under(self._root)
        if present < 0:
            raise Permanent(f"{where}: a link or folder has this name; move it away")
        if present != clip.size:
            raise OtherBytesError(
                f"{where}: other bytes are there, {present} bytes to the clip's {clip.size}; move it away"
            )
        there = await in_thread(partial(os.open, place.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder))
        try:
            _, theirs = await in_thread(hash_parts, there, clip.size, self._part_bytes)
        finally:
            os.close(there)
        with await in_thread(self._source, clip) as source:
            _, ours = await in_thread(hash_source, source, clip.size, self._part_bytes)
        if theirs != ours:
            raise OtherBytesError(
                f"{where}: other bytes are there, xxh3 {theirs} to the clip's {ours}; move it away"
            )
        await in_thread(self._context.verify, clip)
        return self._receipt(clip, place, theirs, sent=0)

    def _source(self, clip: Clip) -> BinaryIO:
        try:
            return self._context.open(clip)
        except OSError as error:
            raise SourceError(error.strerror) from error

    def _receipt(self, clip: Clip, place: Place, digest: str, *, sent: int) -> Receipt:
        where = str(place.under(self._root))
        return Receipt(where=where, id=digest, size=clip.size, sent=sent, checked="xxh3_64 read back")

    def _head(self, clip: Clip, place: Place) -> dict[str, Any]:
        return {
            "target": str(place.under(self._root)),
            "folders": list(place.folders),
            "partial": place.partial,
            "size": clip.size,
            "mark": clip.bytes_mark,
            "part_bytes": self._part_bytes,
        }

    def _resumable(
        self, clip: Clip, head: dict[str, Any], folder: int, resume: Resume | None
    ) -> dict[int, str]:
        """Parts that are there already: all that were reported, if this copy is the same and long enough."""
        if resume is None or dict(resume.head) != head:
            return {}
        ends = [(number - 1) * self._part_bytes + self._length(clip, number) for number in resume.parts]
        present = size_at(folder, head["partial"])
        return dict(resume.parts) if ends and present is not None and present >= max(ends) else {}

    def _count(self, clip: Clip) -> int:
        return math.ceil(clip.size / self._part_bytes)

    def _length(self, clip: Clip, number: int) -> int:
        return min(self._part_bytes, clip.size - (number - 1) * self._part_bytes)

    @contextmanager
    def _failures(self, clip: Clip) -> Iterator[None]:
        """What the system says, classed by what the engine shall do."""
        try:
            yield
        except SourceError as error:
            self._context.path(clip)  # MediaGone when the card is gone, Permanent when the file is
            if error.__cause__ is None:
                raise Permanent(f"{clip.filename}: shorter than when it was admitted") from error
            raise Transient(f"{clip.filename}: cannot be read: {error}", blame="clip") from error
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(self._root, clip.size) from error
            if error.errno in OF_ONE_FILE:
                raise Permanent(f"{clip.path}: {self._root} cannot hold it: {error.strerror}") from error
            raise Unavailable(f"{self._root}: {error.strerror}; check that disk") from error


def _looks_done(path: Path, clip: Clip) -> bool:
    """Whether a copy may have got its name just before a crash: it has the clip's size and time, its bytes are compared
    later.
    """
    try:
        stat = path.lstat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (clip.size, clip.mtime_ns)


def _publish(folder: int, place: Place) -> int | None:
    """Give the copy its name, durably; where that is taken, leave it and return what `size_at` says."""
    present = size_at(folder, place.name)
    if present is None:
        os.rename(place.partial, place.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    return present
