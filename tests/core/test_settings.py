"""Machine-wide settings and the place of sockets."""

import os
import stat
from pathlib import Path

import pytest

from rushes import ConfigError
from rushes.settings import LONGEST_SOCKET_PATH, Settings, runtime_folder


def test_defaults(monkeypatch, tmp_path):
    monkeypatch.delenv("RUSHES_CONFIG_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    settings = Settings()

    assert settings.config_dir == tmp_path / "rushes"
    assert settings.heavy_jobs == max(1, (os.cpu_count() or 1) // 2)
    assert (settings.nice, settings.blocked_plugins, settings.keyring) == (10, (), False)


def test_the_environment_sets_them(monkeypatch):
    for name, value in {
        "HEAVY_JOBS": "3",
        "NICE": "0",
        "BLOCKED_PLUGINS": "one, two,",
        "KEYRING": "true",
        "CONFIG_DIR": "here",
        "FRAMEIO_CLIENT_SECRET": "not a setting",
    }.items():
        monkeypatch.setenv(f"RUSHES_{name}", value)

    settings = Settings()

    assert (settings.heavy_jobs, settings.nice, settings.keyring) == (3, 0, True)
    assert settings.blocked_plugins == ("one", "two")
    assert settings.config_dir == Path.cwd() / "here"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("HEAVY_JOBS", "0", "RUSHES_HEAVY_JOBS must be at least 1"),
        ("HEAVY_JOBS", "many", "RUSHES_HEAVY_JOBS must be a whole number"),
        ("NICE", "40", "RUSHES_NICE must be at most 19"),
        ("KEYRING", "perhaps", "RUSHES_KEYRING must be true or false"),
    ],
)
def test_a_bad_variable_is_named(monkeypatch, name, value, message):
    monkeypatch.setenv(f"RUSHES_{name}", value)

    with pytest.raises(ConfigError, match=message) as caught:
        Settings()

    assert "\n" not in str(caught.value)


def test_sockets_are_short_stable_and_apart(tmp_path):
    settings = Settings(runtime_dir=tmp_path / "run")
    deep = tmp_path / "/".join(["a folder with a long name"] * 20)

    path = settings.socket_path(deep)

    assert len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
    assert path.parent == tmp_path / "run"
    assert path == settings.socket_path(deep / ".." / deep.name)
    assert path != settings.socket_path(tmp_path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_to_a_state_folder_leads_to_its_socket(tmp_path):
    settings = Settings(runtime_dir=tmp_path / "run")
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "state")

    assert settings.socket_path(tmp_path / "link") == settings.socket_path(tmp_path / "state")


def test_the_sockets_folder_is_made_private(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o777)

    path = Settings(runtime_dir=tmp_path / "run").socket_path(tmp_path)

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_of_someone_else_is_refused(tmp_path, monkeypatch):
    settings = Settings(runtime_dir=tmp_path / "run")
    monkeypatch.setattr(os, "getuid", lambda: 12345)

    with pytest.raises(
        ConfigError, match=r"belongs to someone else or is a link; remove it, or set RUSHES_RUNTIME_DIR"
    ):
        settings.socket_path(tmp_path)


def test_a_link_for_a_folder_is_refused(tmp_path):
    (tmp_path / "run").symlink_to(tmp_path)

    with pytest.raises(ConfigError, match="is a link"):
        Settings(runtime_dir=tmp_path / "run").socket_path(tmp_path)


def test_a_folder_that_cannot_be_made_or_is_too_deep_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"cannot hold the socket \(Not a directory\)"):
        Settings(runtime_dir=tmp_path / "file" / "run").socket_path(tmp_path)
    with pytest.raises(ConfigError, match="too long a path for a socket"):
        Settings(runtime_dir=tmp_path / ("x" * 100)).socket_path(tmp_path)


def test_the_runtime_folder_is_the_sessions_else_one_per_user(tmp_path):
    assert runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "rushes"
    for environment in (
        {},
        {"XDG_RUNTIME_DIR": ""},
        {"XDG_RUNTIME_DIR": str(tmp_path / "gone")},
        {"XDG_RUNTIME_DIR": "run"},
    ):
        assert runtime_folder(environment) == Path(f"/tmp/rushes-{os.getuid()}")
