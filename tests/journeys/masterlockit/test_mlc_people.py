"""What a person does with a cart that follows a hub: checks it, runs it, asks it, at rest and while it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.cart import CAM, LockitSet, Running, port_of, shoot
from journeys.masterlockit.seed_wire import CAMERA, KEY, SECRET
from rushes_sandbox.stage import Process

IDS = [f"{number:032x}" for number in range(30)]
CAM_TEXT = f"{CAM:016x}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LockitSet]:
    with LockitSet(tmp_path) as world:
        yield world


def pipeline(world: LockitSet, *arguments: str) -> Process:
    process = world.stage.start(*arguments, name=arguments[0])
    process.wait(30)
    return process


def said(process: Process) -> str:
    return process.out.read_text("utf-8") + process.err.read_text("utf-8")


def test_check_refuses_a_key_that_cannot_be_and_does_not_tell_it(world):
    file = world.cart_file("cart", host="127.0.0.1")
    key = world.stage.env["RUSHES_MASTERLOCKIT_API_KEY"] = KEY.decode()[:-1]
    check = pipeline(world, "check", str(file))
    text = said(check)
    assert check.status != 0
    assert "RUSHES_MASTERLOCKIT_API_KEY has 23 bytes; a MasterLockit API key has 24" in text
    assert "Traceback" not in text
    assert key not in text


def test_a_hub_is_asked_at_rest_and_while_the_cart_runs(world):
    hub = world.hub(">", listen="127.0.0.1:0")
    port = port_of(hub)
    file = world.cart_file("cart", host="127.0.0.1", port=port, send_back=True)
    verb = ("masterlockit", "devices", str(file))
    camera = world.device(port, ">", CAM, CAMERA, alias="A-Cam")
    shoot(camera, IDS, clipName="A001", tcStartSeconds=36000, tcStartFrames=0)

    # Once, and it ends.
    once = pipeline(world, "run", str(file), "--once")
    assert once.status == 0, said(once)
    assert f"connected to the hub 127.0.0.1:{port}" in said(once)

    # At rest.
    [known] = [each for each in world.stage.ask(*verb)["devices"] if each["id"] == CAM_TEXT]
    assert (known["name"], known["types"], known["present"], known["clips"]) == (
        "A-Cam",
        ["camera"],
        False,
        30,
    )
    world.stage.ask("masterlockit", "rename", str(file), "A-Cam", "B-Cam")
    assert "B-Cam" in [device["name"] for device in hub.act("devices")["devices"]]
    told = world.stage.ask("masterlockit", "cjam", str(file), "10:00:00:00")
    assert told == {"timecode": "10:00:00:00", "rate": "25"}
    told = world.stage.ask("masterlockit", "delete", str(file), IDS[0], "--yes")
    assert told == {"deleted": 1}

    # While it runs.
    cart = Running(world.stage, world.stage.run(file), world.root / "cart", file)
    cart.wait_connected(clips=29)
    assert camera.ids() == IDS[1:], "what was deleted at rest is not given back"
    wait_until(lambda: "timecode" in cart.facts(), timeout_s=30, what="timecode")
    status = said(pipeline(world, "status", str(file)))
    assert re.search(r"timecode 10:00:\d\d:\d\d", status), status
    assert re.search(r"timecode_from \w+", status), status
    assert re.search(r"heard [01]\.\d s ago", status), status
    assert re.search("connection connected", status), status
    listed = said(pipeline(world, *verb))
    assert re.search(rf"B-Cam +camera +present +- +29 +{CAM_TEXT}", listed), listed
    world.stage.ask("masterlockit", "delete", str(file), IDS[1], IDS[2], "--yes")
    cart.wait("it is deleted here, too", lambda facts: facts["clips"] == 27)
    assert camera.ids() == IDS[3:]
    world.stage.ask("masterlockit", "rename", str(file), CAM_TEXT, "C-Cam")
    assert cart.devices()["C-Cam"]["present"]
    nobody = pipeline(world, "masterlockit", "rename", str(file), "Nobody", "D-Cam")
    assert nobody.status != 0
    assert "no device Nobody" in said(nobody)
    world.stage.ask("masterlockit", "cjam", str(file), "20:00:00:00")
    cart.wait("the label", lambda facts: facts["timecode"].startswith("20:00:0"))
    camera.close()
    wait_until(lambda: not cart.devices()["C-Cam"]["present"], timeout_s=30, what="the camera is gone")
    world.stage.ask("masterlockit", "remove", str(file), "C-Cam")
    assert "C-Cam" not in cart.devices()

    cart.process.signal(15)
    assert cart.process.wait(30) == 0
    cart.no_bug()
    for path in [*cart.state.glob("**/*"), *world.stage.logs.iterdir()]:
        if path.is_file():
            data = path.read_bytes()
            assert SECRET not in data
            assert KEY not in data, f"in {path}"
