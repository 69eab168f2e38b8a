"""The websocket over real TLS, with a client that nobody here wrote (trio-websocket)."""

import json
import ssl
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed, wrap_client_stream

from rushes_sandbox import Settings, open_sandbox

PATH = "/devices/websocket"


@pytest.fixture
def dial(sandbox, camera, nursery):
    """Open a socket with the camera's token, or another query."""

    @asynccontextmanager
    async def opened(query=None, service=sandbox):
        query = query or f"Authorization={quote(camera.headers['authorization'])}"
        context = ssl.create_default_context(cafile=str(service.ca_file))
        host = service.url.removeprefix("https://")
        raw = await trio.open_tcp_stream("127.0.0.1", int(host.partition(":")[2]))
        stream = trio.SSLStream(raw, context, server_hostname="127.0.0.1", https_compatible=True)
        try:
            socket = await wrap_client_stream(nursery, stream, host, f"{PATH}?{query}")
            yield socket
            await socket.aclose()
        finally:
            await trio.aclose_forcefully(stream)

    return opened


async def say(socket, event, topic, ref="1", payload=""):
    await socket.send_message(json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref}))


async def hear(socket):
    return json.loads(await socket.get_message())


async def join(socket, sandbox):
    topic = f"devices:{sandbox.devices()[-1]['id']}"
    await say(socket, "phx_join", topic, ref="join")
    assert await hear(socket) == {
        "event": "phx_reply",
        "payload": {"response": {}, "status": "ok"},
        "ref": "join",
        "topic": topic,
    }
    return topic


async def closed(socket):
    with pytest.raises(ConnectionClosed) as end:
        await socket.get_message()
    return end.value.reason.code


async def upgrade(camera, query=None):
    """Ask for the upgrade as a plain HTTP client, which can look at a refusal."""
    query = query or f"Authorization={quote(camera.headers['authorization'])}"
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    return await camera.http.get(f"{PATH}?{query}", headers=headers)


def online(sandbox):
    return sandbox.devices()[-1]["online"]


