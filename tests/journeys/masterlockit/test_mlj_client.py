"""`pipeline run` follows a hub that was written from the seed alone: it keeps what the hub has and tells."""

from __future__ import annotations

import json
import struct

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.conftest import facts, run_source, set_stage
from journeys.masterlockit.seed_hub import SeedHub
from journeys.masterlockit.seed_wire import CAMERA, GENERATOR, RECORDER, SLATE, STORAGE, sound, text_of, video

pytestmark = pytest.mark.timeout(60)
A, B, C, CLOCK = 0xA1, 0xB2, 0xC3, 0xD4


@pytest.fixture(params=["<", ">"], ids=["little", "big"])
def seed(request):
    with SeedHub(request.param) as hub:
        yield hub


@pytest.fixture
def stage(tmp_path):
    with set_stage(tmp_path) as stage:
        yield stage


def kept(stage):
    """Every clip in the ledger, by id, as the verb exports it."""
    path = stage.root / "kept.json"
    file = str(stage.root / "state.yaml")
    process = stage.start("masterlockit", "export", file, "--kind", "json", "-o", str(path), name="export")
    assert process.wait(30) == 0, process.last_words()
    return {clip["id"]: clip for clip in json.loads(path.read_bytes())}


def follow(stage, seed, **options):
    """A pipeline that follows the hub, once it has compared what is there."""
    seed.asked.clear()
    process, state = run_source(stage, host="127.0.0.1", port=seed.port, **options)
    wait_until(lambda: "synced_at" in facts(state), timeout_s=30, what="a comparison", process=process)
    return process, state


def fetches(seed):
    """The list types of the pages that were asked for, and their demands."""
    return [
        (asked.payload[8], json.loads(asked.payload[25:] or b"{}"))
        for asked in seed.asked
        if asked.name == "fetch"
    ]


def test_what_it_acknowledged_is_in_the_ledger_whenever_it_is_killed(stage, seed):
    seed.page_of = 3  # a page is shorter than asked for, and not the last
    seed.clips = {
        f"c{number}": video(f"c{number}", A, odd=[1, None], clipName=f"A00{number}") for number in range(10)
    }
    seed.appear(A, CAMERA, "A-Cam")
    process, state = follow(stage, seed)
    assert facts(state)["clips"] == 10
    assert {payload for name, payload in seed.subscribed if name == "devices"} == {
        bytes([kind]) for kind in range(1, 8)
    }
    assert ("data", seed.at(A, CAMERA)) in seed.subscribed
    assert fetches(seed)[0] == (2, {})
    missing = [demand for form, demand in fetches(seed) if form == 1]
    assert {name for demand in missing for name in demand["clips"]} == set(seed.clips)
    for digest in [seed.ping() for _ in range(5)]:
        assert seed.wait_answer(digest) == (3, b"")
    told = {f"new{number}": sound(f"new{number}", B, comment="x" * number) for number in range(60)}
    digests = {seed.push(B, RECORDER, clip): name for name, clip in told.items()}
    seed.wait(lambda: len(seed.answered) > 25, "some answers")
    process.kill()
    acked = {digests[digest] for kind, digest, _ in seed.answered if kind == 3}
    assert len(acked) > 25
    clips = kept(stage)
    for name in acked:
        assert clips[name] == told[name]
    for name, clip in seed.clips.items():
        assert clips[name] == clip
    # Back again, and nothing is new: only versions are asked for.
    process, state = follow(stage, seed)
    assert facts(state)["clips"] == len(clips)
    assert {form for form, _ in fetches(seed)} == {2}


@pytest.mark.parametrize("seed", [">"], indirect=True)
def test_a_hub_with_less_takes_nothing_and_both_sides_of_an_edit_are_kept(stage, seed):
    seed.clips = {name: sound(name, B, updated=1) for name in ("one", "two", "three")}
    process, _ = follow(stage, seed, send_back=True, storage=True)
    seed.wait(lambda: any(kind == STORAGE for _, kind in seed.registered), "a storage")
    seed.stop()
    with SeedHub(seed.order, port=seed.port) as less:
        less.clips = {"one": sound("one", B, updated=1)}
        less.wait(lambda: len(less.clips) == 3, "what it lacked", 20)
        assert less.clips["three"] == seed.clips["three"]
        here = sound("two", B, 2, comment="plane", circle=True, updated=5)
        both = {text_of(B): 1, text_of(A): 1}
        there = sound("two", B, comment="dog", circle=False, updated=4) | {"version": both}
        for clip in (here, there):
            assert less.wait_answer(less.push(B, RECORDER, clip)) == (3, b"")
        process.kill()
    clips = kept(stage)
    assert set(clips) == {"one", "two", "three"}
    assert (clips["two"]["comment"], clips["two"]["circle"]) == ("plane", True)
    assert clips["two"]["version"].items() >= {text_of(B): 2, text_of(A): 1}.items()
    shown = stage.ask("masterlockit", "conflicts", str(stage.root / "state.yaml"))
    lost = {one["path"]: one["lost"] for one in shown["conflicts"]}
    assert lost == {"comment": "dog", "circle": False}


@pytest.mark.parametrize("seed", ["<"], indirect=True)
def test_devices_come_are_renamed_go_and_share_a_name(stage, seed):
    seed.appear(A, CAMERA, "Cam")
    process, state = follow(stage, seed)
    file = str(stage.root / "state.yaml")
    seed.appear(B, CAMERA, "Cam")
    # Described before it appeared; of two types.
    seed.notify(4, C, RECORDER, {"common": {"alias": "Mix"}, "vendorTyped": {}})
    seed.notify(1, C, RECORDER)
    seed.notify(1, C, SLATE)
    seed.appear(
        CLOCK, GENERATOR, "Lockit", device={"masterClock": True}, vendorTyped={"projectFramerate": "FPS_25"}
    )
    seed.wait(
        lambda: ("volatile", seed.at(CLOCK, GENERATOR)) in seed.subscribed, "a subscription to timecode"
    )
    seed.notify(5, CLOCK, GENERATOR, {"type": "timecode", "seconds": 36000, "frames": 7})
    wait_until(
        lambda: facts(state).get("timecode") == "10:00:00:07", timeout_s=30, what="timecode", process=process
    )
    assert facts(state)["timecode_from"] == "Lockit"
    seed.disappear(A, CAMERA)
    seed.notify(4, B, CAMERA, {"common": {"alias": "B-Cam"}})
    seed.wait_answer(seed.ping())
    told = {one["id"]: one for one in stage.ask("masterlockit", "devices", file)["devices"]}
    assert {name: (one["name"], one["present"]) for name, one in told.items()} == {
        text_of(A): ("Cam", False),
        text_of(B): ("B-Cam", True),
        text_of(C): ("Mix", True),
        text_of(CLOCK): ("Lockit", True),
    }
    assert sorted(told[text_of(C)]["types"]) == ["recorder", "slate"]
    stage.ask("masterlockit", "rename", file, "Mix", "Töne")
    stage.ask("masterlockit", "cjam", file, "11:00:00:03")
    stage.ask("masterlockit", "remove", file, text_of(A))
    asked = {asked.name: asked.payload for asked in seed.asked}
    assert asked["rename"] == struct.pack("<Q", C) + "Töne".encode()
    assert asked["cjam"] == struct.pack("<IH", 39600, 3)
    assert asked["remove"] == struct.pack("<Q", A)
