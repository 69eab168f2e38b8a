"""Volumes: named by their own identity, not by where they are mounted; resolved at use.

A mount of its own is a volume: `uuid:` of its file system, `share:` of a network mount, `fsid:` where the
kernel derives one from the file system's own identity, else `mount:` and its mount point. Paths are relative
to the mount, so a card mounted elsewhere is the same card. On a plain disk each first-level folder below a
watched folder is a volume (`folder:`), like a card that somebody copied; files beside them belong to the
watched folder.
"""

# ruff: noqa: PTH112, PTH116, PTH118, PTH119, PTH120, PTH208 - mount tables and system calls speak in plain strings

from __future__ import annotations

import errno
import os
import re
import select
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rushes.errors import MediaGone, Permanent
from rushes.model import WORK, Clip

if TYPE_CHECKING:
    from collections.abc import Mapping

#: File systems whose files other machines write: the kernel tells nothing of those writes.
NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "davfs2", "gfs2", "glusterfs", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"}
    | {"fuse.ceph", "fuse.cifs", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.rclone"}
    | {"fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse"}
)
#: File systems of cards: a mount of one is a card even where the watched folder lies inside it.
CARDS = frozenset(
    {"apfs", "exfat", "fuseblk", "hfs", "hfsplus", "iso9660", "msdos", "ntfs", "ntfs3", "udf", "vfat"}
)
#: File systems whose f_fsid comes from their UUID; all others make it from the device number.
STABLE_FSID = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "zfs"})
#: What reading a card answers that was pulled while it was mounted, or a share whose server left.
PULLED = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE, errno.EHOSTDOWN})


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume and where it is now; `label` is its name for people, `fstype` the file system it lies on."""

    id: str
    label: str
    root: Path
    fstype: str = ""

    @property
    def network(self) -> bool:
        """Whether other machines may write to it without the kernel here being told."""
        return self.fstype in NETWORK


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo; `root` is the folder of the file system it shows ("/" but for bind mounts)."""

    point: str
    root: str
    device: str
    fstype: str
    source: str


def parse_mountinfo(text: str) -> dict[str, Mount]:
    """Mount point -> mount; of several on one point the last, which hides the others."""
    mounts = {}
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        front, back = left.split(" "), right.split(" ")
        if separator and len(front) >= 6 and len(back) >= 2:
            mount = Mount(_unescape(front[4]), _unescape(front[3]), front[2], back[0], _unescape(back[1]))
            mounts[mount.point] = mount
    return mounts


def _unescape(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)


def filesystem_uuid(mount: Mount, links: str = "/dev/disk/by-uuid", udev: str = "/run/udev/data") -> str:
    """The UUID that udev knows for the mount's block device, or ""."""
    # Both: a btrfs mount has a device number of its own that no device has.
    devices = {mount.device, _device(mount.source) if mount.source.startswith("/dev/") else ""}
    devices = {device for device in devices if device and not device.startswith("0:")}
    if not devices:
        return ""
    try:
        for name in sorted(os.listdir(links)):
            if _device(os.path.join(links, name)) in devices:
                return name
    except OSError:
        pass
    for device in sorted(devices):
        try:
            text = Path(udev, f"b{device}").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if match := re.search(r"^E:ID_FS_UUID=(.+)$", text, re.MULTILINE):
            return match[1]
    return ""


def _device(path: str) -> str:
    try:
        number = os.stat(path).st_rdev
    except OSError:
        return ""
    return f"{os.major(number)}:{os.minor(number)}" if number else ""


def mount_identity(mount: Mount) -> str:
    """The volume id of a mount. A bind mount (and a btrfs subvolume) adds the folder it shows."""
    if mount.fstype in NETWORK:
        name = f"share:{mount.source}"
    elif uuid := filesystem_uuid(mount):
        name = f"uuid:{uuid}"
    elif mount.fstype in STABLE_FSID and (number := _fsid(mount.point)):
        name = f"fsid:{number:016x}"
    else:
        return f"mount:{mount.point}"
    return name if mount.root == "/" else f"{name}{mount.root}"


def _fsid(point: str) -> int:
    try:
        return os.statvfs(point).f_fsid
    except OSError:
        return 0