async def test_a_device_is_online_while_it_has_joined(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        assert not online(sandbox)
        topic = await join(socket, sandbox)
        assert online(sandbox)
        await say(socket, "phx_leave", topic)
        assert (await hear(socket))["payload"]["status"] == "ok"
        assert (await hear(socket))["event"] == "phx_close"
        assert not online(sandbox)
        await join(socket, sandbox)
    with trio.fail_after(20):
        while sandbox.sockets()["open"]:
            await trio.sleep(0.005)
    assert not online(sandbox)
    assert sandbox.violations() == []


@pytest.mark.parametrize(
    "query", ["x=1", "Authorization=Bearer%20nothing", "Authorization=Basic%20eDp5", "vsn=9"]
)
async def test_a_bad_token_is_403(camera, query):
    await camera.pair()
    assert (await upgrade(camera, query)).status_code == 403


async def test_an_expired_token_is_403_and_a_bad_version_too(camera, dial, clock):
    await camera.pair()
    good = f"Authorization={quote(camera.headers['authorization'])}"
    assert (await upgrade(camera, f"{good}&vsn=7.0.0")).status_code == 403
    async with dial(query=good.replace("%20", "+")):
        pass
    clock.now += 28_800
    assert (await upgrade(camera)).status_code == 403


async def test_replies_are_matched_by_ref_and_topics_are_guarded(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        await say(socket, "heartbeat", "phoenix", ref="h1")
        await say(socket, "phx_join", "devices:somebody-else", ref="j1")
        await say(socket, "hello", "devices:somebody-else", ref="x1")
        answers = [await hear(socket) for _ in range(3)]
    assert [(a["ref"], a["topic"], a["payload"]["status"]) for a in answers] == [
        ("h1", "phoenix", "ok"),
        ("j1", "devices:somebody-else", "error"),
        ("x1", "devices:somebody-else", "error"),
    ]
    assert answers[2]["payload"]["response"] == {"reason": "unmatched topic"}
    assert "join_ref" not in answers[0]
    assert sandbox.devices()[0]["heartbeats"] == 1


@pytest.mark.parametrize(
    ("sent", "noted"),
    [
        ("{", "a message that is not JSON"),
        (b"binary", "a message that is not JSON"),
        ('{"topic":"phoenix","event":"heartbeat","ref":"1"}', "a message without the key payload"),
    ],
)
async def test_a_bad_message_closes_with_1011_and_is_noted(sandbox, camera, dial, sent, noted):
    await camera.pair()
    async with dial() as socket:
        await socket.send_message(sent)
        assert await closed(socket) == 1011
    [violation] = sandbox.violations()
    assert (violation["request"], violation["violation"]) == (f"WS {PATH}", noted)


async def test_heartbeats_too_fast_and_unknown_events_are_noted(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        topic = await join(socket, sandbox)
        await say(socket, "heartbeat", "phoenix")
        await say(socket, "heartbeat", "phoenix")
        await say(socket, "shout", topic)
        events = [(await hear(socket))["event"] for _ in range(3)]
    assert events == ["phx_reply", "phx_reply", "phx_error"]
    assert [violation["violation"] for violation in sandbox.violations()] == [
        "heartbeat on the socket more often than every 5 s",
        "unknown event shout",
    ]


async def test_a_socket_without_heartbeats_is_cut_after_60_s(sandbox, camera, dial, autojump_clock):
    await camera.pair()
    async with dial() as socket:
        opened = trio.current_time()
        await join(socket, sandbox)
        for _ in range(3):
            await trio.sleep(50)
            await say(socket, "heartbeat", "phoenix")
            assert (await hear(socket))["topic"] == "phoenix"
        assert await closed(socket) == 1000
        assert trio.current_time() - opened == pytest.approx(210, abs=1)
    assert sandbox.violations() == []


async def test_the_settings_make_the_idle_cut_quick(tmp_path, connect, dial):
    async with open_sandbox(tmp_path / "quick", settings=Settings(interval=0, idle_cut=0.2)) as quick:
        async with connect(quick.url, quick.ca_file) as camera:
            await camera.pair()
            async with dial(f"Authorization={quote(camera.headers['authorization'])}", quick) as socket:
                await join(socket, quick)
                assert await closed(socket) == 1000
            assert not online(quick)


async def test_a_pause_is_told_in_either_shape(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        topic = await join(socket, sandbox)
        sandbox.pause()
        assert await hear(socket) == {
            "topic": topic,
            "event": "status_updated",
            "payload": "paused",
            "ref": None,
        }
        sandbox.shape_events("object")
        sandbox.resume()
        assert (await hear(socket))["payload"] == {"status": "resumed"}
        sandbox.pause(channel=3)
        sandbox.resume()
        sandbox.pause(channel=0)
        assert [(await hear(socket))["payload"]["status"] for _ in range(2)] == ["resumed", "paused"]


async def test_the_setting_chooses_the_shape(tmp_path, connect, dial):
    settings = Settings(interval=0, status_shape="object")
    async with open_sandbox(tmp_path / "other", settings=settings) as other:
        async with connect(other.url, other.ca_file) as camera:
            await camera.pair()
            async with dial(f"Authorization={quote(camera.headers['authorization'])}", other) as socket:
                await join(socket, other)
                other.pause()
                assert (await hear(socket))["payload"] == {"status": "paused"}


async def test_events_are_lost_doubled_and_put_out_of_order(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        await join(socket, sandbox)
        sandbox.trouble_events("drop")
        sandbox.pause()
        sandbox.trouble_events("duplicate")
        sandbox.resume()
        assert [(await hear(socket))["payload"] for _ in range(2)] == ["resumed", "resumed"]
        sandbox.trouble_events("reorder")
        sandbox.pause()
        sandbox.resume()
        assert [(await hear(socket))["payload"] for _ in range(2)] == ["resumed", "paused"]


async def test_rotation_closes_the_socket_of_the_old_token(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        await join(socket, sandbox)
        camera.tokens = (await camera.refresh()).json()
        assert (await hear(socket))["event"] == "phx_close"
        assert await closed(socket) == 1000
    async with dial() as socket:
        await join(socket, sandbox)


@pytest.mark.parametrize("how", ["forget", "revoke", "move", "logout"])
async def test_a_device_that_is_gone_loses_its_socket_and_gets_403(sandbox, camera, dial, how):
    await camera.pair()
    query = f"Authorization={quote(camera.headers['authorization'])}"
    async with dial() as socket:
        topic = await join(socket, sandbox)
        if how == "forget":
            sandbox.forget()
        elif how == "revoke":
            sandbox.revoke("access")
        elif how == "move":
            sandbox.add_project("Elsewhere")
            sandbox.confirm((await camera.code())["user_code"], "Elsewhere")
        else:
            await camera.auth("revoke", {"token": camera.tokens["refresh_token"]})
        assert await hear(socket) == {"topic": topic, "event": "phx_close", "payload": {}, "ref": "join"}
        assert await closed(socket) == 1000
    assert (await upgrade(camera, query)).status_code == 403


async def test_a_connection_that_expires_ends_at_the_next_heartbeat(sandbox, camera, dial, clock):
    await camera.pair()
    sandbox.expire(60)
    async with dial() as socket:
        await join(socket, sandbox)
        clock.now += 61
        await say(socket, "heartbeat", "phoenix")
        assert (await hear(socket))["event"] == "phx_close"
        assert await closed(socket) == 1000


async def test_sockets_can_be_blocked_and_closed(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        await join(socket, sandbox)
        sandbox.close_sockets()
        assert await closed(socket) == 1001
    async with dial() as socket:
        await join(socket, sandbox)
        sandbox.block_sockets()
        assert await closed(socket) == 1006
    with pytest.raises(httpx.TransportError):
        await upgrade(camera)
    answer = await camera.http.post("/_sandbox/sockets", json={"blocked": "html"})
    assert answer.json()["blocked"] == "html"
    page = await upgrade(camera)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert (await camera.http.post("/_sandbox/sockets", json={"blocked": False})).json()["blocked"] is None
    async with dial() as socket:
        await join(socket, sandbox)


async def test_a_socket_that_does_not_read_is_cut_and_harms_nobody(sandbox, camera, dial):
    await camera.pair()
    async with dial() as socket:
        await join(socket, sandbox)
        sandbox.trouble_events("duplicate", 600)
        for _ in range(300):
            sandbox.pause()
            sandbox.resume()
        with trio.fail_after(20):
            while sandbox.sockets()["open"]:
                await trio.sleep(0.005)
    assert (await camera.me()).status_code == 200


async def test_a_plain_get_of_the_socket_is_no_upgrade(camera):
    await camera.pair()
    assert (await camera.http.get(PATH, headers=camera.headers)).status_code == 404
