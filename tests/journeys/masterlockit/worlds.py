"""What networks and hubs do to a cart, each as a world of its own.

`python worlds.py NAME FOLDER` runs one in a network namespace: the hub and the set's devices are on the service's
side, the cart on the other. Each ends with a cart that holds all that was said.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

import netns  # noqa: E402 - run as a script
from journeys.harness import wait_until  # noqa: E402 - as above
from journeys.masterlockit.cart import CAM, PORT, LockitSet, Relay, port_of, shoot  # noqa: E402 - as above
from journeys.masterlockit.seed_client import APPEARED, SeedClient  # noqa: E402 - as above
from journeys.masterlockit.seed_wire import CAMERA, SLATE, STORAGE, video  # noqa: E402 - as above

LONGEST_S = 90.0
HUB = "lockit.set"
AWAY_S = 10.0
NEW_ADDRESS = "10.77.0.9"


def ids(letter: str, count: int) -> list[str]:
    return [f"{letter}{number:031}" for number in range(count)]


def half_open(network: netns.Network, world: LockitSet) -> None:
    """The way to the hub swallows everything for 10 s; then the hub has another address."""
    world.stage.hosts.write_text(f"{netns.SERVICE} {HUB}\n")
    hub = world.hub(">", listen=f"0.0.0.0:{PORT}")
    camera = world.device(PORT, ">", CAM, CAMERA, SLATE)
    watcher = SeedClient(PORT, ">", 0xEE)
    watcher.do(0x03, bytes([STORAGE]))
    shoot(camera, ids("a", 20))
    cart = world.cart("cart", host=HUB, storage=True)
    cart.wait_connected(clips=20)
    wait_until(
        lambda: any(heard.type == STORAGE for heard in watcher.settle()),
        timeout_s=30,
        what="the cart is a storage device",
    )
    own = next(heard.device for heard in watcher.settle() if heard.type == STORAGE)
    watcher.meet(APPEARED, own, STORAGE)
    first = cart.facts()["connected_at"]

    network.swallow()
    gone_at = time.monotonic()
    cart.wait("the cart notices", lambda facts: facts["connection"].startswith("the hub"), within=12)
    assert cart.devices()["A-Cam"]["present"], "a hub that reboots is no reason to take a camera for gone"
    shoot(camera, ids("b", 20))
    shoot(camera, ids("a", 5), 2, clipName="corrected")
    assert camera.event(SLATE, {"type": "clap", "slateInfo": {"take": "7"}}).code is None
    time.sleep(max(0.0, AWAY_S - (time.monotonic() - gone_at)))
    world.stage.hosts.write_text(f"{NEW_ADDRESS} {HUB}\n")
    network.move_service(NEW_ADDRESS)
    network.deliver()
    cart.wait("it is back", lambda facts: (facts.get("connected_at") or 0) > first)
    cart.wait_connected(clips=40)
    clips = cart.clips()
    assert {id_ for id_, clip in clips.items() if clip.get("clipName") == "corrected"} == set(ids("a", 5))
    # Again, though the hub had not noticed that it was gone.
    watcher.meet(APPEARED, own, STORAGE, within=15)
    shoot(camera, ids("c", 1))
    cart.wait_connected(clips=41)
    wait_until(lambda: cart.devices()["A-Cam"]["present"], timeout_s=30, what="the camera is there")
    cart.no_bug()
    hub.no_bug()


def killed(network: netns.Network, world: LockitSet) -> None:
    """The hub is killed and starts again with nothing; two carts follow it, one of which gives back."""
    where = {"host": netns.SERVICE, "port": PORT}
    hub = world.hub("<", listen=f"0.0.0.0:{PORT}")
    camera = world.device(PORT, "<", CAM, CAMERA)
    shoot(camera, ids("a", 250), clipName="A001")
    giver = world.cart("giver", send_back=True, **where)
    keeper = world.cart("keeper", **where)
    for cart in (giver, keeper):
        cart.wait_connected(clips=250)
    hub.process.kill()
    camera.close()
    for cart in (giver, keeper):
        cart.wait("the hub is missed", lambda facts: facts["connection"].startswith("the hub") or
                  facts["connection"].startswith("cannot reach"))  # fmt: skip
        assert len(cart.clips()) == 250
    # Another byte order, another memory: as another machine that took its place.
    hub = world.hub(">", listen=f"0.0.0.0:{PORT}", folder="hub2")
    hub.wait("it is given all", lambda facts: facts.get("clips") == 250)
    for cart in (giver, keeper):
        cart.wait_connected(clips=250)
    camera = world.device(PORT, ">", CAM, CAMERA)
    assert sorted(camera.ids(length=1000)) == ids("a", 250)
    # What one of them said before, said by its camera again, is no news; a new edit goes to both.
    shoot(camera, ids("a", 1), clipName="A001")
    shoot(camera, ids("a", 1), 2, clipName="B002")
    shoot(camera, ids("b", 1))
    for cart in (giver, keeper):
        cart.wait_connected(clips=251)
        wait_until(
            lambda cart=cart: cart.clips()[ids("a", 1)[0]]["clipName"] == "B002", timeout_s=30, what="edit"
        )
        assert cart.clips()[ids("a", 1)[0]]["version"] == video("", CAM, 2)["version"]
    for each in (giver, keeper, hub):
        each.no_bug()


def far(_network: netns.Network, world: LockitSet) -> None:
    """First nothing answers, then a hub that is 300 ms away: a satellite link."""
    hub = world.hub("<", listen="127.0.0.1:0")
    port = port_of(hub)
    camera = world.device(port, "<", CAM, CAMERA)
    shoot(camera, ids("a", 1500), clipName="A001")
    relay = Relay(port, 0.15)
    relay.deaf = True
    world.stage._network = None  # the relay is on this side
    cart = world.cart("cart", host="127.0.0.1", port=relay.port, send_back=True)
    cart.wait("it tells", lambda facts: "no challenge" in facts.get("connection", ""), within=15)
    relay.deaf = False
    cart.wait_connected(clips=1500, within=25)
    wait_until(lambda: "timecode" in cart.facts(), timeout_s=30, what="timecode")
    assert time.time() - cart.facts()["heard_at"] < 3
    shoot(camera, ids("b", 50))
    cart.wait_connected(clips=1550)
    assert cart.act("cjam", timecode="10:00:00:00")["timecode"] == "10:00:00:00"
    wait_until(lambda: cart.facts()["timecode"].startswith("10:00:0"), timeout_s=30, what="the label")
    relay.close()
    cart.wait("it tells", lambda facts: facts["connection"].startswith(("the hub", "cannot reach")))
    cart.no_bug()


WORLDS: dict[str, Callable[[netns.Network, LockitSet], None]] = {
    each.__name__: each for each in (half_open, killed, far)
}
if __name__ == "__main__":
    if netns.ALONE not in os.environ:
        sys.exit(netns.alone([sys.executable, *sys.argv]).returncode)
    began = time.monotonic()
    with netns.Network() as made, LockitSet(Path(sys.argv[2]), made) as this:
        WORLDS[sys.argv[1]](made, this)
    print(f"{sys.argv[1]}: {time.monotonic() - began:.1f} s")
