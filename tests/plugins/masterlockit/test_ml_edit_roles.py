"""A person edits clips: on the hub, on a cart that follows it, and where nothing runs."""

import json

import msgspec
import pytest
import trio

from rushes import NotFound, Permanent, Unavailable
from rushes.testing import StandIn
from rushes_masterlockit.client import edit_at_rest, edited_at_rest
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.options import MasterlockitOptions

from .client_rig import OWN as CART
from .client_rig import OWN_TEXT as CART_TEXT
from .client_rig import Shelf, eventually, following
from .hub_rig import CAMERA, KEY, OWN, SECRET, clip, hub

A, B = 0x0A0B0C0D0E0F0001, 0xBABABABABABABABA
A_TEXT, HUB_TEXT = f"{A:016x}", f"{OWN:016x}"
ONE = clip(1, {A_TEXT: 1}, clipName="A001", take={"uuid": "t", "number": 3, "comment": "first"})
ID = ONE["id"]


def held(shelf):
    return shelf.records[ID].data


async def test_the_hub_s_edit_is_told_to_those_who_follow_its_editors(tmp_path):
    async with hub(tmp_path) as rig:
        camera, listener = await rig.device(A), await rig.device(B)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await listener.subscribe(A, CAMERA)
        edited = await rig.hub.edit(ID, {"take": {"printState": 1}})
        assert edited.why == ""
        kind, device, type_, body = await listener.told()
        assert (kind, device, type_) == ((0x11, 1), OWN, CAMERA)
        assert body == edited.body
        told = json.loads(body)
        assert told["version"] == {A_TEXT: 1, HUB_TEXT: 1}
        assert told["take"] == {"uuid": "t", "number": 3, "comment": "first", "printState": 1}
        assert told["updated"] > ONE["updated"]
        assert held(rig.shelf) == told
        assert (await camera.fetch())[0]["take"]["printState"] == 1


