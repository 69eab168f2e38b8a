"""What is written must not lie in what is watched."""

from __future__ import annotations

import pytest

from config_rig import registry
from rushes.config.load import load
from rushes.errors import ConfigError

DISK = """
sources:
  - {id: cards, use: folder, path: ./cards}
sinks:
  - {id: cloud, use: cloud, ca_file: CA}
state: STATE
"""


def loaded(tmp_path, *, state="./state", sink="./ca.pem"):
    (tmp_path / "cards").mkdir()
    file = tmp_path / "onset.yaml"
    file.write_text(DISK.replace("STATE", state).replace("CA", sink))
    return load(file, registry(), {})


@pytest.mark.parametrize("state", ["./cards", "./cards/state", "cards/../cards/deep/er"])
def test_a_state_folder_in_a_watched_folder_is_refused(tmp_path, state):
    with pytest.raises(
        ConfigError, match=r"onset.yaml:6:8: state: .* lies in .*cards, which source 'cards' watches"
    ):
        loaded(tmp_path, state=state)


def test_a_sink_in_a_watched_folder_is_refused(tmp_path):
    with pytest.raises(
        ConfigError, match=r"onset.yaml:5:\d+: sink 'cloud': .*/cards/out lies in .*; move one"
    ):
        loaded(tmp_path, sink="./cards/out")


def test_a_symlink_does_not_hide_it(tmp_path):
    (tmp_path / "elsewhere").symlink_to(tmp_path / "cards")
    with pytest.raises(ConfigError, match=r"state: .* lies in"):
        loaded(tmp_path, state="./elsewhere/state")


def test_folders_beside_each_other_are_fine(tmp_path):
    assert loaded(tmp_path, state="./cards-state", sink="./cards.out").state == tmp_path / "cards-state"


def test_a_file_in_a_watched_folder_is_no_target(tmp_path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "ca.pem").write_text("x")
    file = tmp_path / "onset.yaml"
    file.write_text(DISK.replace("STATE", "./state").replace("CA", "./cards/ca.pem"))
    assert load(file, registry(), {}).sinks
