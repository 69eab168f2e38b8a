"""Real sockets over TLS: against the sandbox, and against servers that are rude."""

import gc
import logging
import ssl
import traceback
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio
from trio_websocket import serve_websocket

from rushes import Unavailable
from rushes_frameio.calls.api import trusted
from rushes_frameio.reach.phoenix import Sign, Talk
from rushes_frameio.reach.websocket import LONGEST_MESSAGE, SocketLost, TokenRefused, dialler, leaves
from rushes_frameio.sink import open_sink
from rushes_sandbox.authority import open_authority

#: As awkward as a token may be.
TOKEN = "eyJ0.a+b/c==&d?e%20f~secret"


async def until(condition, seconds=10):
    with trio.fail_after(seconds):
        while not condition():
            await trio.sleep(0.01)


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "tls")


@pytest.fixture
def everything_logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("trio-websocket", "wsproto", "httpx", "httpcore", "rushes"):
        caplog.set_level(logging.DEBUG, name)
    yield caplog
    assert "secret" not in caplog.text


@asynccontextmanager
async def server(authority, handler, *, authorities=None):
    """A websocket server; yields what dials it."""
    async with trio.open_nursery() as nursery:
        serve = partial(serve_websocket, handler, "127.0.0.1", 0, authority.server_context())
        listening = await nursery.start(serve)
        tls = trusted(authority.ca_file) if authorities is None else authorities
        yield dialler(f"https://127.0.0.1:{listening.port}", tls)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def raw_server(authority, handler):
    """A TLS server whose `handler(stream)` starts where the client has asked for the upgrade."""

    async def serve(stream):
        asked = b""
        try:
            while b"\r\n\r\n" not in asked:
                asked += await stream.receive_some()
            await handler(stream)
            await stream.aclose()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass

    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    secure = trio.SSLListener(listener, authority.server_context(), https_compatible=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(trio.serve_listeners, serve, [secure]))
        yield dialler(f"https://127.0.0.1:{port}", trusted(authority.ca_file))
        nursery.cancel_scope.cancel()


def _all_of(failure):
    """All that a log of the failure could show."""
    return "".join(traceback.format_exception(failure)) + repr(failure) + repr(vars(failure))


async def test_the_token_goes_in_the_query_and_the_version_in_a_header(authority, everything_logged):
    seen = []

    async def handler(request):
        seen.append((request.path, dict(request.headers)))
        connection = await request.accept()
        await connection.send_message((await connection.get_message()).upper())
        await connection.aclose(1001, "down for maintenance")

    async with server(authority, handler) as dial:
        async with dial(TOKEN) as socket:
            await socket.send("hello")
            assert await socket.receive() == "HELLO"
            with pytest.raises(SocketLost, match="closed with 1001 down for maintenance"):
                await socket.receive()
            with pytest.raises(SocketLost):
                await socket.send("anyone?")
    [(path, headers)] = seen
    assert path == ("/devices/websocket?Authorization=Bearer%20eyJ0.a%2Bb%2Fc%3D%3D%26d%3Fe%2520f~secret")
    assert headers[b"x-client-version"].count(b".") == 2
    assert not {b"authorization", b"cookie"} & headers.keys()


@pytest.mark.parametrize("status", [401, 403, 404, 502, 503])
async def test_a_refused_upgrade(authority, everything_logged, status):
    async def handler(request):
        await request.reject(status, body=b"<h1>no secret here</h1>"[:8])

    async with server(authority, handler) as dial:
        with pytest.raises(SocketLost, match=f"the upgrade was answered with {status}") as failure:
            async with dial(TOKEN):
                pytest.fail("it opened")
        assert isinstance(failure.value, TokenRefused) == (status in {401, 403})
        assert "secret" not in _all_of(failure.value)


