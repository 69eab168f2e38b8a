"""Volumes by identity: plain folders here; real mounts in a mount namespace of their own (mounts_script)."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rushes.volumes
from rushes import WORK, Clip, MediaGone, Permanent
from rushes.volumes import (
    Mount,
    Mounts,
    Volumes,
    filesystem_uuid,
    identify,
    mount_identity,
    mounted_below,
    parse_mountinfo,
)

MOUNTINFO = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
40 27 8:17 / /media/cards/A\040001 rw,relatime - exfat /dev/sdb1 rw
41 27 0:45 / /mnt/nas rw,relatime shared:7 master:2 - nfs4 nas:/export/day\0401 rw
42 27 8:2 /srv/b /mnt/bound rw - ext4 /dev/sda2 rw
43 27 8:33 / /media/cards/A\040001 rw,relatime - vfat /dev/sdc1 rw
no mount at all
"""


@pytest.fixture
def table(tmp_path, monkeypatch):
    """The process believes in this mount table; rewriting it is a change that the kernel does not tell."""
    file = tmp_path / "mountinfo"
    file.write_text(MOUNTINFO)
    mounts = Mounts(str(file))
    monkeypatch.setattr(rushes.volumes, "_machine", lambda: mounts)
    return mounts


def test_mountinfo_is_unescaped_and_the_last_mount_hides_the_others():
    mounts = parse_mountinfo(MOUNTINFO)
    assert mounts["/media/cards/A 001"] == Mount("/media/cards/A 001", "/", "8:33", "vfat", "/dev/sdc1")
    assert mounts["/mnt/nas"].source == "nas:/export/day 1"
    assert len(mounts) == 5


@given(st.text())
def test_mountinfo_takes_any_text(text):
    parse_mountinfo(text)


def test_a_folder_below_the_watched_one_is_a_card(tmp_path):
    card = tmp_path / "A001" / "CLIPS"
    card.mkdir(parents=True)
    file = card / "c.mov"
    file.touch()
    for path in (tmp_path / "A001", card, file):
        volume = identify(path, tmp_path)
        assert volume.id == f"folder:{tmp_path}/A001"
        assert volume.label == "A001"
        assert volume.root == tmp_path / "A001"
    assert not volume.network


def test_files_directly_in_the_watched_folder_belong_to_it(tmp_path):
    (tmp_path / "loose.wav").touch()
    for path in (tmp_path, tmp_path / "loose.wav"):
        volume = identify(path, tmp_path)
        assert volume.id == f"folder:{tmp_path}"
        assert volume.label == tmp_path.name


def test_another_spelling_of_the_folder_is_the_same_volume(tmp_path):
    (tmp_path / "cards" / "A001").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "cards")
    direct = identify(tmp_path / "cards" / "A001", tmp_path / "cards")
    assert identify(tmp_path / "link" / "A001", tmp_path / "link") == direct


def test_the_root_of_the_system_may_be_watched():
    assert identify(Path("/"), Path("/")).root == Path("/")


def test_a_card_is_a_mount_at_or_below_the_watched_folder(table):
    card = identify(Path("/media/cards/A 001/DCIM/1.mov"), Path("/media/cards"))
    assert (card.id, card.label, card.root) == (
        "mount:/media/cards/A 001",
        "A 001",
        Path("/media/cards/A 001"),
    )
    share = identify(Path("/mnt/nas/day/1.mov"), Path("/mnt/nas"))
    assert (share.id, share.label, share.network) == ("share:nas:/export/day 1", "nas", True)
    assert [volume.root for volume in mounted_below(Path("/media"))] == [card.root]


def test_a_watched_folder_inside_a_card_is_still_the_card(table):
    volume = identify(Path("/media/cards/A 001/DCIM/x"), Path("/media/cards/A 001/DCIM"))
    assert volume.root == Path("/media/cards/A 001")


def test_a_watched_folder_inside_a_share_has_folders_as_cards(table):
    volume = identify(Path("/mnt/nas/cards/A001/x"), Path("/mnt/nas/cards"))
    assert volume.id == "folder:/mnt/nas/cards/A001"
    assert volume.network


def test_a_bind_mount_is_told_from_its_file_system(monkeypatch):
    monkeypatch.setattr(rushes.volumes, "filesystem_uuid", lambda _mount: "U")
    assert mount_identity(Mount("/mnt/bound", "/srv/b", "8:2", "ext4", "/dev/sda2")) == "uuid:U/srv/b"
    assert mount_identity(Mount("/", "/", "8:2", "ext4", "/dev/sda2")) == "uuid:U"


def test_uuid_by_the_links_of_udev(tmp_path):
    device = next((path for path in Path("/dev").iterdir() if path.is_block_device()), None)
    if device is None:
        pytest.skip("no block device here")
    (tmp_path / "4A21-0000").symlink_to(device)
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    number = device.stat().st_rdev
    mount = Mount("/m", "/", f"{os.major(number)}:{os.minor(number)}", "exfat", str(device))
    assert filesystem_uuid(mount, links=str(tmp_path)) == "4A21-0000"
    btrfs = Mount("/m", "/", "0:77", "btrfs", str(device))
    assert filesystem_uuid(btrfs, links=str(tmp_path)) == "4A21-0000"


