"""What the annotator makes of a whole catalog: parts, proxies, several days, days that are too large to solve again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from rushes import Role
from rushes.timecode import Timecode
from rushes_match.library import rooms
from rushes_match.library.reading import Reading

from .match_rig import DAY, RATE, on_set, picture, record, sidecar, sound

TAKES = 12


def take(number: int) -> tuple[Timecode, str]:
    """Where an uneven day's takes begin, and what they are called."""
    return Timecode.from_frames(25 * (36_000 + number * 97 + number * number * 7), RATE), str(number + 1)


def day() -> list:
    """A picture and a sound of each take."""
    clips = []
    for number in range(TAKES):
        begins, name = take(number)
        clips += [
            picture(f"A001C{number:03}.mov", str(begins + 100), 30, scene="5", take=name),
            sound(f"T{number:03}.wav", str(begins), 40, scene="5", take=name),
        ]
    return clips


EVERY_PAIR = {(f"A001C{number:03}", f"T{number:03}", "sound") for number in range(TAKES)}


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_large_session_is_mended_as_if_it_were_solved_again(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(rooms, "_LARGE", 6)
    monkeypatch.setattr(rooms, "_SHARE", 100)
    mended = []
    real = rooms.patched

    def patched(*arguments, **options):
        mended.append(options["changed"])
        return real(*arguments, **options)

    monkeypatch.setattr(rooms, "patched", patched)
    clips = day()
    Random(seed).shuffle(clips)
    async with on_set(tmp_path) as made:
        for clip in clips:
            await made.give(clip)
        assert {link for link in await made.links() if link[2] == "sound"} == EVERY_PAIR
        assert len(await made.links()) == 2 * TAKES
        assert {row for (row,) in await made.query("SELECT matched FROM clips")} == {"matched"}
        gone = replace(picture("A001C003.mov", "20:00:00:00"), head="cc", size=2000)
        await made.give(gone)
        assert await made.told("T003", "matched") == "none"
    assert len(mended) > TAKES


async def test_mono_files_of_a_take_are_one_sound(tmp_path):
    tracks = [
        sound(
            f"T001_{n}.wav",
            "10:00:00:00",
            channels=1,
            family_uid="F1",
            family_files="2",
            family_index=f"0{n}",
        )
        for n in (1, 2)
    ]
    async with on_set(tmp_path) as made:
        await made.give(tracks[1])
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        await made.give(tracks[0])
        assert await made.links() == {
            ("A001C001", "T001_1", "sound"),
            ("T001_1", "A001C001", "picture"),
            ("T001_1", "T001_2", "part"),
            ("T001_2", "T001_1", "whole"),
        }
        [(lead,)] = await made.query("SELECT id FROM clips WHERE name = 'T001_1'")
        assert await made.told("T001_2", "part_of", "matched") == (lead, "matched")
        assert await made.told("T001_1", "part_of", "matched") == (None, "matched")


async def test_a_proxy_made_elsewhere_finds_its_original_a_month_later(tmp_path):
    original = picture("A001C001_261122_R1AB.mov", "10:00:05:00")
    late = picture("A001C001_261122_R1AB.mp4", "10:00:05:00", created=DAY + timedelta(days=30))
    proxy = replace(late, role=Role.PROXY, volume="test:LAB", card="LAB")
    async with on_set(tmp_path) as made:
        await made.give(original)
        await made.give(proxy)
        [(first,)] = await made.query("SELECT id FROM clips WHERE extension = 'mov'")
        [(proxy_of, matched)] = await made.query(
            "SELECT proxy_of, matched FROM clips WHERE extension = 'mp4'"
        )
        assert (proxy_of, matched) == (first, None)
        assert {kind for *_, kind in await made.links()} == {"proxy", "original"}


async def test_the_same_timecode_of_another_day_is_no_pair(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00", scene="1", take="1"))
        await made.give(sound("T001.wav", "10:00:00:00", scene="1", take="1"))
        late = DAY + timedelta(days=3, hours=10)
        await made.give(sound("T050.wav", "10:00:00:00", scene="9", take="4", recorded=late))
        await made.give(picture("A009C001.mov", "10:00:05:00", scene="9", take="4", off=3))
        assert {link for link in await made.links() if link[2] == "sound"} == {
            ("A001C001", "T001", "sound"),
            ("A009C001", "T050", "sound"),
        }


async def test_a_take_over_midnight_is_one_take(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "23:59:50:00", 30))
        await made.give(sound("T001.wav", "23:59:45:00", 60))
        await made.give(picture("B001C001.mov", "00:00:02:00", 20, off=1))
        assert {link for link in await made.links() if link[2] == "sound"} == {
            ("A001C001", "T001", "sound"),
            ("B001C001", "T001", "sound"),
        }


async def test_a_device_is_called_by_its_name_or_its_id(tmp_path):
    """The folder source says whose card it is by name; records say it by id."""
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00", device="A-Cam"))
        await made.give(
            record(
                "r1",
                "A001C001.mov",
                tcStartSeconds=36005,
                tcStartFrames=0,
                tcStopSeconds=36025,
                tcStopFrames=0,
            )
        )
        await made.devices(("0102030405060708", "A-Cam"))
        await made.give(record("r2", "X.mov"))
        assert await made.told("A001C001", "device") == "0102030405060708"
        [(evidence,)] = await made.query("SELECT evidence FROM links WHERE other = 'r1'")
        assert "other device" not in evidence


async def test_a_picture_hears_only_what_its_sounds_agree_on(tmp_path):
    """The camera did not cut between two takes."""
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:00:00", 120))
        await made.give(sound("T001.wav", "10:00:05:00", 40, scene="5", take="1", circled=True))
        await made.give(sound("T002.wav", "10:01:05:00", 40, scene="5", take="2"))
        assert await made.told("A001C001", "scene", "take", "circled") == ("5", None, True)
        assert len([link for link in await made.links() if link[2] == "sound"]) == 2


async def test_the_clips_of_many_sidecars_are_looked_for_at_once(tmp_path, monkeypatch):
    """Names are in no index: each question costs a look at all clips there are."""
    asked, named = [], Reading.named

    async def count(self, names):
        asked.append(names)
        return await named(self, names)

    monkeypatch.setattr(Reading, "named", count)
    clips = [picture(f"A001C{number:03}.mov", f"10:{number:02}:00:00") for number in range(20)]
    rows = [
        {"match": {"clip_name": clip.name}, "values": {"lens": f"{at} mm"}} for at, clip in enumerate(clips)
    ]
    async with on_set(tmp_path) as made:
        await made.give(*clips)
        await made.give(*(sidecar(f"{clip.name}M01.XML", row) for clip, row in zip(clips, rows, strict=True)))
        assert [await made.told(clip.name, "lens") for clip in clips] == [f"{at} mm" for at in range(20)]
    assert 0 < len(asked) < 5
