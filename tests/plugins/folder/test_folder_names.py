from pathlib import Path

import pytest
from pydantic import ValidationError

from rushes import ConfigError, Kind, Role
from rushes_folder import FolderOptions, rushes_sources
from rushes_folder.mode import choose, notes
from rushes_folder.names import Names


def names(**options):
    return Names(FolderOptions(path="/cards", **options))


@pytest.mark.parametrize(
    "name",
    ["x.tmp", "X.PART", "x.mov.partial", "~lock.txt", "._A001.mov", ".hidden.mov", "Thumbs.db"],
)
def test_temporary_and_system_files_are_left_out(name):
    assert not names().file(name, "")


def test_what_is_always_left_out_stays_so_with_hidden_and_exclude():
    own = names(hidden=True, exclude=["*.xml"])
    assert not own.file("._A001.mov", "")
    assert not own.file("x.tmp", "")
    assert not own.file("C0001.XML", "")
    assert own.file(".hidden.mov", "")
    assert not own.folder(".Trashes", "")
    assert own.folder(".camera", "")


def test_include_and_exclude_take_names_and_paths():
    own = names(include=["*.mov", "SOUND/*"], exclude=["A00?/TEST/*", "PROXY"])
    assert own.file("A001C001.MOV", "A001/")
    assert own.file("1.wav", "SOUND/")
    assert not own.file("1.wav", "A001/")
    assert not own.file("x.mov", "A001/TEST/")
    assert not own.folder("proxy", "A001/")


def test_kind_and_role_come_from_the_extension():
    own = names()
    for name, kind, role in [
        ("A.MXF", Kind.VIDEO, Role.ORIGINAL),
        ("a.wav", Kind.AUDIO, Role.ORIGINAL),
        ("a.dng", Kind.IMAGE, Role.ORIGINAL),
        ("look.cube", Kind.DATA, Role.LUT),
        ("day1.ALE", Kind.DATA, Role.SIDECAR),
        ("README", Kind.DATA, Role.SIDECAR),
    ]:
        assert (own.kind(name), own.role(name)) == (kind, role), name
    other = names(kinds={".BIN": "video"}, roles={"wav": "sound"})
    assert (other.kind("x.bin"), other.role("x.bin")) == (Kind.VIDEO, Role.ORIGINAL)
    assert other.role("x.wav") is Role.SOUND


def test_times_are_durations():
    options = FolderOptions(path="/x", settle="500ms", patience="1m", interval="5s")
    assert (options.settle, options.patience, options.interval) == (0.5, 60.0, 5.0)


@pytest.mark.parametrize("name", ["settle", "patience", "interval"])
def test_a_bad_duration_says_how_to_write_it(name):
    with pytest.raises(ValidationError, match="write a duration such as 500ms, 2s, 1m or 2h"):
        FolderOptions(path="/x", **{name: "soon"})


def test_scans_need_time_between_them():
    with pytest.raises(ValidationError, match="greater than 0"):
        FolderOptions(path="/x", interval=0)


def test_unknown_options_are_errors():
    with pytest.raises(ValidationError):
        FolderOptions(path="/x", setle=1)


def test_notes_say_how_the_folder_is_watched(tmp_path, monkeypatch):
    options = FolderOptions(path=tmp_path)
    (note,) = notes(options)
    assert note.startswith(f"{tmp_path}: events and a safety scan every 60 s (")
    (note,) = notes(FolderOptions(path=tmp_path, watch="poll", interval="5s"))
    assert note.startswith(f"{tmp_path}: polling every 5 s (")
    assert notes(FolderOptions(path=tmp_path / "later")) == ()  # `check` itself says that it does not exist
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file; name the folder that holds it"):
        notes(FolderOptions(path=tmp_path / "file"))


def test_a_network_mount_is_polled(monkeypatch, tmp_path):
    line = f"41 27 0:45 / {tmp_path} rw,relatime - nfs4 nas:/day1 rw\n"
    share(monkeypatch, tmp_path, line)
    mode = choose(FolderOptions(path=tmp_path), tmp_path)
    assert (mode.events, str(mode)) == (False, "polling every 2 s (nfs4)")
    assert choose(FolderOptions(path=tmp_path, watch="events"), tmp_path).events


def test_a_share_below_a_local_folder_is_scanned_as_often_as_one_polls(monkeypatch, tmp_path):
    line = f"40 1 8:2 / / rw - ext4 /dev/sda2 rw\n41 27 0:45 / {tmp_path}/nas rw - cifs //nas/a rw\n"
    share(monkeypatch, tmp_path, line)
    mode = choose(FolderOptions(path=tmp_path), tmp_path)
    assert mode.events
    assert str(mode) == f"events and a safety scan every 2 s (ext4, and cifs at {tmp_path}/nas)"


def share(monkeypatch, folder: Path, mountinfo: str):
    import rushes.volumes

    file = folder / "mountinfo"
    file.write_text(mountinfo)
    mounts = rushes.volumes.Mounts(str(file))
    monkeypatch.setattr(rushes.volumes, "_machine", lambda: mounts)


def test_the_plugin_offers_one_source():
    (spec,) = rushes_sources()
    assert spec.name == "folder"
    assert spec.config is FolderOptions
