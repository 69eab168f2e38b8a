"""People find clips, edit them and tell slates by the verbs alone, hub and cart being real processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.harness import wait_until
from journeys.masterlockit.cart import CAM, LockitSet, Running, port_of, shoot
from journeys.masterlockit.seed_wire import CAMERA

IDS = [f"{number:x}0123456789abcdef"[:16] * 2 for number in range(4)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LockitSet]:
    with LockitSet(tmp_path) as world:
        yield world


def said(world: LockitSet, verb: str, file: Path, *arguments: str) -> str:
    """What a verb prints, on one side or the other."""
    process = world.stage.start("masterlockit", verb, str(file), *arguments, name=verb)
    process.wait(30)
    return (process.out.read_text("utf-8") + process.err.read_text("utf-8")).strip()


def test_a_person_finds_edits_and_tells(world):
    hub = world.hub("<", listen="127.0.0.1:0")
    port = port_of(hub)
    file = world.cart_file("cart", host="127.0.0.1", port=port, send_back=True)
    camera = world.device(port, "<", CAM, CAMERA, alias="A-Cam")
    for number, id_ in enumerate(IDS):
        shoot(camera, [id_], clipName=f"A00{number}", tcStartSeconds=36000, tcStopSeconds=36007)
    cart = Running(world.stage, world.stage.run(file), world.root / "cart", file)
    cart.wait_connected(clips=4)

    # The hub's own edit comes to the cart, and the cart's to the hub.
    assert said(world, "edit", hub.file, "A001", "--circle") == "A001 is changed, and the set is told"
    wait_until(lambda: "take" in cart.clips()[IDS[1]], timeout_s=30, what="the cart has it")
    assert said(world, "edit", file, IDS[2][:6], "take.comment=late", "--waste").endswith("the set is told")
    assert hub.clips()[IDS[2]]["take"] == {"comment": "late"}
    assert said(world, "slate", file, "--scene", "14A", "--take", "3") == "the set is told: scene 14A, take 3"
    assert said(world, "slate", hub.file, "--mos") == "the set is told: what the slate shows"

    # A camera that had not seen it goes on with its own.
    shoot(camera, [IDS[2]], 2, clipName="A002", tcStartSeconds=36000, tcStopSeconds=36007, lens="32 mm")
    wait_until(lambda: cart.clips()[IDS[2]].get("lens"), timeout_s=30, what="the cart has that, too")
    for each in (hub, cart):
        merged = each.clips()[IDS[2]]
        assert (merged["take"], merged["isWaste"], merged["lens"]) == ({"comment": "late"}, True, "32 mm")

    cart.process.signal(15)
    assert cart.process.wait(30) == 0
    cart.no_bug()

    # At rest.
    assert said(world, "edit", file, "A003", "--circle").endswith("the set is told")
    assert hub.clips()[IDS[3]]["take"] == {"printState": 1}
    assert said(world, "slate", file, "--scene", "15").endswith("scene 15")
    table = said(world, "clips", file, "--circled").splitlines()
    assert table[0].split() == [
        "clip",
        "id",
        "scene",
        "slate",
        "take",
        "mark",
        "start",
        "length",
        "device",
        "remarks",
    ]
    assert [line.split()[0] for line in table[1:]] == ["A001", "A003"]
    assert re.search(r"circled +10:00:00:00 +00:00:07", table[2])
    shown = world.stage.ask("masterlockit", "clips", str(file), "--limit", "1")
    assert (shown["matched"], [one["id"] for one in shown["clips"]]) == (4, [IDS[3]])

    hub.process.signal(15)
    assert hub.process.wait(30) == 0
    hub.no_bug()
    away = said(world, "edit", file, "A000", "--waste")
    assert away.startswith("A000 is changed and kept here; the hub gets it with the next sync: cannot reach")
    for verb, *arguments in (("edit", "A000", "--waste"), ("slate", "--scene", "1")):
        assert "start it with: pipeline run" in said(world, verb, hub.file, *arguments)
    assert said(world, "edit", file, "nobody", "--waste").startswith("error: no clip nobody; see: pipeline")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("edit", "A000"), "say what to change: NAME=VALUE, --circle, --waste or --comment"),
        (("slate",), "say what the slate shows: --scene, --slate, --take or another"),
        (("slate", "--fps", "0"), "0 is not in the range x>=1"),
        (("clips", "--limit", "0"), "0 is not in the range x>=1"),
        (("clips", "--only", "x"), "'x' is not one of 'video', 'sound'"),
    ],
)
def test_what_is_no_use_is_refused_before_anything_is_asked(world, arguments, why):
    verb, *rest = arguments
    assert why in said(world, verb, world.root / "no-such.yaml", *rest)
