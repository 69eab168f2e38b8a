"""The socket and the note that names it."""

from __future__ import annotations

import json
import socket
import stat

import pytest

from rushes.api.address import NOTE, find, listening
from rushes.errors import RushesError


def test_modes_and_cleaning_up(address, tmp_path):
    with listening(address, tmp_path):
        assert stat.S_IMODE(address.stat().st_mode) == 0o600
        assert find(tmp_path) == address
    assert find(tmp_path) is None
    assert list(address.parent.iterdir()) == []
    assert not (tmp_path / NOTE).exists()


def test_stale_socket_is_replaced(address, tmp_path):
    for name in ("p.sock", "p.sock.new"):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(address.with_name(name)))
    with listening(address, tmp_path):
        assert find(tmp_path) == address


def test_a_file_that_is_no_socket_is_replaced_too(address, tmp_path):
    address.write_text("left by something")
    with listening(address, tmp_path):
        assert find(tmp_path) == address


def test_a_living_one_is_respected(address, tmp_path):
    with listening(address, tmp_path):
        with pytest.raises(RushesError, match="another pipeline listens"), listening(address, tmp_path):
            pass
        assert find(tmp_path) == address


@pytest.mark.parametrize("name", ["x" * 120, "no/such/folder"])
def test_what_cannot_be_bound(tmp_path, name):
    with pytest.raises(RushesError, match=r"cannot listen there .*RUSHES_RUNTIME_DIR"):
        with listening(tmp_path / name, tmp_path):
            pass


def test_a_copied_state_folder_finds_nobody(address, tmp_path):
    state, copy = tmp_path / "a", tmp_path / "b"
    state.mkdir()
    copy.mkdir()
    with listening(address, state):
        (copy / NOTE).write_bytes((state / NOTE).read_bytes())
        assert find(copy) is None
        assert find(state) == address


@pytest.mark.parametrize(
    "note", [b"", b"{}", b"[]", b"\xff", json.dumps({"socket": 1, "state": ""}).encode()]
)
def test_a_damaged_note_finds_nobody(tmp_path, note):
    (tmp_path / NOTE).write_bytes(note)
    assert find(tmp_path) is None
