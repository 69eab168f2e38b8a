"""The sealed store: sealed, atomic, durable, shared by processes, refused in one sentence."""

import json
import logging
import multiprocessing
import os
import stat
import sys
import types
from pathlib import Path

import pytest

from rushes import Unavailable
from rushes.cli.text import printable
from rushes.logs.log import open_log
from rushes.secrets import open_vault, variable_of
from rushes.secrets.key import KeyFile
from rushes.settings import Settings


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def machine(tmp_path):
    return Settings(config_dir=tmp_path / "config")


def sealed(state):
    return state / "secrets.sealed"


def refusal(state, machine, use=lambda vault: None):
    with pytest.raises(Unavailable) as caught:
        use(open_vault(state, machine, {}))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_values_come_back(state, machine):
    secrets = open_vault(state, machine, {}).of("frameio")
    assert secrets.get("token") is None
    secrets.set("token", "geheim ü")
    secrets.set("refresh", "")

    again = open_vault(state, machine, {}).of("frameio")

    assert again.get("token") == "geheim ü"
    assert again.get("refresh") == ""
    assert open_vault(state, machine, {}).of("other").get("token") is None
    again.delete("token")
    again.delete("never there")
    assert secrets.get("token") is None


def test_nothing_is_written_before_the_first_secret(state, machine):
    open_vault(state, machine, {}).of("frameio").delete("token")

    assert not sealed(state).exists()
    assert not machine.config_dir.exists()


def test_files_are_private_and_values_are_sealed(state, machine):
    open_vault(state, machine, {}).of("frameio").set("token", "geheim")

    key = machine.config_dir / "secrets.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(machine.config_dir.stat().st_mode) == 0o700
    for path in state.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"geheim" not in path.read_bytes()
    assert [path.name for path in machine.config_dir.iterdir()] == ["secrets.key"]


def test_nothing_secret_is_in_a_repr(state, machine):
    vault = open_vault(state, machine, {})
    vault.of("frameio").set("token", "geheim")
    key = (machine.config_dir / "secrets.key").read_text().strip()

    assert "geheim" not in repr(vault) + repr(vault.of("frameio"))
    assert key not in repr(vault) + repr(machine)


def test_the_environment_comes_first(state, machine):
    secrets = open_vault(state, machine, {"RUSHES_FRAMEIO_CLIENT_SECRET": "given"}).of("frameio")
    secrets.set("client_secret", "sealed")

    assert secrets.get("client_secret") == "given"
    assert open_vault(state, machine, {}).of("frameio").get("client_secret") == "sealed"
    assert variable_of("day-1.cloud", "token") == "RUSHES_DAY_1_CLOUD_TOKEN"


def test_another_key_is_refused_and_the_file_kept(state, machine, tmp_path):
    open_vault(state, machine, {}).of("frameio").set("token", "x")
    before = sealed(state).read_bytes()
    other = Settings(config_dir=tmp_path / "other")
    open_vault(tmp_path / "elsewhere", other, {}).of("frameio").set("token", "y")

    assert "was sealed with another key than" in refusal(state, other)
    assert "move the sealed file aside and pair again" in refusal(state, other)
    (other.config_dir / "secrets.key").unlink()
    assert "with a key that is not there" in refusal(state, other)
    assert not (other.config_dir / "secrets.key").exists()
    assert sealed(state).read_bytes() == before


@pytest.mark.parametrize("damage", ["truncated", "bit", "swapped", "json", "empty", "binary", "version"])
def test_a_damaged_file_is_refused_and_kept(state, machine, damage):
    secrets = open_vault(state, machine, {}).of("frameio")
    secrets.set("a", "one")
    secrets.set("b", "two")
    whole = sealed(state).read_bytes()
    content = json.loads(whole)
    first, second = content["values"]
    if damage == "bit":
        first[2] = ("B" if first[2][0] == "A" else "A") + first[2][1:]
    elif damage == "swapped":
        first[2], second[2] = second[2], first[2]
    elif damage == "version":
        content["version"] = 99
    spoilt = {"truncated": whole[:-20], "json": b"[1, 2]", "empty": b"", "binary": b"\xff\x00"}.get(
        damage, json.dumps(content).encode()
    )
    sealed(state).write_bytes(spoilt)

    message = refusal(state, machine)

    assert str(sealed(state)) in message
    assert "use that version" in message if damage == "version" else "is damaged; restore it" in message
    refusal(state, machine, lambda vault: vault.of("frameio").set("c", "three"))
    assert sealed(state).read_bytes() == spoilt


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_can_read_is_refused(state, machine, mode):
    open_vault(state, machine, {}).of("frameio").set("token", "x")
    key = machine.config_dir / "secrets.key"
    key.chmod(mode)

    message = refusal(state, machine)

    assert f"can be read by others (mode {mode:04o}); run: chmod 600 {key}" in message


