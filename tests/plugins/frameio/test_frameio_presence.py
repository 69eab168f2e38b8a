"""Presence on a clock of its own: heartbeats, ends and reopenings with a socket made of memory channels."""

import json
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise

import httpx
import pytest
import trio

from rushes import Unavailable
from rushes.testing import StandIn
from rushes_frameio.account.connection import Connection
from rushes_frameio.calls.api import Api, Grant
from rushes_frameio.calls.wire import Wire
from rushes_frameio.options import FrameioOptions
from rushes_frameio.reach.presence import Presence
from rushes_frameio.reach.websocket import SocketLost, TokenRefused
from rushes_frameio.refusal.failures import Refused, Unreachable

ME = {
    "id": "device-1",
    "name": "RUSHES",
    "project_id": "project-1",
    "project": {"name": "Nocturne"},
    "authorization": {"creator": {"name": "Ada"}},
    "status": "online",
}


class FakeService(Wire):
    """The service's HTTP side: `down` is an exception that every call raises; `calls` is what came, and when."""

    def __init__(self):
        super().__init__(None)
        self.down = None
        self.me = dict(ME)
        self.calls = []
        self.tokens = 0
        self.refuses_refresh = None

    def times(self, path):
        return [at for at, url in self.calls if url == path]

    async def send(self, method, url, headers, body=b""):
        return httpx.Response(200, json=await self.answer(url))

    async def answer(self, url):
        await trio.lowlevel.checkpoint()
        self.calls.append((trio.current_time(), url))
        if self.down is not None:
            raise self.down
        if url == "/v2/devices/me":
            return dict(self.me)
        if url == "/v2/auth/token":
            if self.refuses_refresh:
                raise self.refuses_refresh
            self.tokens += 1
            return {
                "access_token": f"access-{self.tokens}",
                "refresh_token": f"refresh-{self.tokens}",
                "expires_in": 28800,
            }
        return {}


class FakeSocket:
    """One socket as the server sees it. `answers` is whether it answers joins and heartbeats."""

    def __init__(self, access):
        self.access = access
        self.opened_at = trio.current_time()
        self.heard = []
        self.answers = True
        self.is_cut = False
        self._to_client, self._inbox = trio.open_memory_channel(100)

    async def send(self, text):
        await trio.lowlevel.checkpoint()
        message = json.loads(text)
        self.heard.append((trio.current_time(), message))
        if self.is_cut:
            raise SocketLost("it broke off")
        if self.answers:
            self.say("phx_reply", {"status": "ok", "response": {}}, message["ref"], message["topic"])

    async def receive(self):
        try:
            return await self._inbox.receive()
        except trio.EndOfChannel:
            raise SocketLost("it broke off") from None

    def say(self, event, payload, ref=None, topic="devices:device-1"):
        text = json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref})
        self._to_client.send_nowait(text)

    def cut(self):
        self.is_cut = True
        self._to_client.close()

    def beats(self):
        return [at for at, message in self.heard if message["event"] == "heartbeat"]

    def joins(self):
        return [at for at, message in self.heard if message["event"] == "phx_join"]


class FakeDial:
    """The server's door: `refusal` is raised instead of opening."""

    def __init__(self):
        self.sockets = []
        self.tries = []
        self.refusal = None
        self.mute = False

    @asynccontextmanager
    async def __call__(self, access):
        await trio.lowlevel.checkpoint()
        self.tries.append((trio.current_time(), access))
        if self.refusal is not None:
            raise self.refusal
        socket = FakeSocket(access)
        socket.answers = not self.mute
        self.sockets.append(socket)
        yield socket


class QuietNetwork:
    def __init__(self):
        self._changed = trio.Event()

    async def watch(self, _context):
        await trio.sleep_forever()

    async def changed(self):
        await self._changed.wait()

    def change(self):
        changed, self._changed = self._changed, trio.Event()
        changed.set()


