"""What days of real files showed: folders as recorders make them, cards of one label, proxies made a week later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from rushes import Role
from rushes_match.kin.times import DAY
from rushes_match.library.devices import streams

from .kin_rig import file
from .match_rig import on_set, picture, sidecar, sound


def _named(*files):
    """Names of the devices, files following each other by a minute."""
    moments = {one.id: 60.0 * place for place, one in enumerate(files)}
    found = streams({one.id: one for one in files}, moments, {})
    return [found[one.id] for one in files]


@pytest.mark.parametrize("source", ["above", "at the card"])
def test_a_folder_for_each_take_is_one_recorder(source):
    """Zoom recorders make a folder for each take; where the source is the card, the folder is taken for one."""

    def take(name):
        path = f"{name}_Tr1.WAV"
        if source == "above":
            return file(f"{name}.TAKE/{path}", volume="folder:/set/SR001", card="SR001")
        return file(path, volume=f"folder:/set/SR001/{name}.TAKE", card=f"{name}.TAKE")

    assert len(set(_named(take("35AT001"), take("35BT001"), take("36T002")))) == 1


def test_folders_of_scenes_are_one_recorder_that_calls_itself_something():
    one, other = (
        file(f"{folder}/T1.WAV", timecode, 30, card="SD", volume="uuid:1", recorder="833 SL1234")
        for folder, timecode in (("SCENE 12A", "10:00:00:00"), ("SCENE 36", "10:01:00:00"))
    )
    assert _named(one, other) == ["833 SL1234", "833 SL1234"]


def test_two_recorders_of_one_model_are_two_though_the_date_of_one_is_wrong():
    one, other = (
        file("T1.WAV", "10:00:00:00", card=card, volume=card, recorder="F8n") for card in ("BAG", "CART")
    )
    found = streams({one.id: one, other.id: other}, {one.id: 0.0, other.id: 400.0 * DAY}, {})
    assert found[one.id] != found[other.id]


def test_cards_of_one_label_that_recorded_at_once_are_two_cameras():
    one, other = (file("DCIM/100CANON/MVI_0001.MOV", volume=f"uuid:{n}", card="EOS_DIGITAL") for n in "12")
    found = streams({one.id: one, other.id: other}, {one.id: 0.0, other.id: 5.0}, {})
    assert found[one.id] != found[other.id]


async def test_a_camera_of_another_month_is_told_on_both_sides(tmp_path):
    """The sound's session was looked at before anybody knew of a session of pictures alone."""
    timecodes = [f"10:{minute:02}:05:00" for minute in range(0, 20, 2)]
    pictures = [picture(f"A001C{n:03}.mov", at, off=40) for n, at in enumerate(timecodes, 1)]
    sounds = [sound(f"T{n:03}.wav", at[:6] + "00:00") for n, at in enumerate(timecodes, 1)]
    async with on_set(tmp_path) as made:
        await made.give(*pictures, *sounds, picture("B001C001.mov", "09:00:00:00"))
        links = await made.links()
        assert {(other, name) for name, other, kind in links if kind == "sound"} == {
            (name, other) for name, other, kind in links if kind == "picture"
        }
        assert len(links) == 2 * len(timecodes)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_proxies_in_a_folder_of_that_name_made_a_week_later(tmp_path, order):
    """On a disk the folder Proxies is the card; an ALE beside proxies is about what they are proxies of."""
    original = picture("A001C001.mov", "10:00:05:00")
    later = original.mtime_ns + int(timedelta(days=7).total_seconds() * 1e9)
    meta = {name: value for name, value in original.meta.items() if name != "created"}
    copy = replace(
        original, volume="folder:/raid/Proxies", card="Proxies", path="A001C001.mp4", mtime_ns=later,
        head="01", meta=meta,
    )  # fmt: skip
    ale = replace(
        sidecar("day.ale", {"match": {"clip_name": "A001C001"}, "values": {"lens": "32mm"}}),
        volume="folder:/raid/Proxies",
        card="Proxies",
        mtime_ns=later,
    )
    heard = sound("T001.wav", "10:00:00:00")
    batches = [(original, heard), (copy,), (ale,)]
    async with on_set(tmp_path) as made:
        for place in order:
            await made.give(*batches[place])
        rows = await made.query(
            "SELECT c.extension, l.kind, o.extension FROM links l JOIN clips c ON c.id = l.clip "
            "JOIN clips o ON o.id = l.other WHERE l.state = 'matched' AND l.kind <> 'sidecar'"
        )
        assert set(rows) == {
            ("mp4", "original", "mov"),
            ("mov", "proxy", "mp4"),
            ("mov", "sound", "wav"),
            ("wav", "picture", "mov"),
        }
        assert await made.query("SELECT lens FROM clips WHERE extension = 'mov'") == [("32mm",)]
        assert copy.role == Role.ORIGINAL