ANSWERS = {
    "nothing": b"",
    "half": b"HTTP/1.1 101 Switching",
    "garbage": bytes(range(256)) * 20,
    "html": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\nlogin",
    "html without end": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\nlogin",
    "redirect": b"HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n",
    "wrong accept": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-accept: wrong\r\n\r\n",
    "no upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 20000,
    "bare 403": b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_whatever_answers_the_upgrade_it_is_a_lost_socket(authority, everything_logged, answer):
    async def handler(stream):
        await stream.send_all(answer)

    async with raw_server(authority, handler) as dial:
        with trio.fail_after(20), pytest.raises(SocketLost) as failure:
            async with dial(TOKEN):
                pytest.fail("it opened")
    assert "secret" not in _all_of(failure.value)
    assert isinstance(failure.value, TokenRefused) == (b" 403 " in answer)


async def test_a_server_that_never_answers_is_given_up(authority, monkeypatch):
    monkeypatch.setattr("rushes_frameio.reach.websocket.OPENING_S", 0.2)

    async def handler(_stream):
        await trio.sleep_forever()

    async with raw_server(authority, handler) as dial:
        with trio.fail_after(20), pytest.raises(SocketLost, match="no answer within"):
            async with dial(TOKEN):
                pytest.fail("it opened")


async def test_cancelling_an_opening_is_quick(authority):
    async def handler(_stream):
        await trio.sleep_forever()

    async with raw_server(authority, handler) as dial:
        with trio.fail_after(3), trio.move_on_after(0.2) as scope:
            async with dial(TOKEN):
                pytest.fail("it opened")
        assert scope.cancelled_caught


async def test_cancelling_a_handshake_leaves_no_socket(authority):
    async def silent(_stream):
        await trio.sleep_forever()

    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, silent, [listener])
        dial = dialler(f"https://127.0.0.1:{listener.socket.getsockname()[1]}", trusted(authority.ca_file))
        with trio.move_on_after(0.1) as scope:
            async with dial(TOKEN):
                pytest.fail("it opened")
        assert scope.cancelled_caught
        nursery.cancel_scope.cancel()
    gc.collect()  # a socket that was left open is a warning, which is an error


async def test_nobody_there_and_nobody_trusted(authority, everything_logged):
    async def handler(request):
        await request.accept()

    strict = ssl.create_default_context()
    async with server(authority, handler, authorities=strict) as dial:
        with pytest.raises(SocketLost, match="certificate"):
            async with dial(TOKEN):
                pytest.fail("it opened")
    with pytest.raises(SocketLost) as failure:
        async with dialler("https://127.0.0.1:1", strict)(TOKEN):
            pytest.fail("it opened")
    assert "secret" not in _all_of(failure.value)


async def test_a_message_beyond_measure_ends_the_socket(authority):
    async def handler(request):
        connection = await request.accept()
        await connection.send_message("x" * (LONGEST_MESSAGE + 1))
        await trio.sleep_forever()

    async with server(authority, handler) as dial, dial(TOKEN) as socket:
        with trio.fail_after(20), pytest.raises(SocketLost):
            await socket.receive()


async def test_leaving_does_not_wait_for_a_server_that_is_silent(authority):
    async def handler(request):
        await request.accept()
        await trio.sleep_forever()

    async with server(authority, handler) as dial:
        with trio.fail_after(3):
            async with dial(TOKEN):
                pass


async def test_what_the_user_of_a_socket_raises_comes_through(authority):
    async def handler(request):
        await request.accept()
        await trio.sleep_forever()

    async with server(authority, handler) as dial:
        with pytest.raises(ZeroDivisionError):
            async with dial(TOKEN):
                raise ZeroDivisionError


# Against the sandbox.


async def test_a_join_by_hand(stage):
    tokens = stage.context.secrets.get("tokens")
    async with stage.open() as sink:
        access = await sink.connection.tokens.access()
        assert access in tokens
        async with dialler(stage.options.api_url, sink.connection.tls)(access) as socket:
            talk = Talk(sink.connection.identity.id)
            await socket.send(talk.join())
            assert talk.hear(await socket.receive()) is Sign.JOINED
            await socket.send(talk.heartbeat())
            assert talk.hear(await socket.receive()) is Sign.ALIVE
        with pytest.raises(TokenRefused):
            async with dialler(stage.options.api_url, sink.connection.tls)("stale"):
                pass


@pytest.mark.parametrize("shape", ["string", "object"])
async def test_online_and_pauses_as_they_are_told(stage, shape):
    facts = stage.context.facts
    stage.sandbox.shape_events(shape)
    async with stage.open():
        await until(lambda: stage.context.facts.get("online"))
        assert stage.sandbox.sockets()["open"] == 1
        assert stage.context.facts["connected"] is True
        for word in (True, False):
            (stage.sandbox.pause if word else stage.sandbox.resume)()
            await until(lambda word=word: stage.context.facts["paused"] is word)
        facts = stage.context.facts
        assert facts["network"] == "lo, loopback"
        assert facts["health"] == "good"
        assert not {"status", "offline"} & facts.keys()
    await until(lambda: stage.sandbox.sockets()["open"] == 0)
    assert stage.context.facts["connected"] is False
    assert stage.context.facts["online"] is False


