"""What two peers owe each other: answers to the right questions, order, and an end that says why."""

import gc
import socket

import pytest
import trio
import trio.testing

from rushes_masterlockit.link import NoAnswerError, Peer, PeerLost, RefusedError
from rushes_masterlockit.protocol import (
    Ack,
    ByteOrder,
    Connection,
    DataEvent,
    DeviceAppeared,
    Ended,
    FailureCode,
    Hello,
    Malformed,
    Nack,
    NackCode,
    Ping,
    RegisterAsDevice,
    Request,
    Role,
    SubscribeDeviceUpdates,
    VolatileDataEvent,
)

from .link_rig import CHALLENGE, HELLO, WELCOME, Side, against_raw, introduced, pair, read_all, reset, sockets


def event(data: bytes) -> DataEvent:
    return DataEvent(type=3, data=data)


class Acks:
    """A handler that acknowledges each request with its own data."""

    def __init__(self) -> None:
        self.peer: Peer | None = None

    def __call__(self, message) -> None:
        if isinstance(message, Request):
            self.peer.send(Ack(message.digest, getattr(message, "data", b"")))


def acks(side: Side) -> None:
    side.answer = answer = Acks()
    answer.peer = side.peer


async def test_a_request_returns_what_its_acknowledgement_carries():
    async with pair() as (hub, device):
        acks(hub)
        assert await device.peer.request(event(b"one")) == b"one"
        assert await device.peer.request(event(b"two")) == b"two"
        assert [told.data for told in hub.told] == [b"one", b"two"]


async def test_requests_at_the_same_time_get_each_its_own_answer():
    async with pair() as (hub, device):
        acks(hub)
        got = {}

        async def ask(data: bytes) -> None:
            got[data] = await device.peer.request(event(data))

        async with trio.open_nursery() as nursery:
            for number in range(200):
                nursery.start_soon(ask, b"%d" % number)
        assert got == {data: data for data in got}
        assert len(got) == 200
        assert device.peer.connection.pending == 0


async def test_one_object_may_be_asked_many_times_at_once():
    async with pair() as (hub, device):
        ping, answered = Ping(), []
        device.answer = lambda message: device.peer.send(Ack(message.digest))

        async def ask() -> None:
            answered.append(await hub.peer.request(ping))

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask)
        assert answered == [b""] * 5
        assert len(device.told) == 5


async def test_a_refusal_is_one_line_with_its_code():
    async with pair() as (hub, device):
        hub.answer = lambda message: hub.peer.send(
            Nack(message.digest, NackCode.FATAL, b"not registered\nas a \x1b camera\xff")
        )
        with pytest.raises(RefusedError) as refused:
            await device.peer.request(event(b""))
        assert refused.value.code == NackCode.FATAL
        assert (
            str(refused.value)
            == "the hub refused DataEvent: not registered as a camera\N{REPLACEMENT CHARACTER}"
        )
        hub.answer = lambda message: hub.peer.send(Nack(message.digest, NackCode.UNSUPPORTED))
        with pytest.raises(RefusedError, match=r"^the hub refused DataEvent \(code 1\)$"):
            await device.peer.request(event(b"x"))


async def test_no_answer_in_time_leaves_the_connection_as_it_was(autojump_clock):
    async with pair(timeout=10) as (hub, device):
        started = trio.current_time()
        with pytest.raises(NoAnswerError, match=r"^the hub did not answer DataEvent within 10 s$"):
            await device.peer.request(event(b"same"))
        assert trio.current_time() - started == pytest.approx(10)
        with pytest.raises(NoAnswerError, match=r"within 0\.5 s"):
            await device.peer.request(event(b"same"), timeout=0.5)
        assert device.peer.connection.pending == 0
        for late in list(hub.told):
            hub.peer.send(Ack(late.digest, b"too late"))
        acks(hub)
        assert await device.peer.request(event(b"same")) == b"same"
        assert device.peer.strays == 2


async def test_a_cancelled_request_is_forgotten_and_its_twin_is_not():
    async with pair() as (hub, device):
        got = []

        async def ask() -> None:
            got.append(await device.peer.request(event(b"same")))

        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ask)
                await hub.heard(1)
                scope.cancel()
        assert device.peer.connection.pending == 0
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            for number, told in enumerate(await hub.heard(2)):
                hub.peer.send(Ack(told.digest, b"%d" % number))
        assert got == [b"1"]


async def test_what_comes_while_a_handler_is_busy_waits_in_order_and_answers_do_not():
    async with pair() as (hub, device):
        done = []

        async def busy(message) -> None:
            # The device answers this although its own request is still being handled here.
            done.append(await hub.peer.request(Ping()))
            done.append(message.data)
            hub.peer.send(Ack(message.digest, message.data))

        hub.answer = busy
        acks(device)
        got = []

        async def ask(data: bytes) -> None:
            got.append(await device.peer.request(event(data)))

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(ask, b"%d" % number)
        assert sorted(got) == [b"0", b"1", b"2"]
        assert done[::2] == [b""] * 3
        assert done[1::2] == [told.data for told in hub.told]


