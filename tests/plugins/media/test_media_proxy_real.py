"""Proxies of real cameras' and recorders' files; they lie beside the project and are skipped where they do not."""

from __future__ import annotations

import pytest
from wavinfo import WavInfoReader

from rushes import Kind
from rushes_media.look import look
from rushes_media.proxy import PROXY


async def make(stage, path, kind, **options):
    async with PROXY.open(PROXY.config(preset="ultrafast", **options), stage) as proxy:
        [made] = await proxy.apply(stage.admit(path, kind))
    return stage.path(made)


@pytest.mark.parametrize(
    ("name", "label"),
    [("gopro/karma.mp4", "19:26:48:04"), ("regxmllib/indirect.mxf", "01:00:00:00")],
)
async def test_pictures(stage, shared_media, name, label):
    source = shared_media / "camera" / name
    before, after = (
        look(str(path), "video").values
        for path in (source, await make(stage, source, Kind.VIDEO, height=120))
    )
    assert (before["timecode"], after["timecode"], after["timecode_from"]) == (label, label, "tmcd")
    assert (after["height"], after["rate"]) == (120, before["rate"])
    for column in ("frames", "channels", "reel"):
        assert before.get(column) in {None, after.get(column)}


@pytest.mark.parametrize(
    "name",
    [
        "sounddevices_702T/A101_1.WAV",
        "metacorder/Sr001-001-06_01.WAV",
        "zoom_F8/Scene_1_2AG-T001.TAKE/Scene_1_2AG-T001_TrL_R.WAV",
        "misc/reaper-bext.wav",
    ],
)
async def test_recordings_keep_what_their_recorder_wrote(stage, shared_media, name):
    source = shared_media / "audio" / name
    path = await make(stage, source, Kind.AUDIO)
    before, after = look(str(source), "audio").values, look(str(path), "audio").values
    changed = {"codec", "streams", "profile", "bit_depth"}
    assert {key: told for key, told in after.items() if before.get(key) != told and key not in changed} == {}
    assert {key for key in before if key not in after} <= changed
    one, two = WavInfoReader(str(source)), WavInfoReader(str(path))
    for told in ("time_reference", "description", "originator", "originator_ref", "coding_history"):
        assert getattr(one.bext, told) == getattr(two.bext, told)


async def test_sound_of_a_mastering_container(stage, shared_media):
    path = await make(stage, shared_media / "camera/photon/TearsOfSteel_Audio_23976.mxf", Kind.AUDIO)
    values = look(str(path), "audio").values
    assert (values["timecode"], values["timecode_rate"]) == ("01:09:13:06", "23.976")