async def test_a_cart_gets_the_hub_s_edit_and_gives_its_own(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart", send_back=True) as cart:
        camera, listener = await rig.device(A), await rig.device(B)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await eventually(lambda: ID in cart.shelf.records)
        await rig.hub.edit(ID, {"isWaste": True})
        await eventually(lambda: held(cart.shelf).get("isWaste"))
        await listener.subscribe(A, CAMERA)
        await listener.subscribe(CART, CAMERA)
        edited = await cart.client.edit(ID, {"take": {"comment": "from the cart"}})
        assert edited.why == ""
        assert held(rig.shelf) == held(cart.shelf) == json.loads(edited.body)
        assert held(rig.shelf)["version"] == {A_TEXT: 1, HUB_TEXT: 1, CART_TEXT: 1}
        _, device, _, body = await listener.told()
        assert (device, body) == (CART, edited.body)
        assert await listener.quiet()


async def test_each_edit_is_given_once(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart", send_back=True) as cart:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await eventually(lambda: ID in cart.shelf.records)
        said = []
        usual = rig.repository.say

        async def say(clips, by):
            said.extend(dict(one["version"]) for one in clips)
            return await usual(clips, by)

        rig.repository.say = say
        for number in range(1, 6):
            assert (await cart.client.edit(ID, {"take": {"comment": str(number)}})).why == ""
        assert said == [{A_TEXT: 1, CART_TEXT: number} for number in range(1, 6)]


async def test_edits_of_one_clip_at_once_are_all_given(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart", send_back=True) as cart:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await eventually(lambda: ID in cart.shelf.records)
        whys = []

        async def edit(**members):
            whys.append((await cart.client.edit(ID, members)).why)

        async with trio.open_nursery() as nursery:
            for member in ("height", "distance", "lens", "aperture"):
                nursery.start_soon(lambda member=member: edit(**{member: "x"}))
        assert whys == [""] * 4
        assert held(rig.shelf) == held(cart.shelf)
        assert held(rig.shelf)["version"] == {A_TEXT: 1, CART_TEXT: 4}


async def test_without_send_back_it_is_kept_and_the_hub_does_not_get_it(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart") as cart:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await eventually(lambda: ID in cart.shelf.records)
        edited = await cart.client.edit(ID, {"isWaste": True})
        assert edited.why == "send_back is off, the hub does not get it"
        assert held(cart.shelf)["isWaste"]
        assert await camera.quiet()
        assert held(rig.shelf) == ONE


async def test_a_hub_that_is_away_gets_it_with_the_next_sync(tmp_path):
    shelf, theirs = Shelf(), Shelf()
    async with hub(tmp_path / "hub", shelf=theirs) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        async with following(rig, tmp_path / "cart", shelf=shelf, send_back=True) as cart:
            await rig_away(cart)
            edited = await cart.client.edit(ID, {"isWaste": True})
            assert edited.why == "the hub gets it with the next sync: it is not connected"
        assert held(theirs) == ONE
        # What was edited outlives the process.
        async with following(rig, tmp_path / "cart", shelf=shelf, send_back=True):
            await eventually(lambda: held(theirs).get("isWaste"))
        assert held(theirs) == held(shelf) == json.loads(edited.body)


async def rig_away(cart):
    """The cart's connection breaks; its next attempt is half a second away."""
    cart.client.peer.close("pulled")
    await eventually(lambda: cart.client.peer is None)


async def test_what_the_hub_refuses_is_told_and_stays_here(tmp_path):
    async with hub(tmp_path / "hub") as rig, following(rig, tmp_path / "cart", send_back=True) as cart:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await eventually(lambda: ID in cart.shelf.records)

        async def full(_records):
            await trio.lowlevel.checkpoint()
            raise Unavailable("the disk is full")

        rig.shelf.write = full
        edited = await cart.client.edit(ID, {"isWaste": True})
        assert edited.why == "the hub refused it: the disk is full"
        assert held(cart.shelf)["isWaste"]


@pytest.mark.parametrize("role", ["hub", "cart"])
async def test_an_edit_by_hand_survives_a_device_that_had_not_seen_it(tmp_path, role):
    ours, theirs = Shelf(), Shelf()
    async with hub(tmp_path / "hub", shelf=theirs) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        async with following(rig, tmp_path / "cart", shelf=ours, send_back=True) as cart:
            door = rig.hub if role == "hub" else cart.client
            await door.edit(ID, {"take": {"printState": 1, "comment": "by hand"}})
            later = {**ONE, "version": {A_TEXT: 2}, "updated": ONE["updated"] + 1, "lens": "32 mm"}
            later["take"] = {"uuid": "t", "number": 4, "comment": "first"}
            assert await camera.say(CAMERA, later) == b""
            await eventually(lambda: held(ours) == held(theirs) and held(ours).get("lens"))
            assert held(ours)["take"] == {**later["take"], "comment": "by hand", "printState": 1}
            assert held(ours)["lens"] == "32 mm"
            assert not theirs.records[ID].conflicts
            standing = held(ours)
    # A restart of both, and the device says it all again.
    async with hub(tmp_path / "hub", shelf=theirs) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        async with following(rig, tmp_path / "cart", shelf=ours, send_back=True):
            await camera.say(CAMERA, ONE)
            await camera.say(CAMERA, later)
            assert (await camera.fetch()) == [standing]
        assert held(ours) == standing


async def test_nobody_s_clip_and_a_deleted_one_are_not_edited(tmp_path):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        with pytest.raises(NotFound, match="no clip nobody; see: pipeline masterlockit clips FILE"):
            await rig.hub.edit("nobody", {"isWaste": True})
        with pytest.raises(Permanent):
            await rig.hub.edit(ID, {"type": "sound"})
        await rig.hub.delete({"clips": [ID]})
        with pytest.raises(NotFound):
            await rig.hub.edit(ID, {"isWaste": True})
        assert rig.shelf.records[ID].deleted


# At rest


def resting(folder, shelf):
    """The context of a cart that does not run, its ledger that of the shelf."""
    context = StandIn(folder, None, "set")

    async def query(_sql, parameters=()):
        await trio.lowlevel.checkpoint()
        chosen = [shelf.records[id_] for id_ in parameters[1] if id_ in shelf.records]
        encode = msgspec.json.encode
        return [
            (r.id, encode(r.clock), encode(r.data), r.deleted, encode(r.history), encode(r.conflicts))
            for r in chosen
        ]

    context.catalog.query = query
    return context


async def at_rest(rig, context, changes, **options):
    chosen = MasterlockitOptions(host="127.0.0.1", port=rig.port, alias="Cart", **options)
    return await edit_at_rest(chosen, Credentials(KEY, SECRET), CART, context, ID, changes)


async def test_at_rest_it_is_given_in_one_connection_and_kept_for_the_next_run(tmp_path):
    shelf = Shelf()
    async with hub(tmp_path / "hub") as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        async with following(rig, tmp_path / "cart", shelf=shelf, send_back=True):
            pass
        context = resting(tmp_path / "cart", shelf)
        assert (await at_rest(rig, context, {"isWaste": True}, send_back=True)).why == ""
        second = await at_rest(rig, context, {"lens": "50"}, send_back=True)
        assert second.why == ""
        assert held(rig.shelf) == json.loads(second.body)
        assert held(rig.shelf)["version"] == {A_TEXT: 1, CART_TEXT: 2}
        assert held(shelf) == ONE, "nothing runs that writes the ledger"
        assert "camera" not in [
            t for d in rig.hub.devices() if d["id"] == CART_TEXT for t in d["types"] if d["present"]
        ]
        async with following(rig, tmp_path / "cart", shelf=shelf, store=context.store, send_back=True):
            assert held(shelf) == held(rig.shelf) == json.loads(second.body)
        assert await edited_at_rest(context) == {}


async def test_at_rest_without_send_back_or_hub_it_is_kept(tmp_path):
    shelf = Shelf()
    async with hub(tmp_path / "hub") as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        async with following(rig, tmp_path / "cart", shelf=shelf):
            pass
        context = resting(tmp_path / "cart", shelf)
        edited = await at_rest(rig, context, {"isWaste": True})
        assert edited.why == "send_back is off, the hub does not get it"
        assert held(rig.shelf) == ONE
    edited = await at_rest(rig, context, {"lens": "50"}, send_back=True)
    assert edited.why.startswith("the hub gets it with the next sync: cannot reach the hub 127.0.0.1:")
    # Meanwhile the camera goes on, and neither knows of the other.
    theirs = Shelf()
    async with hub(tmp_path / "hub", shelf=theirs) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        await camera.say(CAMERA, {**ONE, "version": {A_TEXT: 2}, "aperture": "4"})
        async with following(rig, tmp_path / "cart", shelf=shelf, store=context.store, send_back=True):
            await eventually(lambda: held(theirs).get("isWaste"))
            await eventually(lambda: held(theirs) == held(shelf))
        merged = held(theirs)
        assert (merged["isWaste"], merged["lens"], merged["aperture"]) == (True, "50", "4")


async def test_at_rest_a_clip_that_was_deleted_at_rest_is_not_edited(tmp_path):
    shelf = Shelf()
    async with hub(tmp_path / "hub") as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await camera.say(CAMERA, ONE)
        async with following(rig, tmp_path / "cart", shelf=shelf):
            pass
        context = resting(tmp_path / "cart", shelf)
        await at_rest(rig, context, {"isWaste": True})
        await context.store.set("deleted_at_rest", [ID])
        with pytest.raises(NotFound):
            await at_rest(rig, context, {"isWaste": False})
        async with following(rig, tmp_path / "cart", shelf=shelf, store=context.store):
            pass
        assert shelf.records[ID].deleted, "what was deleted after its edit stays deleted"
