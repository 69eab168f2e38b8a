"""The pipeline dies at the worst moments; the next run goes on and nothing arrives twice."""

from __future__ import annotations

import stat

import imageio_ffmpeg
import pytest

from journeys.harness import runs, sha256, wait_until

PART_BYTES = 256 * 1024
pytestmark = pytest.mark.timeout(90)


def finish(journey):
    """Run to the end; returns the jobs by file name."""
    status = journey.run("--once").wait(40)
    jobs = {job["name"]: job for job in journey.jobs()}
    unsettled = any(job["state"] != "done" for job in jobs.values())
    assert status == (3 if unsettled else 0)
    return jobs


def test_an_upload_goes_on_in_its_asset_after_each_kill(journey):
    clip = journey.put("A001C001.bin", 16 * PART_BYTES - 1000)
    journey.write_pipeline(when="true", parts_in_flight=2)
    for more in (3, 6, 9):
        # Two of those that arrived may be sent again, and two are on their way: the clip has more.
        journey.hold_back(more - journey.arrived() + 2 + 2, 0.25)
        run = journey.run()
        wait_until(lambda more=more: journey.arrived() >= more, timeout_s=30, what="parts", process=run)
        run.kill()
    journey.sandbox.clear()
    jobs = finish(journey)
    [asset] = journey.sandbox.assets()
    assert asset["sha256"] == sha256(clip)
    assert asset["id"] == jobs[clip.name]["steps"][0]["receipt"]["id"]
    assert jobs[clip.name]["steps"][0]["receipt"]["placeholders"] == 0
    assert 0 <= journey.resent() <= 3 * 2 * PART_BYTES
    assert journey.sandbox.breaches() == []


def test_a_proxy_is_made_anew_and_the_old_ffmpeg_is_gone(bare, picture, tmp_path):
    hanging, pid_file, ffmpeg = tmp_path / "hang", tmp_path / "pid", tmp_path / "ffmpeg"
    hanging.touch()
    ffmpeg.write_text(
        f"#!/bin/sh\nif [ -e {hanging} ]; then echo $$ >{pid_file}; exec sleep 300; fi\n"
        f'exec {imageio_ffmpeg.get_ffmpeg_exe()} "$@"\n'
    )
    ffmpeg.chmod(ffmpeg.stat().st_mode | stat.S_IXUSR)
    bare.stage.env["RUSHES_FFMPEG"] = str(ffmpeg)
    bare.write_pipeline(steps=[{"use": "proxy", "height": 180, "preset": "ultrafast"}], sinks=[bare.disk()])
    bare.add_card(picture.parent, "A001")
    run = bare.run()
    wait_until(lambda: pid_file.exists() and pid_file.read_text(), timeout_s=30, what="ffmpeg", process=run)
    orphan = int(pid_file.read_text())
    run.kill()
    assert runs(orphan, "sleep")
    hanging.unlink()
    jobs = finish(bare)
    assert jobs[picture.name]["state"] == "done"
    assert not runs(orphan, "sleep")
    assert [path.name for path in (tmp_path / "raid").rglob("*") if path.is_file()] == [picture.name]
    assert list((bare.stage.state / "work").iterdir()) == []


def test_clips_admitted_but_not_planned_are_planned_by_the_next_run(dangerous, tmp_path):
    shut = tmp_path / "shut"
    shut.touch()
    names = [dangerous.put(f"C{n}.bin", 1000).name for n in range(5)]
    dangerous.write_pipeline(
        when="true", prepare=[{"use": "gate", "shut": str(shut)}], sinks=[dangerous.disk()]
    )
    run = dangerous.run()
    wait_until(
        lambda: run.out.read_text().count("admitted") == len(names), timeout_s=30, what="clips", process=run
    )
    run.kill()
    assert dangerous.jobs() == []
    shut.unlink()
    jobs = finish(dangerous)
    assert {name: job["state"] for name, job in jobs.items()} == dict.fromkeys(names, "done")
    assert {path.name for path in (tmp_path / "raid/A001").iterdir()} == set(names)


def test_a_step_that_kills_three_runs_is_parked_and_the_others_go_through(dangerous, tmp_path):
    starts = tmp_path / "starts"
    names = [dangerous.put(f"{name}.bin", 1000).name for name in ("C1", "KILLS", "C2", "C3")]
    dangerous.write_pipeline(when="true", sinks=[{"id": "deadly", "use": "deadly", "starts": str(starts)}])
    deaths = 0
    while (status := dangerous.run("--once").wait(40)) == 70:
        deaths += 1
        # The first start is not yet waited for: that death may go unseen.
        assert deaths <= 4
    assert status == 3
    assert deaths >= 3
    jobs = {job["name"]: job for job in dangerous.jobs()}
    reason = "the pipeline died 3 times while working on it"
    assert (jobs["KILLS.bin"]["state"], jobs["KILLS.bin"]["reason"]) == ("parked", reason)
    assert {name for name in names if jobs[name]["state"] == "done"} == {"C1.bin", "C2.bin", "C3.bin"}
    assert starts.read_text().count("KILLS.bin") == deaths


def test_a_lost_create_answer_leaves_one_placeholder_at_most(journey):
    clip = journey.put("A001C001.bin", 3 * PART_BYTES)
    journey.write_pipeline(when="true")
    journey.sandbox.fault("POST /v2/devices/assets", swallow_answer=True)
    [job] = finish(journey).values()
    assert sorted(asset["state"] for asset in journey.sandbox.assets()) == ["complete", "created"]
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert job["steps"][0]["receipt"]["placeholders"] == 1
    assert journey.resent() == 0


def test_a_kill_between_create_and_its_answer_leaves_one_placeholder_at_most(journey):
    clip = journey.put("A001C001.bin", 3 * PART_BYTES)
    journey.write_pipeline(when="true")
    journey.sandbox.fault("POST /v2/devices/assets", delay_s=0.5)
    run = journey.run()
    wait_until(
        lambda: not journey.sandbox.ask("GET", "/_sandbox/faults"), timeout_s=30, what="create", process=run
    )
    run.kill()
    wait_until(journey.sandbox.assets, timeout_s=30, what="the asset that nobody heard of")
    [job] = finish(journey).values()
    empty = [asset for asset in journey.sandbox.assets() if asset["state"] == "created"]
    assert len(empty) == 1
    assert all(part["bytes_received"] == 0 for part in empty[0]["parts"])
    assert [asset["sha256"] for asset in journey.complete()] == [sha256(clip)]
    assert job["steps"][0]["receipt"]["placeholders"] == 1