class World:
    def __init__(self, folder):
        self.context = StandIn(folder, None)
        self.service = FakeService()
        self.dial = FakeDial()

    async def connect(self):
        connection = Connection(FrameioOptions(), self.context, Api(self.service), None)
        await connection.load()
        connection.network = QuietNetwork()
        return connection

    @asynccontextmanager
    async def open(self, *, keep=False):
        self.connection = await self.connect()
        if not self.connection.tokens.paired:
            self.service.tokens += 1
            grant = Grant(access="access-1", refresh="refresh-1", expires_in=28800)
            await self.connection.tokens.adopt("device", grant)
        async with trio.open_nursery() as nursery:
            if keep:
                nursery.start_soon(self.connection.keep)
            nursery.start_soon(Presence(self.connection, self.dial).run)
            yield self
            nursery.cancel_scope.cancel()

    @property
    def socket(self):
        return self.dial.sockets[-1]

    @property
    def facts(self):
        return self.context.facts


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "secret")
    return World(tmp_path)


async def test_it_joins_with_its_token_and_beats_every_15_seconds(world, autojump_clock):
    async with world.open():
        await trio.sleep(61)
        assert world.socket.access == "access-1"
        assert world.facts["online"] is True
        start = world.socket.joins()[0]
        assert [round(at - start) for at in world.socket.beats()] == [15, 30, 45, 60]
        assert len(world.dial.sockets) == 1
    assert world.facts["online"] is False


async def test_a_socket_that_answers_no_heartbeat_is_left(world, autojump_clock):
    async with world.open():
        await trio.sleep(20)
        world.socket.answers = False
        await trio.sleep(27)
        assert len(world.dial.sockets) == 2
        assert world.facts["online"] is True


async def test_a_join_without_an_answer_is_a_dead_socket(world, autojump_clock):
    world.dial.mute = True
    async with world.open():
        await trio.sleep(14)
        assert world.facts["online"] is False
        await trio.sleep(4)
        assert len(world.dial.sockets) == 2


async def test_a_cut_socket_is_opened_again_and_the_identity_asked(world, autojump_clock):
    async with world.open(keep=True):
        await trio.sleep(100)
        world.socket.cut()
        await trio.sleep(2)
        assert len(world.dial.sockets) == 2
        assert world.facts["online"] is True
        world.service.calls.clear()
        await trio.sleep(62)
        assert len(world.service.times("/v2/devices/me")) == 1


@pytest.mark.parametrize("event", ["phx_close", "phx_error"])
async def test_an_ended_channel_is_joined_again_on_the_same_socket(world, autojump_clock, event):
    async with world.open():
        await trio.sleep(1)
        ref = world.socket.heard[0][1]["ref"]
        world.socket.say(event, {}, ref)
        await trio.sleep(0.1)
        assert world.facts["online"] is False
        await trio.sleep(1)
        assert world.facts["online"] is True
        assert len(world.socket.joins()) == 2
        assert len({message["ref"] for _, message in world.socket.heard}) == len(world.socket.heard)
        assert len(world.dial.sockets) == 1


async def test_a_channel_that_ends_again_and_again_costs_the_socket_with_growing_waits(world, autojump_clock):
    async with world.open():
        for _ in range(4):
            await trio.sleep(0.2)
            while world.facts["online"] is False:
                await trio.sleep(0.05)
            world.socket.say("phx_error", {})
        assert len(world.dial.sockets) == 2


