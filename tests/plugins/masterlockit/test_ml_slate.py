"""A person says what the slate of the upcoming take shows: as the hub, as a cart, and from a cart at rest."""

import json
from contextlib import asynccontextmanager

import pytest

from rushes import Permanent, Unavailable
from rushes.testing import StandIn
from rushes_masterlockit.actions.slate import slate_info
from rushes_masterlockit.client import connected
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.options import MasterlockitOptions

from .client_rig import OWN as CART
from .client_rig import OWN_TEXT, eventually, following
from .hub_rig import CAMERA, KEY, SECRET, SLATE_INFO, hub

A, B = 0x0A0B0C0D0E0F0001, 0xBABABABABABABABA
INFO = {"type": "slate", "scene": "14A", "take": "3", "inside": True, "fps": 25}


def slates(shelf):
    return [record for record in shelf.records.values() if record.kind == "slate"]


async def test_the_hub_s_slate_is_kept_and_told_from_a_device_of_its_own(tmp_path):
    async with hub(tmp_path) as rig:
        every, named, watcher = await rig.device(A), await rig.device(B), await rig.device(CART)
        await every.subscribe(0, SLATE_INFO)
        assert await watcher.watch(SLATE_INFO) == b""
        await rig.hub.slate(INFO)
        kind, own, type_, body = await every.told()
        assert (kind, type_, json.loads(body)) == ((0x11, 1), SLATE_INFO, INFO)
        appeared, metadata = await watcher.told(), await watcher.told()
        assert (appeared[0], appeared[1], appeared[2]) == ((0x12, 1), own, SLATE_INFO)
        assert json.loads(metadata[3])["common"]["alias"] == "Hub slate info"
        [kept] = slates(rig.shelf)
        assert (kept.device, kept.data) == (f"{own:016x}", INFO)
        # Who hears of the device by its first slate info, and only then subscribes, is told it all the same.
        await named.subscribe(own, SLATE_INFO)
        assert json.loads((await named.told())[3]) == INFO
        await named.subscribe(own, SLATE_INFO, volatile=True)
        await named.subscribe(own, CAMERA)
        assert await named.quiet()
        await rig.hub.slate({**INFO, "take": "4"})
        for listener in (every, named):
            assert json.loads((await listener.told())[3])["take"] == "4"
            assert await listener.quiet()
        assert await watcher.quiet(), "it appears once"
        with pytest.raises(Permanent, match="the hub's own"):
            await rig.hub.remove(own)
        assert f"{own:016x}" in rig.hub.parts


async def test_a_cart_that_follows_gets_the_hub_s_slate(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart") as cart:
        await rig.hub.slate(INFO)
        await eventually(lambda: slates(cart.shelf))
        assert slates(cart.shelf)[0].data == INFO
        await eventually(lambda: cart.present().get("Hub slate info") == "slate-info")


async def test_the_cart_s_slate_is_kept_here_and_there_and_told(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart") as cart:
        listener = await rig.device(A)
        await listener.subscribe(0, SLATE_INFO)
        await cart.client.slate(INFO)
        _, device, _, body = await listener.told()
        assert (device, json.loads(body)) == (CART, INFO)
        for shelf in (rig.shelf, cart.shelf):
            assert [(one.device, one.data) for one in slates(shelf)] == [(OWN_TEXT, INFO)]
        cart.client.peer.close("pulled")
        await eventually(lambda: cart.client.peer is None)
        with pytest.raises(Unavailable, match="is not connected"):
            await cart.client.slate(INFO)


@asynccontextmanager
async def asking(rig, folder):
    options = MasterlockitOptions(host="127.0.0.1", port=rig.port, alias="Cart")
    async with connected(options, Credentials(KEY, SECRET), CART, StandIn(folder, None, "set")) as door:
        yield door


async def test_at_rest_one_connection_tells_it(tmp_path):
    async with hub(tmp_path / "hub") as rig:
        listener = await rig.device(A)
        await listener.subscribe(0, SLATE_INFO)
        async with asking(rig, tmp_path / "cart") as door:
            await door.slate(INFO)
        assert json.loads((await listener.told())[3]) == INFO
        [known] = [device for device in rig.hub.devices() if device["id"] == OWN_TEXT]
        assert (known["name"], known["present"]) == ("Cart", False)


async def test_what_the_hub_refuses_is_told_in_its_words(tmp_path):
    async with hub(tmp_path / "hub") as rig, asking(rig, tmp_path / "cart") as door:

        async def full(_records):
            raise Unavailable("the disk is full")

        rig.shelf.write = full
        with pytest.raises(Permanent, match="would not take the slate info: the disk is full"):
            await door.slate(INFO)


def test_what_is_said_is_a_slate_info():
    said = {
        "scene": " 14A ",
        "take": "3 PU",
        "date": "2026-11-22",
        "inside": "True",
        "mos": "True",
        "fps": "25",
    }
    assert slate_info(said) == {
        "type": "slate",
        "scene": "14A",
        "take": "3 PU",
        "date": "2026-11-22",
        "inside": True,
        "mos": True,
        "fps": 25,
    }


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "nothing says what the slate shows"),
        ({"scene": "  "}, "nothing says what the slate shows"),
        ({"scene": "a\nb"}, "scene is one line"),
        ({"dop": "x" * 201}, "dop is one line of at most 200 characters"),
        ({"date": "22.11.2026"}, "is no date; write 2026-11-22"),
        ({"date": "20261122"}, "is no date"),
        ({"date": "2026-13-01"}, "is no date"),
        ({"fps": "23.976"}, "fps is a whole number"),
        ({"fps": "0"}, "fps is a whole number"),
        ({"fps": "²"}, "fps is a whole number"),
    ],
)
def test_what_no_slate_shows_is_one_line(said, why):
    with pytest.raises(Permanent, match=why) as refused:
        slate_info(said)
    assert "\n" not in str(refused.value)