class Mounts:
    """What is mounted now; read again only when the kernel says that it changed.

    The text alone would not do: two cards that follow each other in one reader may leave the same line.
    """

    def __init__(self, mountinfo: str = "/proc/self/mountinfo") -> None:
        self._path = mountinfo
        self._lock = threading.Lock()
        self._poll = select.poll()
        self._mounts: dict[str, Mount] | None = None
        self._ids: dict[str, str] = {}
        try:
            self._poll.register(os.open(mountinfo, os.O_RDONLY | os.O_CLOEXEC), select.POLLPRI)
        except OSError:
            self._mounts = {}  # no such table on this system: every folder is a plain one

    def current(self) -> Mapping[str, Mount]:
        """Mount point -> mount."""
        with self._lock:
            if self._poll.poll(0) or self._mounts is None:
                text = Path(self._path).read_text(encoding="utf-8", errors="surrogateescape")
                self._mounts = parse_mountinfo(text)
                self._ids = {}
            return self._mounts

    def holding(self, path: str) -> Mount | None:
        """The mount that a real path lies in."""
        mounts = self.current()
        while path not in mounts:
            parent = os.path.dirname(path)
            if parent == path:
                return None
            path = parent
        return mounts[path]

    def identity(self, mount: Mount) -> str:
        """The volume id of a mount of the current table."""
        name = self._ids.get(mount.point)
        if name is None:
            name = self._ids[mount.point] = mount_identity(mount)
        return name

    def find(self, volume_id: str) -> str | None:
        """The mount point of a volume, None when it is not mounted."""
        for point, mount in self.current().items():
            if self.identity(mount) == volume_id:
                return point
        return None


@cache
def _machine() -> Mounts:
    """The one table of this process: mounts are the machine's, not any caller's."""
    return Mounts()


def identify(path: Path, below: Path) -> Volume:
    """The volume that holds `path` (a file or folder, existing or not), for a source that watches `below`."""
    watched, real = os.path.realpath(below), os.path.realpath(path)
    mounts = _machine()
    mount = mounts.holding(real)
    fstype = mount.fstype if mount else ""
    if mount and (_within(mount.point, watched) or fstype in CARDS):
        point = Path(mount.point)
        return Volume(mounts.identity(mount), point.name or mount.source, point, fstype)
    folder = watched
    if _within(real, watched) and real != watched:
        first = os.path.relpath(real, watched).split(os.sep, 1)
        if len(first) > 1 or os.path.isdir(real):
            folder = os.path.join(watched, first[0])
    return Volume(f"folder:{folder}", os.path.basename(folder) or folder, Path(folder), fstype)


def mounted_below(folder: Path) -> tuple[Volume, ...]:
    """The mounts at or below a folder, by mount point: what changes when a card goes in or out."""
    watched = os.path.realpath(folder)
    points = sorted(point for point in _machine().current() if _within(point, watched))
    return tuple(identify(Path(point), folder) for point in points)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class Volumes:
    """Resolves volume ids, and the clips on them, to where they are now."""

    def __init__(self, work: Path) -> None:
        self._work = work

    def root(self, volume_id: str) -> Path | None:
        """The folder that paths of this volume are relative to; None while the volume is not there."""
        if volume_id == WORK:
            return self._work
        if volume_id.startswith("folder:"):
            folder = volume_id.removeprefix("folder:")
            return Path(folder) if os.path.isdir(folder) else None
        point = _machine().find(volume_id)
        return None if point is None else Path(point)

    def locate(self, clip: Clip) -> Path:
        """The clip's file.

        Raises MediaGone while its volume is not there, Permanent when the volume is and the file is not.
        """
        label = clip.card or clip.volume
        root = self.root(clip.volume)
        if root is None:
            raise MediaGone(clip.volume, label)
        path = root / clip.path
        try:
            path.stat()
        except OSError as error:
            if error.errno in PULLED or self.root(clip.volume) != root:
                raise MediaGone(clip.volume, label) from error
            if error.errno in {errno.ENOENT, errno.ENOTDIR}:
                place = "the work folder" if clip.volume == WORK else f"card {label}"
                raise Permanent(f"{clip.filename}: deleted from {place}") from error
            # Anything else (a folder that may not be entered) is told by whoever opens the file.
        return path

    def has(self, clip: Clip) -> bool:
        """Whether the clip's file is there now."""
        try:
            self.locate(clip)
        except (MediaGone, Permanent):
            return False
        return True
