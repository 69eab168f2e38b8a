"""A clip without timecode: what is said of its start, by whom, and what the choice makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from plugins.media.wave_files import bext, wave
from rushes import Kind, NotYet
from rushes.timecode import FLICKS
from rushes_media.look import look
from rushes_media.proxy import PROXY

#: Rows of a query for the links of a clip: kind, a record's data and rate, another clip's start.
RECORD = ("record", json.dumps({"tcStartSeconds": 3723, "tcStartFrames": 4}), "25", None)
DROPPING = ("record", json.dumps({"tcStartSeconds": 59, "tcStartFrames": 28}), "29.97df", None)
NOTHING = ("record", json.dumps({"scene": 1}), "25", None)
IMPOSSIBLE = ("record", json.dumps({"tcStartSeconds": 1, "tcStartFrames": 99}), "25", None)
SOUND = ("sound", None, None, 3723 * FLICKS + FLICKS // 10)


@pytest.fixture
def silent(ffmpeg, tmp_path):
    """A picture that nobody gave a timecode."""

    def shoot(rate="25", *more):
        picture = f"testsrc2=s=64x48:r={rate}:d=0.4"
        return ffmpeg("-f", "lavfi", "-i", picture, "-preset", "ultrafast", *more, tmp_path / "GX01.mp4")

    return shoot


async def make(stage, path, kind=Kind.VIDEO, meta=None, **options):
    async with PROXY.open(PROXY.config(**options), stage) as proxy:
        [made] = await proxy.apply(stage.admit(path, kind, **(meta or {})))
    return made


def start(stage, made):
    """Label and rate as the file tells them, and who the clip says told it."""
    values = look(str(stage.path(made)), "video").values
    return values.get("timecode"), values.get("timecode_rate"), made.meta.get("timecode_from")


async def test_it_is_made_without_and_says_so(stage, silent):
    made = await make(stage, silent())
    assert start(stage, made) == (None, None, None)
    assert stage.notes == ["GX01.mp4: no timecode, nor has its proxy one"]


async def test_a_clip_with_timecode_says_nothing(stage, camera):
    await make(stage, camera["25"], no_timecode="wait")
    assert stage.notes == []


class TestWait:
    async def test_until_something_tells_it(self, stage, silent):
        with pytest.raises(NotYet, match=r"GX01\.mp4: no timecode; it waits for") as waits:
            await make(stage, silent(), no_timecode="wait")
        assert waits.value.until == "metadata"
        assert not list(stage.workspace().iterdir())
        stage.catalog.rows = [RECORD]
        assert start(stage, await make(stage, silent(), no_timecode="wait")) == (
            "01:02:03:04",
            "25",
            "record",
        )

    async def test_until_a_person_says_it(self, stage, silent):
        told = {"timecode": "05:00:00:00", "timecode_rate": "25"}
        made = await make(stage, silent(), meta=told, no_timecode="wait")
        assert start(stage, made) == ("05:00:00:00", "25", "told")

    async def test_or_releases_it(self, stage, silent):
        stage.order = replace(stage.order, consent=True)
        assert start(stage, await make(stage, silent(), no_timecode="wait"))[0] is None


class TestStamp:
    @pytest.mark.parametrize(
        ("rows", "rate", "told"),
        [
            ([RECORD, SOUND], "25", ("01:02:03:04", "25", "record")),
            ([SOUND], "25", ("01:02:03:02", "25", "sound")),
            ([DROPPING], "30000/1001", ("00:00:59;28", "29.97df", "record")),
            # Real time is kept where rates differ: 3723.16 s at 24000/1001.
            ([RECORD], "24000/1001", ("01:01:59:10", "23.976", "record")),
            ([NOTHING], "25", ("00:00:00:00", "25", "midnight")),
            ([IMPOSSIBLE], "25", ("00:00:00:00", "25", "midnight")),
            ([], "25", ("00:00:00:00", "25", "midnight")),
        ],
    )  # fmt: skip
    async def test_from_what_is_matched(self, stage, silent, rows, rate, told):
        stage.catalog.rows = rows
        assert start(stage, await make(stage, silent(rate), no_timecode="stamp")) == told

    async def test_from_the_clock(self, stage, silent):
        source = silent("25", "-metadata", "creation_time=2026-11-22T09:29:50Z")
        assert start(stage, await make(stage, source, no_timecode="stamp")) == (
            "09:29:50:00",
            "25",
            "created",
        )
        meta = {"recorded": datetime(2026, 11, 22, 10, 29, 40)}  # noqa: DTZ001 - in a zone nobody tells
        assert start(stage, await make(stage, silent(), meta=meta, no_timecode="stamp")) == (
            "10:29:40:00",
            "25",
            "recorded",
        )
        assert stage.notes[-1] == "GX01.mp4: no timecode; its proxy starts at 10:29:40:00 (recorded)"

    @pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "50"])
    async def test_the_time_of_day_is_told_as_a_clock_shows_it(self, stage, silent, rate):
        source = silent(rate, "-metadata", "creation_time=2026-11-22T10:10:00Z")
        assert start(stage, await make(stage, source, no_timecode="stamp"))[0] == "10:10:00:00"

    @pytest.mark.parametrize(("rows", "told"), [([], "10:10:00:00"), ([SOUND], "01:02:03:03")])
    async def test_uneven_pictures_count_at_the_rate_they_are_laid_out_at(self, stage, silent, rows, told):
        uneven = ("-vf", "select='not(eq(mod(n,5),1))'", "-fps_mode", "vfr")
        source = silent("30", *uneven, "-metadata", "creation_time=2026-11-22T10:10:00Z")
        stage.catalog.rows = rows
        made = await make(stage, source, no_timecode="stamp")
        assert start(stage, made)[:2] == (told, made.meta["rate"])

    async def test_sound_gets_its_sample(self, stage, tmp_path):
        (tmp_path / "T1.wav").write_bytes(wave())
        stage.catalog.rows = [("picture", None, None, 3723 * FLICKS)]
        made = await make(stage, tmp_path / "T1.wav", Kind.AUDIO, no_timecode="stamp")
        values = look(str(stage.path(made)), "audio").values
        assert values["start_sample"] == 3723 * 48000
        assert (made.meta["start_sample"], made.meta["timecode_from"]) == (3723 * 48000, "picture")

    async def test_what_the_file_says_comes_first(self, stage, tmp_path):
        (tmp_path / "T1.wav").write_bytes(wave(bext(0)))
        stage.catalog.rows = [("picture", None, None, 3723 * FLICKS)]
        made = await make(stage, tmp_path / "T1.wav", Kind.AUDIO, no_timecode="stamp")
        assert look(str(stage.path(made)), "audio").values["start_sample"] == 0

    async def test_a_label_that_counts_at_nothing_is_no_start(self, stage, ffmpeg, tmp_path):
        source = ffmpeg(
            *("-f", "lavfi", "-i", "sine=d=0.2", "-metadata", "timecode=01:00:00:00", tmp_path / "T2.mka")
        )
        await make(stage, source, Kind.AUDIO)
        assert stage.notes == ["T2.mka: no timecode, nor has its proxy one"]