def test_uuid_by_the_data_of_udev(tmp_path):
    (tmp_path / "b8:33").write_text("S:disk/by-id/x\nE:ID_FS_LABEL=A001\nE:ID_FS_UUID=4A21-0000\n")
    mount = Mount("/m", "/", "8:33", "exfat", "/dev/no-such-device")
    nowhere = str(tmp_path / "none")
    assert filesystem_uuid(mount, links=nowhere, udev=str(tmp_path)) == "4A21-0000"
    assert not filesystem_uuid(mount, links=nowhere, udev=nowhere)
    assert not filesystem_uuid(Mount("/m", "/", "0:45", "tmpfs", "tmpfs"), udev=str(tmp_path))


def test_a_system_without_a_mount_table_has_plain_folders(tmp_path, monkeypatch):
    mounts = Mounts(str(tmp_path / "none"))
    monkeypatch.setattr(rushes.volumes, "_machine", lambda: mounts)
    assert identify(tmp_path / "x", tmp_path).id == f"folder:{tmp_path}"
    assert mounted_below(tmp_path) == ()


@pytest.fixture
def card(tmp_path):
    folder = tmp_path / "cards" / "A001"
    folder.mkdir(parents=True)
    (folder / "x.mov").write_bytes(b"x")
    return folder


@pytest.fixture
def clip(card):
    return Clip(volume=f"folder:{card}", path="x.mov", card="A001")


def test_a_clip_is_found(tmp_path, card, clip):
    volumes = Volumes(tmp_path / "work")
    assert volumes.locate(clip) == card / "x.mov"
    assert volumes.root(clip.volume) == card


def test_a_deleted_file_is_gone_for_good(tmp_path, card, clip):
    (card / "x.mov").unlink()
    with pytest.raises(Permanent, match=r"^x\.mov: deleted from card A001$"):
        Volumes(tmp_path / "work").locate(clip)


def test_a_card_that_is_gone_is_asked_for_until_it_is_back(tmp_path, card, clip):
    volumes = Volumes(tmp_path / "work")
    card.rename(tmp_path / "pulled")
    assert volumes.root(clip.volume) is None
    with pytest.raises(MediaGone, match=r"^insert card A001$") as caught:
        volumes.locate(clip)
    assert (caught.value.volume, caught.value.label) == (clip.volume, "A001")
    (tmp_path / "pulled").rename(card)
    assert volumes.locate(clip) == card / "x.mov"


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ENODEV])
def test_a_card_pulled_while_mounted_is_gone_too(tmp_path, clip, monkeypatch, number):
    def stat(self, **_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "stat", stat)
    with pytest.raises(MediaGone):
        Volumes(tmp_path / "work").locate(clip)


def test_a_mount_that_is_not_there_is_gone(tmp_path):
    volumes = Volumes(tmp_path)
    for volume in ("uuid:4A21-0000", "share:nas:/x", "mount:/nowhere", "fsid:1"):
        assert volumes.root(volume) is None
        with pytest.raises(MediaGone, match="insert card B002"):
            volumes.locate(Clip(volume=volume, path="x", card="B002"))


def test_work_files_lie_in_the_work_folder(tmp_path):
    volumes = Volumes(tmp_path)
    (tmp_path / "x.mp4").touch()
    assert volumes.locate(Clip(volume=WORK, path="x.mp4")) == tmp_path / "x.mp4"
    with pytest.raises(Permanent, match="deleted from the work folder"):
        volumes.locate(Clip(volume=WORK, path="y.mp4"))


MOUNTS_SCRIPT = """
import subprocess, sys
from pathlib import Path
from rushes import Clip, MediaGone
from rushes.volumes import Volumes, identify, mounted_below

def sh(*command):
    subprocess.run(command, check=True)

base = Path(sys.argv[1])
root, elsewhere = base / "cards", base / "elsewhere"
card = root / "A001"
card.mkdir(parents=True); elsewhere.mkdir()
images = [base / "a.img", base / "b.img"]
for image in images:
    with image.open("wb") as file:
        file.truncate(4 << 20)
    sh("mkfs.ext4", "-q", str(image))
volumes = Volumes(base / "work")

sh("mount", "-o", "loop", str(images[0]), str(card))
(card / "x.mov").write_bytes(b"x")
first = identify(card / "x.mov", root)
assert first.id.startswith(("fsid:", "uuid:")), first
assert first.root == card and first.label == "A001"
assert mounted_below(root) == (first,)
clip = Clip(volume=first.id, path="x.mov", card=first.label)
assert volumes.locate(clip) == card / "x.mov"

sh("umount", str(card))                                # leaves an empty folder behind
assert mounted_below(root) == ()
try:
    volumes.locate(clip)
except MediaGone as gone:
    assert str(gone) == "insert card A001"
else:
    raise AssertionError("the empty mount point was taken for the card")

sh("mount", "-o", "loop", str(images[1]), str(card))   # another card in the same place
assert identify(card, root).id != first.id
assert volumes.root(first.id) is None

sh("mount", "-o", "loop", str(images[0]), str(elsewhere))
assert volumes.locate(clip) == elsewhere / "x.mov"
assert identify(elsewhere / "x.mov", elsewhere).id == first.id
"""


def test_a_card_is_known_by_its_file_system_wherever_it_is_mounted(tmp_path):
    able = "mkfs.ext4 -V && cd $0 && truncate -s 4M t.img && mkfs.ext4 -q t.img && mount -o loop t.img /mnt"
    probe = subprocess.run(["unshare", "-m", "sh", "-c", able, tmp_path], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("loop mounts in a mount namespace are not possible here")
    command = ["unshare", "-m", sys.executable, "-c", MOUNTS_SCRIPT, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
