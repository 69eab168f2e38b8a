"""The demo's judge finds each way in which a delivery can be wrong."""

from __future__ import annotations

import copy
import hashlib
import shutil

import pytest

from rushes_sandbox.verdict import ROUTES, judge


@pytest.fixture
def story(card, tmp_path):
    """Everything as it must be: the arguments of `judge`; the "proxies" are copies of the originals."""
    jobs, assets = [], []
    for number, file in enumerate(card.files):
        job = {
            "id": f"j{number}",
            "name": file.filename,
            "route": ROUTES[file.kind],
            "reason": "",
            "steps": [],
        }
        if file.broken:
            jobs.append({**job, "state": "parked", "reason": "truncated: no moov atom"})
            continue
        path = card.folder / file.path
        if file.kind == "video":
            path = shutil.copy(path, tmp_path / file.filename)
        data = card.path(file.filename).read_bytes()
        receipt = {"id": f"a{number}"}
        steps = [{"component": "proxy", "receipt": None}, {"component": "frameio", "receipt": receipt}]
        jobs.append({**job, "state": "done", "steps": steps})
        assets.append(
            {
                "id": f"a{number}",
                "name": file.filename,
                "filesize": len(data),
                "state": "complete",
                "sha256": hashlib.sha256(data).hexdigest(),
                "parts": [{"number": 1, "size": len(data), "puts": 1, "bytes_received": len(data)}],
            }
        )
    return {
        "files": card.files,
        "jobs": jobs,
        "assets": assets,
        "breaches": [],
        "card": card.folder,
        "copies": tmp_path,
    }


def test_a_good_story_holds(story):
    verdict = judge(**story)
    assert verdict.holds, verdict
    assert verdict.document()["parked"] == [
        {"name": "A001C004_261122_R1AB.mov", "reason": "truncated: no moov atom"}
    ]
    assert all(clip.resent == 0 and clip.parts == 1 for clip in verdict.clips)


def test_bytes_that_came_twice_are_counted(story):
    story["assets"][0]["parts"][0]["bytes_received"] += 4096
    story["assets"].append({**story["assets"][0], "id": "empty", "state": "created", "sha256": None})
    verdict = judge(**story)
    assert verdict.holds
    assert verdict.clips[0].resent == 4096
    assert verdict.placeholders == 1


def test_other_bytes_are_found(story):
    story["assets"][-1]["sha256"] = "0" * 64
    assert [clip.problem for clip in judge(**story).clips if clip.problem] == [
        "the asset's bytes are not those that were sent"
    ]


def test_a_second_complete_asset_is_found(story):
    twice = copy.deepcopy(story["assets"][0]) | {"id": "twice"}
    story["assets"].append(twice)
    problems = judge(**story).problems
    assert f"{twice['name']} has 2 complete assets" in problems
    assert f"asset {twice['name']} belongs to no clip" in problems


def test_an_incomplete_asset_is_found(story):
    story["assets"][0]["state"] = "created"
    assert judge(**story).clips[0].problem == "its asset is not complete"


def test_a_breach_of_the_protocol_is_found(story):
    story["breaches"].append("PUT /parts/x: wrong length")
    assert judge(**story).problems == ["PUT /parts/x: wrong length"]


def test_a_clip_that_waits_is_found(story):
    story["jobs"][0].update(state="waiting", reason="no network")
    assert judge(**story).clips[0].problem == "not delivered once: dailies waiting no network"


def test_a_clip_without_a_job_is_found(story):
    del story["jobs"][0]
    assert judge(**story).clips[0].problem == "not delivered once: no job"


def test_a_broken_file_that_was_delivered_is_found(story):
    next(job for job in story["jobs"] if job["state"] == "parked")["state"] = "done"
    assert not judge(**story).holds


def test_a_proxy_with_another_timecode_is_found(story, card):
    name, other = (card.one("video", rate).filename for rate in ("23.976", "25"))
    data = shutil.copy(card.path(other), story["copies"] / name).read_bytes()
    next(a for a in story["assets"] if a["name"] == name)["sha256"] = hashlib.sha256(data).hexdigest()
    assert judge(**story).clips[0].problem == (
        "the proxy's timecode is {'14:31:40:00'}, the original's 14:22:05:10"
    )
