"""`pipeline report`: running or at rest, to the terminal or to a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from engine_rig import CallSource, FunctionAnnotator, FunctionSink, card, component, engine_of, simple
from report_day import REPORT
from rushes import Finding, Kind, Link, Permanent, Record
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)
NIGHT = {
    "a.mov": "2026-11-22T22:10:00",
    "b.mov": "2026-11-23T01:30:00",
    "b.wav": "2026-11-24T01:30:00",  # its clock is a day ahead
    "c.mov": "2026-11-23T18:00:00",
}


def test_of_a_running_pipeline(pipeline, file, fake):
    fake.day = lambda wanted="": REPORT if wanted in {"", "2026-11-22"} else None
    days = [{"day": f"2026-11-{22 - n}", "clips": n + 1, "bytes": 1} for n in range(8)]
    fake.days = lambda: {"days": days[:1]}
    told = pipeline("report", file)
    assert told.stdout.startswith("onset: shooting day 2026-11-22"), told.stderr
    assert told.stderr == ""
    fake.days = lambda: {"days": days}
    assert pipeline("report", file).stderr == (
        "other days, with --day: 2026-11-21 (2 clips), 2026-11-20 (3 clips), 2026-11-19 (4 clips), "
        "2026-11-18 (5 clips), 2026-11-17 (6 clips) ...\n"
    )
    assert pipeline("report", file, "--day", "2026-11-22").stderr == ""
    assert pipeline("report", file, "--day", "2026-11-22", "--format", "html").stdout.startswith(
        "<!doctype html>"
    )
    assert json.loads(pipeline("report", file, "--json").stdout)["day"] == "2026-11-22"


def test_a_file_is_of_the_format_that_its_name_says(pipeline, file, fake, tmp_path):
    fake.day, fake.days = lambda _wanted="": REPORT, lambda: {"days": []}
    unknown = pipeline("report", file, "--out", str(tmp_path / "day.pdf"))
    assert (unknown.exit_code, list(tmp_path.glob("day.pdf"))) == (2, [])
    assert "no format ends in .pdf; name it .txt, .csv, .html, .json" in unknown.stderr
    out = tmp_path / "day.csv"
    result = pipeline("report", file, "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_bytes().startswith(b'\xef\xbb\xbf"day"')
    assert [each.name for each in tmp_path.glob(".day*")] == []
    lost = pipeline("report", file, "--out", str(tmp_path / "none" / "day.csv"))
    assert lost.exit_code != 0
    assert "cannot be written" in lost.stderr


def test_no_day_is_told_in_a_line(pipeline, file, fake):
    result = pipeline("report", file, "--day", "yesterday")
    assert result.exit_code == 2, result.stderr
    assert "write it as 2026-11-22" in result.stderr
    assert pipeline("report", file, "--json", "--format", "csv").exit_code == 2


KINDS = {"mov": Kind.VIDEO, "wav": Kind.AUDIO}


async def refuse(clip, _resume, _report):
    if clip.filename == "a.mov":
        raise Permanent("refused")


def shot(tmp_path: Path):
    async def run(intake):
        data = {"scene": "9", "take": 2, "projectDay": {"date": "2026-11-22"}}
        await intake.records([Record(id="r1", source="source", kind="clip", device="d", data=data)])
        clips = card(tmp_path / "A001", *NIGHT)
        await intake.clips([replace(each, kind=KINDS[each.extension]) for each in clips])
        await intake.caught_up()

    ids = {}

    def say(clip):
        ids[clip.filename] = clip.id
        links = []
        if clip.filename == "b.wav":
            links = [Link(clip=clip.id, other=ids["b.mov"], kind="picture", score=1.0)]
        values = {"recorded": NIGHT[clip.filename], "duration": 60.0}
        return Finding(clip=clip.id, values=values, links=links)

    annotator = component("annotator", "say", FunctionAnnotator(say))
    return simple(tmp_path, CallSource(run), FunctionSink(refuse), prepare=[annotator])


async def test_a_night_is_of_the_day_on_which_it_began(tmp_path, file, pipeline):
    (tmp_path / "state").mkdir()
    async with engine_of(shot(tmp_path), ledger=tmp_path / "state" / FILE_NAME) as engine:
        await engine.run(once=True)
        days = {each["day"]: each["clips"] for each in (await engine.days())["days"]}
        live = await engine.day("2026-11-22")
    assert days == {"2026-11-22": 3, "2026-11-23": 1}
    assert [clip["name"] for clip in live["clips"]] == ["a.mov", "b.mov", "b.wav"]
    assert live["clips"][1]["sounds"] == ["b.wav"]
    assert live["totals"]["failed"] == 1
    assert live["pictures_without_sound"] == ["a.mov"]
    assert [record["says"] for record in live["records_without_media"]] == ["scene 9, take 2"]
    [delivered] = live["clips"][1]["deliveries"]
    assert (delivered["state"], delivered["at"] > 0) == ("done", True)
    at_rest = await trio.to_thread.run_sync(lambda: pipeline("report", file, "--day", "2026-11-22", "--json"))
    told = json.loads(at_rest.stdout)
    assert (told["clips"], told["totals"]) == (live["clips"], live["totals"])
    unknown = await trio.to_thread.run_sync(lambda: pipeline("report", file, "--day", "2020-01-01"))
    assert "nothing was shot on 2020-01-01; days are 2026-11-23, 2026-11-22" in unknown.stderr
