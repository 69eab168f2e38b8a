"""Sub-devices as channels: the guide "Managing channels", word by word."""

import pytest

from rushes_sandbox import Settings, open_sandbox

AT = "/v2/devices/channels"


async def connect_one(camera, client_id="mic-1", model="model-a"):
    answer = await camera.post(f"{AT}/connect", client_id=client_id, device_model_id=model)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def channels(camera):
    return (await camera.me()).json()["channels"]


def refused(answer, status, title):
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["title"] == title


async def test_a_channel_is_what_the_guide_shows_and_in_the_identity(camera, sandbox):
    await camera.pair()
    device = (await camera.me()).json()
    channel = await connect_one(camera)
    assert channel == {
        "_type": "project_device_channel",
        "actor_id": None,
        "asset_type": "video",
        "device_id": channel["device_id"],
        "external_index": 1,
        "id": channel["id"],
        "inserted_at": "2023-11-14T22:13:20.000000Z",
        "name": "Sub-device mic-1",
        "project_device_id": device["id"],
        "project_id": device["project_id"],
        "real_time_logging_capable": False,
        "status": "offline",
        "updated_at": "2023-11-14T22:13:20.000000Z",
    }
    primary, listed = await channels(camera)
    assert listed == channel
    assert primary["device_id"] == device["device_id"] != channel["device_id"]
    assert primary["external_index"] == 0
    assert (await camera.me()).json()["channel_count"] == 2
    assert sandbox.devices()[0]["channels"] == [primary, listed]


async def test_what_is_connected_is_refused_by_its_client_id(camera):
    await camera.pair()
    await connect_one(camera)
    for client_id, model in [("mic-1", "model-a"), ("mic-1", "model-b"), (camera.client_id, "model-a")]:
        answer = await camera.post(f"{AT}/connect", client_id=client_id, device_model_id=model)
        refused(answer, 409, "Already Exists")
        # The reference's page names another path for the same call.
        refused(await camera.post(AT, client_id=client_id, device_model_id=model), 409, "Already Exists")
    assert len(await channels(camera)) == 2


async def test_reconnecting_restores_the_channel_on_the_lowest_free_index(camera, clock):
    await camera.pair()
    first, second = await connect_one(camera, "mic-1"), await connect_one(camera, "mic-2")
    assert (first["external_index"], second["external_index"]) == (1, 2)
    gone = await camera.post(f"{AT}/{first['id']}/disconnect")
    assert (gone.status_code, gone.content) == (204, b"")
    clock.now += 1
    third = await connect_one(camera, "mic-3")
    again = await connect_one(camera, "mic-1")
    assert (third["external_index"], again["external_index"]) == (1, 3)
    kept = ("id", "device_id", "name", "inserted_at")
    assert [again[name] for name in kept] == [first[name] for name in kept]
    assert [channel["external_index"] for channel in await channels(camera)] == [0, 2, 1, 3]
    gone = await camera.post(f"{AT}/{again['id']}/disconnect")
    other = await connect_one(camera, "mic-1", "model-b")
    assert other["id"] != first["id"]


async def test_disconnecting(camera):
    await camera.pair()
    [primary] = await channels(camera)
    assert (await camera.post(f"{AT}/disconnect")).status_code == 204  # always succeeds
    channel = await connect_one(camera)
    await connect_one(camera, "mic-2")
    refused(await camera.post(f"{AT}/{primary['id']}/disconnect"), 422, "Invalid Arguments")
    assert (await camera.post(f"{AT}/disconnect")).status_code == 204
    assert await channels(camera) == [primary]
    for unknown in (channel["id"], "nowhere"):
        refused(await camera.post(f"{AT}/{unknown}/disconnect"), 404, "Not Found")


async def test_another_devices_channel_is_unknown(camera):
    await camera.pair()
    channel = await connect_one(camera)
    camera.client_id = "serial-0002"
    await camera.pair()
    refused(await camera.post(f"{AT}/{channel['id']}/disconnect"), 404, "Not Found")
    assert (await camera.post(f"{AT}/disconnect")).status_code == 204
    assert (await connect_one(camera))["id"] != channel["id"]


async def test_an_asset_names_a_channel_that_is_there(camera, sandbox):
    await camera.pair()
    channel = await connect_one(camera)
    assert (await camera.create(10, channel=1)).status_code == 200
    assert (await camera.grow(name="A001.mov", channel=1)).status_code == 200
    assert (await camera.create(10, channel=2)).status_code == 404
    await camera.post(f"{AT}/{channel['id']}/disconnect")
    assert (await camera.create(10, channel=1)).status_code == 404
    # It is still told of what model the channel was when that is gone.
    assert [(a["channel"], a["channel_id"], a["channel_model"]) for a in sandbox.assets()] == [
        (1, channel["id"], "model-a")
    ] * 2


async def test_a_paused_channel_refuses_its_media_alone(camera, sandbox):
    await camera.pair()
    await connect_one(camera)
    sandbox.pause(channel=1)
    assert [channel["status"] for channel in await channels(camera)] == ["online", "paused"]
    refused(await camera.create(10, channel=1), 409, "Channel Paused")
    assert (await camera.create(10)).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"client_id": "mic-1"}, {"client_id": "", "device_model_id": "a"}, {"client_id": 1}]
)
async def test_bad_bodies_are_refused(camera, body):
    await camera.pair()
    answer = await camera.http.post(f"{AT}/connect", json=body, headers=camera.headers)
    refused(answer, 422, "Invalid Arguments")
    refused(await camera.http.post(f"{AT}/connect", content=b"{", headers=camera.headers), 400, "Bad Request")


async def test_every_call_needs_token_and_version(camera):
    for path in ("connect", "disconnect", "nowhere/disconnect"):
        refused(await camera.post(f"{AT}/{path}", client_id="a", device_model_id="b"), 401, "Not Authorized")
        assert (await camera.http.post(f"{AT}/{path}")).status_code == 400


async def test_settings_of_channels(tmp_path, connect):
    settings = Settings(interval=0, channel_models=("model-a",), channels_at_zero=True)
    async with (
        open_sandbox(tmp_path / "state", settings=settings) as sandbox,
        connect(sandbox.url, sandbox.ca_file) as camera,
    ):
        await camera.pair()
        answer = await camera.post(f"{AT}/connect", client_id="mic-1", device_model_id="model-b")
        refused(answer, 422, "Invalid Arguments")
        await connect_one(camera, "mic-1")
        await connect_one(camera, "mic-2")
        assert [channel["external_index"] for channel in await channels(camera)] == [0, 0, 0]
        assert (await camera.create(10, channel=1)).status_code == 404
        assert (await camera.create(10)).status_code == 200