async def test_a_slow_handler_holds_its_peer_back_and_loses_nothing():
    gate = trio.Event()

    async def wait(message) -> None:
        await gate.wait()

    async with against_raw(wait) as (hub, device, speaker):
        frames = [speaker.send(event(b"%d" % number + bytes(10_000))) for number in range(2_000)]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(device.send_all, b"".join(frames))
            await hub.heard(1)
            with trio.move_on_after(0.2):
                await hub.heard(2)
            assert len(hub.told) == 1
            assert nursery.child_tasks, "20 MB were taken from a peer whose first message is not handled"
            assert hub.peer.heard_at == pytest.approx(trio.current_time(), abs=0.05)
            hub.answer = None
            gate.set()
        told = await hub.heard(2_000)
        assert [int(message.data.rstrip(b"\0")) for message in told] == list(range(2_000))


async def test_a_reset_ends_the_peer_and_what_it_was_asked():
    async with against_raw() as (hub, device, _):
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                with pytest.raises(PeerLost, match=r"^the device: connection reset by peer$"):
                    await hub.peer.request(Ping())

            nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked()
            reset(device)
        await hub.over.wait()
        assert isinstance(hub.end, PeerLost)
        assert hub.peer.over
        hub.peer.send(DeviceAppeared(device=1, type=1))
        hub.peer.send_volatile(VolatileDataEvent(device=1, type=3, data=b""))
        with pytest.raises(PeerLost):
            await hub.peer.request(Ping())


async def test_an_orderly_end_says_so():
    async with pair() as (hub, device):
        await device.peer.aclose()
        await hub.over.wait()
        assert str(hub.end) == "the device closed the connection"
        assert device.end is None
        await device.peer.aclose()


async def test_a_peer_that_closes_its_half_still_gets_its_answers():
    async with against_raw() as (hub, device, speaker):

        async def commit(message) -> None:
            await trio.sleep(0.05)
            hub.peer.send(Ack(message.digest, message.data))

        hub.answer = commit
        await device.send_all(speaker.send(event(b"last")) + speaker.send(event(b"words")))
        await device.send_eof()
        answers = await read_all(device, speaker)
        assert [answer.data for answer in answers[:-1]] == [b"last", b"words"]
        assert isinstance(answers[-1], Ended)
        await hub.over.wait()


async def test_a_broken_frame_ends_the_peer_with_what_was_wrong():
    async with against_raw() as (hub, device, speaker):
        acks(hub)
        await device.send_all(speaker.send(event(b"fine")) + bytes(4) + b"more")
        answers = await read_all(device, speaker)
        assert answers[0].data == b"fine"
        await hub.over.wait()
        assert isinstance(hub.end, PeerLost)
        assert str(hub.end).startswith("the device: ")
        assert "\n" not in str(hub.end)


async def test_a_flood_of_one_peer_leaves_the_others_their_turns():
    async with against_raw() as (hub, device, speaker), pair() as (other, calm):
        handled_at = []
        acks(other)
        hub.answer = lambda message: handled_at.append(len(waited))
        waited = []
        await device.send_all(
            speaker.send(event(b"x" * 20_000)) + speaker.send(RegisterAsDevice(type=1)) * 20_000
        )
        while len(handled_at) < 20_001:
            waited.append(await calm.peer.request(event(b"my turn")))
        # How many messages of the flood were handled between two answers that others got.
        bursts = [handled_at.count(turn) for turn in range(len(waited))]
        assert max(bursts) < 2_000


async def test_who_breaks_the_handshake_is_told_why():
    ours, theirs = await sockets()
    server, client = Connection(Role.SERVER, byte_order=ByteOrder.LITTLE), Connection(Role.CLIENT)
    hub = Side(Peer(ours, server, name="a stranger"))
    async with theirs, trio.open_nursery() as nursery:
        hub.peer.send(CHALLENGE)
        nursery.start_soon(hub.run)
        connected = introduced()[1]
        await theirs.send_all(connected.send(event(b"before the handshake")))
        client.receive_data(await theirs.receive_some())
        assert client.next_event() == CHALLENGE
        client.send(HELLO)
        [refusal, end] = await read_all(theirs, client)
        assert refusal.code == FailureCode.FATAL
        await theirs.send_eof()
        await hub.over.wait()
        assert str(hub.end) == f"a stranger: {refusal.data.decode()}"
        assert isinstance(end, Ended)
        assert hub.told == []


async def test_a_request_that_cannot_be_read_is_the_handlers():
    async with against_raw() as (hub, device, _):
        await device.send_all(bytes.fromhex("02000000017f"))
        [told] = await hub.heard(1)
        assert isinstance(told, Malformed)


