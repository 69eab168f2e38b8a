"""Our own client and our own hub."""

import json

import pytest

from .client_rig import following
from .hub_rig import CAMERA, SLATE, TIMECODE, clip, eventually, hub

A = 0x0A0B0C0D0E0F0001


@pytest.mark.parametrize("order", ["little", "big", "auto"])
async def test_a_cart_follows_the_hub(tmp_path, order):
    said = [clip(n, {f"{A:016x}": 1}, clipName=f"A001C{n:03}") for n in range(450)]
    async with hub(tmp_path / "hub", byte_order=order) as rig:
        camera = await rig.device(A, ">" if order == "big" else "<", alias="A-Cam")
        for type_ in (CAMERA, SLATE, TIMECODE):
            await camera.register(type_)
        for one in said[:-1]:
            await camera.ask(0x07, bytes([CAMERA]) + json.dumps(one).encode())
        await eventually(lambda: rig.repository.count == len(said) - 1)
        async with following(rig, tmp_path / "cart") as cart:
            assert len(cart.shelf.records) == len(said) - 1
            await camera.write(camera.frame(0x01, bytes([7, CAMERA]) + json.dumps(said[-1]).encode()))
            await camera.write(camera.frame(0x01, bytes([7, SLATE]) + b'{"type":"clap"}'))
            await eventually(lambda: len(cart.shelf.records) == len(said) + 1)
            await eventually(lambda: cart.present() == {"A-Cam": "camera", "Hub timecode": "generator"})
            assert cart.client.rate == "25"
            await eventually(lambda: cart.facts.get("timecode"))
            await cart.client.rename(A, "Main camera")
            await eventually(lambda: "Main camera" in cart.present())
            await cart.client.delete({"clips": [said[0]["id"]]})
            assert rig.repository.count == len(said) - 1
            await cart.client.cjam(3600, 0)
            await eventually(lambda: str(cart.facts.get("timecode", "")).startswith("01:00:0"))
            await camera.stream.aclose()
            await eventually(lambda: cart.present() == {"Hub timecode": "generator"})