def test_a_damaged_key_is_refused_and_kept(state, machine):
    open_vault(state, machine, {}).of("frameio").set("token", "x")
    key = machine.config_dir / "secrets.key"
    key.write_text("short")

    assert "the key is damaged" in refusal(state, machine)
    assert key.read_text() == "short"


def test_a_folder_that_cannot_be_written_is_told(state, machine, tmp_path):
    state.write_text("a file, not a folder")
    assert "cannot be" in refusal(state, machine, lambda vault: vault.of("frameio").set("a", "b"))

    (tmp_path / "config").write_text("a file, not a folder")
    assert "the key cannot be" in refusal(
        tmp_path / "other", machine, lambda vault: vault.of("frameio").set("a", "b")
    )


def test_two_first_starts_agree_on_one_key(tmp_path):
    first, second = KeyFile(tmp_path / "k" / "secrets.key"), KeyFile(tmp_path / "k" / "secrets.key")

    made = first.make()

    assert second.make() == made
    assert [path.name for path in (tmp_path / "k").iterdir()] == ["secrets.key"]


def test_changes_of_another_vault_are_seen_and_kept(state, machine):
    running, action = open_vault(state, machine, {}), open_vault(state, machine, {})
    running.of("frameio").set("client_id", "c")

    action.of("frameio").set("token", "new")
    assert running.of("frameio").get("token") == "new"
    running.of("frameio").set("refresh", "r")

    assert dict(action.values()) == {
        ("frameio", "client_id"): "c",
        ("frameio", "token"): "new",
        ("frameio", "refresh"): "r",
    }


def add_many(state, config, name, count):
    secrets = open_vault(state, Settings(config_dir=config), {}).of(name)
    for number in range(count):
        secrets.set(str(number), name)


def test_processes_do_not_lose_each_others_values(state, machine):
    context = multiprocessing.get_context("spawn")
    config = machine.config_dir
    workers = [context.Process(target=add_many, args=(state, config, name, 15)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(open_vault(state, machine, {}).values()) == 30


def test_a_change_that_fails_midway_leaves_the_old_values(state, machine, monkeypatch):
    secrets = open_vault(state, machine, {}).of("frameio")
    secrets.set("token", "old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left on device"):
            secrets.set("token", "new")

    assert open_vault(state, machine, {}).of("frameio").get("token") == "old"
    secrets.set("token", "newer")
    assert open_vault(state, machine, {}).of("frameio").get("token") == "newer"


def test_the_file_is_synced_before_it_is_renamed_and_the_folder_after(state, machine, monkeypatch):
    secrets = open_vault(state, machine, {}).of("frameio")
    secrets.set("token", "old")
    seen = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (seen.append(Path(f"/proc/self/fd/{fd}").readlink().name), fsync(fd))
    )
    monkeypatch.setattr(Path, "replace", lambda self, to: (seen.append("rename"), replace(self, to))[1])

    secrets.set("token", "new")

    assert seen == ["secrets.new", "rename", "state"]


class Ring:
    def __init__(self):
        self.kept = {}
        self.locked = False

    def get_password(self, service, user):
        if self.locked:
            raise RuntimeError("locked: geheim")
        return self.kept.get((service, user))

    def set_password(self, service, user, password):
        self.kept[service, user] = password


def test_the_key_may_be_in_a_keyring(state, tmp_path, monkeypatch):
    ring = Ring()
    module = types.SimpleNamespace(get_password=ring.get_password, set_password=ring.set_password)
    monkeypatch.setitem(sys.modules, "keyring", module)
    machine = Settings(config_dir=tmp_path / "config", keyring=True)

    open_vault(state, machine, {}).of("frameio").set("token", "x")

    assert open_vault(state, machine, {}).of("frameio").get("token") == "x"
    assert not machine.config_dir.exists()
    assert list(ring.kept) == [("rushes", "secrets.key")]
    ring.locked = True
    assert "the keyring cannot be used (RuntimeError); unlock it" in refusal(state, machine)
    ring.locked = False
    ring.kept.clear()
    assert "with a key that is not there (rushes/secrets.key in the keyring)" in refusal(state, machine)


def test_a_keyring_that_is_not_installed_is_told(state, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert "run: pip install 'rushes[keyring]'" in refusal(state, Settings(keyring=True))


def test_what_is_remembered_is_in_no_log_and_not_sealed(state, machine, tmp_path):
    secrets = open_vault(state, machine, {}).of("frameio")
    secrets.remember("fr3sh-tok3n-fr3sh")
    with open_log(tmp_path, printable) as path:
        logging.getLogger("rushes.test").info("got fr3sh-tok3n-fr3sh.")
    assert json.loads(path.read_text())["event"] == "got [secret]."
    assert not sealed(state).exists()