async def test_a_bug_of_the_handler_ends_this_peer_and_is_raised():
    async with pair() as (hub, device):

        def bug(message):
            raise ZeroDivisionError("our own")

        hub.answer = bug
        with pytest.raises(PeerLost, match="the hub closed the connection"):
            await device.peer.request(RegisterAsDevice(type=1))
        await hub.over.wait()
        assert isinstance(hub.end, ZeroDivisionError)


async def test_a_bug_behind_an_await_is_raised_too():
    async with pair() as (hub, device):

        async def bug(message):
            await trio.lowlevel.checkpoint()
            raise ZeroDivisionError("our own")

        hub.answer = bug
        with pytest.raises(PeerLost):
            await device.peer.request(RegisterAsDevice(type=1))
        await hub.over.wait()
        assert isinstance(hub.end, ZeroDivisionError)


async def test_a_message_that_trickles_is_not_waited_for(autojump_clock):
    async with against_raw(frame_timeout=30) as (hub, device, speaker):
        frame = speaker.send(event(b"x" * 100))
        started = trio.current_time()
        with pytest.raises(trio.BrokenResourceError):
            for place in range(len(frame)):
                await device.send_all(frame[place : place + 1])
                await trio.sleep(1)
        await hub.over.wait()
        assert str(hub.end) == "the device: a message was not through after 30 s"
        assert trio.current_time() - started < 35
        assert hub.told == []


async def test_silence_between_messages_is_no_trickle(autojump_clock):
    async with against_raw(frame_timeout=30) as (hub, device, speaker):
        frame = speaker.send(event(b"x" * 100))
        for _ in range(10):
            await device.send_all(frame[:50])
            await trio.sleep(20)
            await device.send_all(frame[50:])
            await trio.sleep(20)
        assert len(hub.told) == 10
        assert hub.end is None
        assert hub.peer.heard_at == pytest.approx(trio.current_time() - 20)


async def test_cancelling_run_closes_the_connection_at_once():
    ours, theirs = await sockets()
    server, _ = introduced()
    peer = Peer(ours, server)
    async with theirs, trio.open_nursery() as nursery:
        nursery.start_soon(peer.run, print)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert peer.over
    with pytest.raises(PeerLost):
        await peer.request(Ping())
    await peer.aclose()
    assert ours.socket.fileno() == -1


async def test_a_request_outlives_no_run():
    async with pair() as (hub, device):
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                with pytest.raises(PeerLost, match=r"^the connection was closed$"):
                    await device.peer.request(event(b""))

            nursery.start_soon(ask)
            await hub.heard(1)
            await device.peer.aclose()
        assert device.end is None


async def test_ends_leave_no_descriptor_behind():
    async with pair() as (hub, device):
        descriptors = [side.peer._stream.socket.fileno() for side in (hub, device)]
        await device.peer.aclose()
        await hub.over.wait()
    gc.collect()
    for descriptor in descriptors:
        with pytest.raises(OSError):
            socket.socket(fileno=descriptor).detach()


async def test_addresses_are_as_people_write_them():
    async with pair() as (hub, device):
        host, port = hub.peer.address.split(":")
        assert host == hub.peer.host == "127.0.0.1"
        assert int(port) == device.peer._stream.socket.getsockname()[1]


async def test_close_with_a_reason_is_a_loss():
    async with pair() as (hub, device):
        hub.answer = lambda message: hub.peer.close("asked too much")
        with pytest.raises(PeerLost):
            await device.peer.request(SubscribeDeviceUpdates(type=1))
        await hub.over.wait()
        assert str(hub.end) == "the device: asked too much"


async def test_closed_before_it_ran_there_is_nothing_to_run():
    ours, theirs = await sockets()
    server, _ = introduced()
    peer = Peer(ours, server)
    async with theirs:
        peer.send(DeviceAppeared(device=1, type=1))
        await peer.aclose()
        await peer.run(print)
        assert len(await theirs.receive_some()) == 15
        assert await theirs.receive_some() == b""


async def test_what_a_client_says_while_its_hello_is_considered_is_handled_after(autojump_clock):
    ours, theirs = await sockets()
    server, client = Connection(Role.SERVER, byte_order=ByteOrder.LITTLE), Connection(Role.CLIENT)
    challenge, said = server.send(CHALLENGE), event(b"early")
    client.receive_data(challenge)
    client.next_event()
    hub = Side(Peer(ours, server))

    async def consider(message) -> None:
        await trio.sleep(0.05)
        hub.peer.send(WELCOME if isinstance(message, Hello) else Ack(message.digest))

    hub.answer = consider
    async with theirs, trio.open_nursery() as nursery:
        nursery.start_soon(hub.run)
        await theirs.send_all(client.send(HELLO) + introduced()[1].send(said))
        assert (await hub.heard(2))[1].data == said.data
        await trio.sleep(100)  # it was no message that trickled
        assert not hub.peer.over
        nursery.cancel_scope.cancel()
