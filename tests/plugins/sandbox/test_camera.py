"""The camera leaves a faithful card, and shows no file under its name before a recorder has closed it."""

from __future__ import annotations

import pytest

from rushes import RushesError
from rushes_sandbox.camera import Camera


def test_everything_is_recorded_as_it_was_made(card, tmp_path):
    with Camera(card.folder, tmp_path, card.files, piece_s=0, pause_s=0.001) as camera:
        camera.wait(30)
    recorded = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert recorded == {file.path for file in card.files}
    for file in card.files:
        assert (tmp_path / file.path).read_bytes() == card.path(file.filename).read_bytes()


def test_leaving_stops_a_recording(card, tmp_path):
    with Camera(card.folder, tmp_path, card.files, piece_s=3600, pause_s=3600) as camera:
        assert camera.recording
    assert not camera.recording


def test_a_card_that_cannot_be_written_is_one_line(card, tmp_path):
    (tmp_path / "A001").write_text("in the way")
    with (
        Camera(card.folder, tmp_path, card.files, piece_s=0, pause_s=0) as camera,
        pytest.raises(RushesError, match=r"^camera: .*Not a directory"),
    ):
        camera.wait(10)