async def test_reconnecting_waits_longer_and_longer_but_not_for_ever(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        world.dial.refusal = SocketLost("blocked")
        world.socket.cut()
        await trio.sleep(1000)
        tries = [at for at, _ in world.dial.tries]
        waits = [late - early for early, late in pairwise(tries[1:])]
        assert waits[0] <= 2
        assert all(30 <= wait <= 60 for wait in waits[6:])
        assert len(set(waits)) == len(waits)  # jittered


async def test_who_accepts_every_socket_and_drops_it_is_asked_ever_less_often(world, autojump_clock):
    async with world.open():
        for _ in range(600):
            await trio.sleep(1)
            if world.facts["online"]:
                world.socket.cut()
        assert len(world.dial.tries) < 30


async def test_a_refused_token_is_refreshed_once_and_used(world, autojump_clock):
    world.dial.refusal = TokenRefused("403")
    async with world.open():
        await trio.sleep(0.1)
        assert [access for _, access in world.dial.tries][:2] == ["access-1", "access-2"]
        await trio.sleep(600)
        assert world.service.tokens == 2  # somebody on the way refuses everything: no storm of refreshes
        world.dial.refusal = None
        await trio.sleep(61)
        assert world.facts["online"] is True
        assert world.socket.access == "access-2"


async def test_a_refreshed_token_reopens_the_socket_at_once(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        await world.connection.tokens.renew("access-1")
        await trio.sleep(0.1)
        assert [socket.access for socket in world.dial.sockets] == ["access-1", "access-2"]
        assert world.facts["online"] is True


async def test_no_pairing_any_more_ends_the_sink(world, autojump_clock):
    world.dial.refusal = TokenRefused("403")
    world.service.refuses_refresh = Refused(400, "invalid_request")
    with pytest.RaisesGroup(pytest.RaisesExc(Unavailable, match="not paired"), flatten_subgroups=True):
        async with world.open():
            await trio.sleep_forever()


async def test_another_network_reopens_the_socket_at_once_with_the_same_token(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        world.connection.network.change()
        await trio.sleep(0.1)
        assert [socket.access for socket in world.dial.sockets] == ["access-1", "access-1"]
        assert world.service.tokens == 1


async def test_a_changed_network_cuts_the_wait_for_the_next_try_short(world, autojump_clock):
    world.dial.refusal = SocketLost("no route")
    async with world.open():
        await trio.sleep(500)
        world.dial.refusal = None
        world.connection.network.change()
        await trio.sleep(0.1)
        assert world.facts["online"] is True


async def test_another_device_id_is_joined_anew(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        world.service.me |= {"id": "device-2", "project_id": "project-2"}
        await world.connection.tokens.renew("access-1")
        await trio.sleep(0.1)
        assert world.socket.heard[0][1]["topic"] == "devices:device-2"


@pytest.mark.parametrize("shape", [lambda word: word, lambda word: {"status": word}])
async def test_pause_and_resume_are_shown_as_they_come(world, autojump_clock, shape):
    async with world.open():
        await trio.sleep(1)
        assert world.facts["paused"] is False
        for word in ("paused", "paused", "resumed", "resumed"):
            world.socket.say("status_updated", shape(word))
            await trio.sleep(0.1)
            assert world.facts["paused"] is (word == "paused")


async def test_events_in_the_wrong_order_are_put_right_by_the_identity(world, autojump_clock):
    async with world.open(keep=True):
        await trio.sleep(70)
        world.service.me["status"] = "paused"
        for word in ("paused", "resumed"):  # resumed was sent before paused
            world.socket.say("status_updated", word)
        await trio.sleep(1)
        assert world.facts["paused"] is False
        await trio.sleep(62)
        assert world.facts["paused"] is True


async def test_a_lost_event_is_made_up_for_after_the_next_join(world, autojump_clock):
    async with world.open(keep=True):
        await trio.sleep(70)
        world.socket.cut()
        world.service.me["status"] = "paused"
        await trio.sleep(64)
        assert world.facts["paused"] is True


async def test_an_answer_that_an_event_overtook_does_not_count(world, autojump_clock):
    async with world.open():
        await trio.sleep(61)
        original = world.service.answer

        async def slow(url):
            answer = await original(url)
            if url == "/v2/devices/me":
                world.socket.say("status_updated", "paused")
                await trio.sleep(2)
            return answer

        world.service.answer = slow
        assert (await world.connection.identify()).paused is True
        assert world.facts["paused"] is True


async def test_http_heartbeats_while_sockets_are_blocked(world, autojump_clock):
    world.dial.refusal = SocketLost("the upgrade was answered with 503")
    async with world.open():
        await trio.sleep(1800)
        beats = world.service.times("/v2/devices/heartbeat")
        gaps = [late - early for early, late in pairwise(beats)]
        assert beats[0] <= 300
        assert all(60 <= gap <= 300 for gap in gaps)
        world.dial.refusal = None
        await trio.sleep(61)
        world.service.calls.clear()
        await trio.sleep(900)
        assert world.service.times("/v2/devices/heartbeat") == []


async def test_no_http_heartbeat_comes_within_a_minute_of_another_however_often_it_is_reopened(
    world, autojump_clock
):
    world.dial.refusal = SocketLost("blocked")
    for seconds in (125, 30, 61, 121, 245):
        async with world.open():
            await trio.sleep(seconds)
    beats = world.service.times("/v2/devices/heartbeat")
    assert len(beats) >= 4
    assert all(late - early >= 60 for early, late in pairwise(beats))


async def test_a_heartbeat_that_fails_is_no_end(world, autojump_clock):
    world.dial.refusal = SocketLost("blocked")
    async with world.open():
        world.service.down = Refused(429, "Too Many Requests")
        await trio.sleep(250)
        world.service.down = Unreachable("no route", lost=False)
        await trio.sleep(250)
        world.service.down = None
        await trio.sleep(250)
        assert len(world.service.times("/v2/devices/heartbeat")) >= 4


# Whether the service answers.


async def test_health_is_asked_only_while_something_is_wrong(world, autojump_clock):
    async with world.open(keep=True):
        await trio.sleep(1800)
        assert world.service.times("/health") == []
        assert world.facts["connected"] is True
        world.service.down = Unreachable("no route", lost=False)
        world.dial.refusal = SocketLost("no route")
        world.socket.cut()
        await trio.sleep(1)
        assert world.facts["connected"] is False
        await trio.sleep(600)
        asked = world.service.times("/health")
        gaps = [late - early for early, late in pairwise(asked)]
        assert max(gaps) <= 8.1
        assert all(gap >= 3.9 for gap in gaps[4:])
        world.service.down = world.dial.refusal = None
        await trio.sleep(8.1)
        assert world.facts["connected"] is True
        await trio.sleep(1)
        assert world.facts["online"] is True  # the socket did not wait for the end of its own backoff
        world.service.calls.clear()
        await trio.sleep(1800)
        assert world.service.times("/health") == []


async def test_a_healthy_service_ends_the_doubt_with_one_question(world, autojump_clock):
    async with world.open():
        await trio.sleep(100)
        world.socket.cut()
        await trio.sleep(100)
        assert len(world.service.times("/health")) == 1
        assert world.facts["connected"] is True


async def test_silence_is_an_answer_after_ten_seconds(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)

        async def hang(_url):
            await trio.sleep_forever()

        world.service.answer = hang
        world.connection.service.doubt()
        await trio.sleep(9)
        assert world.facts["connected"] is True
        await trio.sleep(2)
        assert world.facts["connected"] is False


async def test_rest_ends_when_the_network_is_back(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        world.service.down = Unreachable("no route", lost=False)
        world.dial.refusal = SocketLost("no route")
        world.socket.cut()
        start = trio.current_time()
        rested = []

        async def rest(seconds):
            await world.connection.rest(seconds)
            rested.append((seconds, trio.current_time() - start))

        async with trio.open_nursery() as nursery:
            for seconds in (2, 600):
                nursery.start_soon(rest, seconds)
            await trio.sleep(30)
            world.service.down = None
        assert rested[0] == (2, pytest.approx(2))
        assert rested[1][0] == 600
        assert 30 <= rested[1][1] <= 38.1


async def test_rest_is_a_sleep_while_the_network_is_fine(world, autojump_clock):
    async with world.open():
        await trio.sleep(1)
        start = trio.current_time()
        await world.connection.rest(20)
        assert trio.current_time() - start == pytest.approx(20)
        assert world.facts["connected"] is True


async def test_rest_without_an_open_sink_is_a_sleep(world, autojump_clock):
    connection = await world.connect()
    start = trio.current_time()
    await connection.rest(5)
    assert trio.current_time() - start == pytest.approx(5)


# The identity, at most once a minute.


def _gaps(times):
    return [late - early for early, late in pairwise(times)]


async def test_the_identity_is_polled_neither_too_often_nor_too_seldom(world, autojump_clock):
    async with world.open(keep=True):
        await trio.sleep(3600)
        gaps = _gaps(world.service.times("/v2/devices/me"))
        assert all(60 <= gap <= 150 for gap in gaps)
        assert len(gaps) >= 25


async def test_wishes_do_not_break_the_minute(world, autojump_clock):
    async with world.open(keep=True):
        for _ in range(600):
            world.connection.wish()
            await world.connection.identify()
            await trio.sleep(1)
        gaps = _gaps(world.service.times("/v2/devices/me"))
        assert all(60 <= gap <= 63 for gap in gaps)


@pytest.mark.parametrize("lost", [True, False])
async def test_a_question_whose_answer_was_lost_counts_one_that_never_went_out_does_not(
    world, autojump_clock, lost
):
    async with world.open():
        await trio.sleep(61)
        world.service.down = Unreachable("reset", lost=lost)
        with pytest.raises(Unavailable):
            await world.connection.identify()
        world.service.down = None
        asked = len(world.service.times("/v2/devices/me"))
        assert (await world.connection.identify()).project == "Nocturne"
        assert len(world.service.times("/v2/devices/me")) == asked + (not lost)


async def test_an_unknown_device_whose_answer_was_lost_waits_out_the_minute(world, autojump_clock):
    world.service.down = Unreachable("reset", lost=True)
    async with world.open():
        with pytest.raises(Unavailable, match="may be asked again in 60 s") as failure:
            await world.connection.identify()
        assert failure.value.retry_after == pytest.approx(60)
        world.service.down = None
        await trio.sleep(60.5)
        assert (await world.connection.identify()).project == "Nocturne"
    assert all(gap >= 60 for gap in _gaps(world.service.times("/v2/devices/me")))


async def test_the_minute_outlives_the_component_and_its_process(world, autojump_clock):
    async with world.open():
        pass
    for _ in range(5):
        again = await world.connect()  # what a new process reads is in the store alone
        assert (await again.identify()).project == "Nocturne"
    assert len(world.service.times("/v2/devices/me")) == 1


async def test_two_connections_of_one_component_share_the_minute(world, autojump_clock):
    async with world.open():
        action = await world.connect()
        await trio.sleep(61)
        await action.identify()
        await world.connection.identify()
        assert len(world.service.times("/v2/devices/me")) == 2


async def test_a_clock_that_was_set_back_does_not_make_it_ask_early(world, autojump_clock, monkeypatch):
    async with world.open():
        pass
    monkeypatch.setattr("rushes_frameio.account.asked.time.time", lambda: 1000.0)
    again = await world.connect()
    await again.identify()
    assert len(world.service.times("/v2/devices/me")) == 1


async def test_a_kill_while_the_question_is_out_does_not_make_it_unasked(world, autojump_clock):
    async with world.open():
        await trio.sleep(61)
        original = world.service.answer

        async def hang(url):
            await original(url)
            await trio.sleep_forever()

        world.service.answer = hang
        with trio.move_on_after(1):
            await world.connection.identify()
        world.service.answer = original
        await (await world.connect()).identify()
        assert len(world.service.times("/v2/devices/me")) == 2


async def test_the_question_after_a_refresh_is_exempt_and_counts(world, autojump_clock):
    async with world.open():
        await trio.sleep(30)
        await world.connection.tokens.renew("access-1")
        assert len(world.service.times("/v2/devices/me")) == 2
        await trio.sleep(35)
        await world.connection.identify()
        assert len(world.service.times("/v2/devices/me")) == 2
        await trio.sleep(26)
        await world.connection.identify()
        assert len(world.service.times("/v2/devices/me")) == 3


async def test_a_401_costs_one_refresh_and_one_question(world, autojump_clock):
    async with world.open():
        await trio.sleep(61)
        refused = []
        original = world.service.answer

        async def once(url):
            if url == "/v2/devices/me" and not refused:
                refused.append(True)
                raise Refused(401, "Not Authorized")
            return await original(url)

        world.service.answer = once
        await world.connection.identify()
        assert len(world.service.times("/v2/devices/me")) == 2
        assert world.service.tokens == 2


async def test_many_at_once_ask_once(world, autojump_clock):
    async with world.open():
        await trio.sleep(61)
        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(partial(world.connection.identify))
        assert len(world.service.times("/v2/devices/me")) == 2