async def test_doubled_and_swapped_events_do_no_harm(stage):
    async with stage.open():
        await until(lambda: stage.context.facts.get("online"))
        stage.sandbox.trouble_events("duplicate", 2)
        stage.sandbox.pause()
        await until(lambda: stage.context.facts["paused"])
        stage.sandbox.resume()
        await until(lambda: not stage.context.facts["paused"])
        stage.sandbox.trouble_events("drop")
        stage.sandbox.pause()
        stage.sandbox.resume()
        await until(lambda: not stage.context.facts["paused"])


async def test_a_rotated_token_brings_another_socket(stage):
    async with stage.open() as sink:
        await until(lambda: stage.context.facts.get("online"))
        tokens = sink.connection.tokens
        await tokens.renew(await tokens.access())
        await until(lambda: not stage.context.facts["online"])
        await until(lambda: stage.context.facts["online"])
        await until(lambda: stage.sandbox.sockets()["open"] == 1)


async def test_a_socket_opens_with_a_fresh_token_where_its_own_was_revoked(stage):
    async with stage.open() as sink:
        await until(lambda: stage.context.facts.get("online"))
        before = sink.connection.tokens.rotations
        stage.sandbox.revoke("access")
        await until(lambda: sink.connection.tokens.rotations == before + 1)
        await until(lambda: stage.context.facts["online"])


async def test_a_server_that_closes_and_one_that_breaks_off(stage):
    async with stage.open():
        for end in (stage.sandbox.close_sockets, partial(stage.sandbox.block_sockets, "reset")):
            await until(lambda: stage.context.facts.get("online"))
            end()
            await until(lambda: not stage.context.facts["online"])
            stage.sandbox.block_sockets(None)
        await until(lambda: stage.context.facts["online"], 20)
        assert stage.context.facts["connected"] is True


@pytest.mark.parametrize("how", ["reset", "html"])
async def test_blocked_sockets_hurt_nothing_else(stage, report, how):
    stage.sandbox.block_sockets(how)
    async with stage.open() as sink:
        await sink.deliver(stage.clip(), None, report)
        assert stage.context.facts["online"] is False
        assert stage.context.facts["connected"] is True


async def test_a_device_that_is_forgotten_while_online_is_told_to_pair_again(stage):
    told = []
    try:
        async with stage.open():
            await until(lambda: stage.context.facts.get("online"))
            stage.sandbox.forget()
            await trio.sleep_forever()
    except* Unavailable as group:
        told += [str(failure) for failure in leaves(group)]
    assert set(told) == {"not paired; run: pipeline frameio pair FILE"}
    assert stage.context.facts["connection"] == "not authorised"
    assert not {"project", "user", "device"} & stage.context.facts.keys()


async def test_no_token_in_any_log_over_a_life_with_troubles(stage, caplog):
    for name in ("", "trio-websocket", "wsproto", "httpx", "httpcore", "hpack", "rushes"):
        caplog.set_level(logging.DEBUG, name)
    hidden = set()

    def remember():
        pair = stage.context.secrets.get("tokens")
        hidden.update(word for word in pair.split('"') if len(word) > 20)

    async with stage.open() as sink:
        remember()
        await until(lambda: stage.context.facts.get("online"))
        stage.sandbox.revoke("access")
        await until(lambda: sink.connection.tokens.rotations)
        await until(lambda: stage.context.facts.get("online"))
        remember()
        stage.sandbox.close_sockets()
        await until(lambda: not stage.context.facts["online"])
        await until(lambda: stage.context.facts["online"])
    assert len(hidden) >= 4
    assert [secret for secret in hidden if secret in caplog.text or secret in repr(stage.context.facts)] == []


async def test_the_network_is_shown_while_the_service_is_away(stage):
    away = stage.options.model_copy(update={"api_url": "https://127.0.0.1:1"})
    with pytest.raises(Unavailable, match="cannot be reached"):
        async with open_sink(away, stage.context):
            pytest.fail("it opened")
    facts = stage.context.facts
    assert (facts["connected"], facts["network"], facts["health"]) == (False, "lo, loopback", "poor")


async def test_a_service_that_is_ill_is_away(stage):
    stage.sandbox.faults([{"match": "GET /health", "status": 503}])
    with pytest.raises(Unavailable, match="answered 503"):  # just paired: the identity is known and not asked
        async with stage.open():
            pytest.fail("it opened")
    async with stage.open():
        assert stage.context.facts["connected"] is True
