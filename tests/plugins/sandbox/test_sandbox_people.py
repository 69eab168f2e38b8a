"""What people do in the project, and what a device sees of it: pauses, projects, forget, revoke, expire."""

import datetime as dt
from email.utils import parsedate_to_datetime

import pytest
import trio

from rushes import NotFound
from rushes_sandbox import Settings, open_sandbox


def paused(answer):
    assert answer.status_code == 409, answer.text
    body = answer.json()
    assert body["message"] == body["errors"][0]["title"] == "Channel Paused"
    return "paused" in body["errors"][0]["detail"]


def not_authorised(answer):
    return answer.status_code == 401 and answer.json()["message"] == "Not Authorized"


@pytest.fixture
async def sandbox(tmp_path, clock):
    """Without rate limits, which are not what is looked at here."""
    settings = Settings(interval=0, clock=clock, rates={})
    async with open_sandbox(tmp_path / "state", settings=settings) as sandbox:
        yield sandbox


@pytest.fixture
async def order(camera):
    """Ask for what people do, over HTTPS."""

    async def asked(name, status=200, /, **body):
        answer = await camera.http.post(f"/_sandbox/{name}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


async def test_what_was_made_in_a_pause_is_refused_for_ever(camera, clock, order):
    await camera.pair()
    clock.now += 1000
    [device] = await order("pause")
    assert (device["paused"], device["status"]) == (True, "paused")
    clock.now += 100
    assert paused(await camera.create(10))
    assert paused(await camera.create(10, offset=100))
    assert (await camera.create(10, offset=101)).status_code == 200
    assert (await camera.me()).json()["status"] == "paused"
    [device] = await order("resume")
    assert not device["paused"]
    assert (await camera.create(10)).status_code == 200
    clock.now += 10 * 86400
    camera.tokens = (await camera.refresh()).json()
    assert (await camera.me()).json()["status"] == "offline"
    assert paused(await camera.create(10, offset=10 * 86400 + 1))
    assert paused(await camera.create(10, offset=10 * 86400 + 100))
    assert (await camera.create(10, offset=10 * 86400)).status_code == 200
    assert (await camera.create(10, offset=10 * 86400 + 101)).status_code == 200


async def test_pauses_survive_a_restart(tmp_path, clock, connect):
    settings = Settings(interval=0, clock=clock)
    async with open_sandbox(tmp_path / "kept", settings=settings) as sandbox:
        async with connect(sandbox.url, sandbox.ca_file) as camera:
            await camera.pair()
            sandbox.pause()
            sandbox.rename("Second Unit")
            before, tokens = sandbox.devices(), camera.tokens
    clock.now += 60
    async with open_sandbox(tmp_path / "kept", settings=settings) as sandbox:
        [again] = sandbox.devices()
        assert [again] == before
        sandbox.resume()
        async with connect(sandbox.url, sandbox.ca_file) as camera:
            camera.tokens = tokens
            assert paused(await camera.create(10, offset=1))
            assert (await camera.create(10)).status_code == 200
            assert (await camera.me()).json()["project"]["name"] == "Second Unit"


async def test_a_channel_is_paused_alone(sandbox, camera, clock):
    await camera.pair()
    sandbox.pause(channel=3)
    assert (await camera.create(10)).status_code == 200
    assert not sandbox.devices()[0]["paused"]
    sandbox.pause(channel=0)
    assert paused(await camera.create(10))
    clock.now += 10
    sandbox.resume(channel=0)
    assert (await camera.create(10)).status_code == 200
    assert paused(await camera.create(10, offset=5))


async def test_only_the_named_device_is_paused(sandbox, camera):
    await camera.pair()
    first = camera.tokens
    camera.client_id = "serial-0002"
    await camera.pair()
    _one, two = sandbox.devices()
    sandbox.pause(two["id"])
    assert paused(await camera.create(10))
    camera.tokens = first
    assert (await camera.create(10)).status_code == 200
    sandbox.resume(two["name"])
    sandbox.pause()
    assert [device["paused"] for device in sandbox.devices()] == [True, True]
    with pytest.raises(NotFound):
        sandbox.pause("nobody")


async def test_the_clock_of_the_server_may_be_wrong(camera, clock, order):
    await camera.pair()
    await order("clock", skew_s=3600)
    answer = await camera.me()
    shown = parsedate_to_datetime(answer.headers["date"])
    assert shown == dt.datetime.fromtimestamp(clock.now + 3600, dt.UTC)
    await order("pause")
    clock.now += 10
    await order("resume")
    await order("clock", skew_s=0)
    assert (await camera.create(10, offset=5)).status_code == 200
    clock.now += 3600
    assert paused(await camera.create(10, offset=5))


async def test_a_device_moves_to_another_project(sandbox, camera, order):
    await camera.pair()
    old, there = camera.tokens, await order("projects", name="Second Unit")
    assert there["account"] == "Sandbox Account"
    code = await camera.code()
    moved = await order("confirm", user_code=code["user_code"], project="Second Unit")
    assert moved["project_id"] == there["id"]
    assert not_authorised(await camera.me())
    assert not_authorised(await camera.refresh(old["refresh_token"]))
    camera.tokens = (await camera.poll(code["device_code"])).json()
    me = (await camera.me()).json()
    assert me["project"] == {"_type": "project", "id": there["id"], "name": "Second Unit"}
    assert (await camera.create(10)).json()["project_id"] == there["id"]
    listed = (await camera.http.get("/_sandbox/devices")).json()
    assert [(d["project"], d["forgotten"]) for d in listed] == [
        ("Sandbox Project", True),
        ("Second Unit", False),
    ]
    assert listed[0]["id"] != listed[1]["id"] == me["id"]
    assert listed[0]["channels"][0]["device_id"] == me["device_id"]


async def test_a_rename_changes_the_label_alone(sandbox, camera, order):
    await camera.pair()
    before = (await camera.me()).json()
    [project] = await order("rename", name="Day 12")
    after = (await camera.me()).json()
    assert after["project"]["name"] == project["name"] == "Day 12"
    assert after["project_id"] == before["project_id"] == project["id"]
    assert (await camera.create(10)).status_code == 200
    assert (await camera.http.get("/_sandbox/projects")).json() == sandbox.projects()
    await order("rename", 404, name="x", project="nowhere")


async def test_settings_may_name_more_projects(tmp_path):
    async with open_sandbox(tmp_path / "s", settings=Settings(projects=("Second Unit",))) as sandbox:
        assert [project["name"] for project in sandbox.projects()] == ["Sandbox Project", "Second Unit"]


async def test_a_forgotten_device_is_refused_everywhere(sandbox, camera, order):
    await camera.pair()
    [device] = await order("forget")
    assert device["forgotten"]
    for answer in [await camera.me(), await camera.create(10), await camera.refresh()]:
        assert not_authorised(answer)
    await order("forget", 404)
    await camera.pair()
    assert [device["forgotten"] for device in sandbox.devices()] == [True, False]


@pytest.mark.parametrize("what", ["access", "refresh", "both"])
async def test_tokens_are_taken_back(camera, order, what):
    await camera.pair()
    await order("revoke", what=what)
    assert not_authorised(await camera.me()) == (what != "refresh")
    answer = await camera.refresh()
    assert not_authorised(answer) == (what != "access")
    if what == "access":
        camera.tokens = answer.json()
        assert (await camera.me()).status_code == 200


async def test_a_connection_expires_at_the_moment_it_shows(camera, clock, order):
    await camera.pair()
    assert (await camera.me()).json()["authorization"]["expires_at"] is None
    await order("expire", in_s=600)
    assert (await camera.me()).json()["authorization"]["expires_at"] == "2023-11-14T22:23:20.000000Z"
    clock.now += 599
    assert (await camera.me()).status_code == 200
    clock.now += 1
    assert not_authorised(await camera.me())
    assert not_authorised(await camera.refresh())
    await order("expire", in_s=None)
    assert (await camera.me()).status_code == 200


async def test_identity_and_heartbeat_once_a_minute(sandbox, camera, clock):
    await camera.pair()
    camera.tokens = (await camera.refresh()).json()
    for _ in range(2):
        await camera.me()
        await camera.http.post("/v2/devices/heartbeat", headers=camera.headers)
        clock.now += 60
    assert sandbox.violations() == []
    clock.now -= 30
    await camera.me()
    await camera.http.post("/v2/devices/heartbeat", headers=camera.headers)
    assert [violation["violation"] for violation in sandbox.violations()] == [
        "identity asked for more than once a minute",
        "HTTP heartbeat more than once a minute",
    ]
    [device] = sandbox.devices()
    assert (device["heartbeats"], len(device["identified_at"])) == (3, 4)


async def test_a_minute_may_be_shorter(tmp_path, clock, connect):
    settings = Settings(interval=0, minute=1, clock=clock)
    async with open_sandbox(tmp_path / "s", settings=settings) as sandbox:
        async with connect(sandbox.url, sandbox.ca_file) as camera:
            await camera.pair()
            for _ in range(2):
                clock.now += 1
                assert (await camera.me()).json()["status"] == "online"
            clock.now += 6
            assert (await camera.me()).json()["status"] == "offline"
            assert (await camera.me()).json()["status"] == "online"
            assert len(sandbox.violations()) == 1


async def test_plain_http_is_refused_and_noted(sandbox):
    stream = await trio.open_tcp_stream("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    async with stream:
        await stream.send_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = b"".join([piece async for piece in stream])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert [violation["request"] for violation in sandbox.violations()] == ["plain HTTP"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("pause", {"channel": 101}),
        ("pause", {"device": 5}),
        ("pause", {"unknown": 1}),
        ("confirm", {}),
        ("expire", {}),
        ("clock", {"skew_s": 10**12}),
        ("revoke", {"what": "all"}),
        ("sockets", {}),
        ("sockets", {"events": "lose"}),
        ("projects", {"name": ""}),
    ],
)
async def test_orders_that_make_no_sense_are_400(order, name, body):
    assert (await order(name, 400, **body))["errors"][0]["status"] == 400


async def test_orders_without_a_device_are_404(order):
    for name in ("pause", "resume", "forget", "revoke"):
        assert "no device" in (await order(name, 404))["errors"][0]["detail"]
