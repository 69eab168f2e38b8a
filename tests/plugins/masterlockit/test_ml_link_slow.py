"""Peers that read slowly, or not at all: what waits is bounded, whole and in order, and nobody else notices."""

import pytest
import trio
import trio.testing

from rushes_masterlockit.link import Peer, PeerLost
from rushes_masterlockit.protocol import (
    NEED_DATA,
    Ack,
    DataEvent,
    DeviceAppeared,
    DeviceMetaEvent,
    LocalError,
    RegisterAsDevice,
    Request,
    VolatileDataEvent,
)

from .link_rig import against_raw, introduced, pair, read_all, sockets

#: So little that a few messages fill the way to the peer.
TINY = 4096


def meta(number: int, size: int) -> DeviceMetaEvent:
    return DeviceMetaEvent(device=1, type=1, data=b"%08d" % number + bytes(size))


def timecode(number: int) -> VolatileDataEvent:
    return VolatileDataEvent(device=2, type=3, data=b"%08d" % number + bytes(1000))


async def read(stream, connection, until) -> list:
    events = []
    while not until(events):
        connection.receive_data(await stream.receive_some(3000))
        while (event := connection.next_event()) is not NEED_DATA:
            events.append(event)
    return events


async def test_what_a_full_socket_splits_arrives_whole_and_in_order():
    def ack(message):
        if isinstance(message, Request):
            hub.peer.send(Ack(message.digest, b"acknowledged"))

    async with against_raw(ack, receive=TINY) as (hub, device, speaker):
        for number in range(40):
            hub.peer.send(meta(number, 40_000))
            hub.peer.send_volatile(timecode(number))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(device.send_all, speaker.send(RegisterAsDevice(type=1)))
            events = await read(
                device,
                speaker,
                lambda events: sum(not isinstance(e, VolatileDataEvent) for e in events) == 41,
            )
        stable = [event for event in events if not isinstance(event, VolatileDataEvent)]
        assert [event.data for event in stable] == [
            *(meta(n, 40_000).data for n in range(40)),
            b"acknowledged",
        ]
        shown = [int(event.data[:8]) for event in events if isinstance(event, VolatileDataEvent)]
        assert shown == sorted(set(shown))


async def test_the_oldest_timecode_gives_way_and_is_counted():
    async with against_raw(receive=TINY, most_volatile=10) as (hub, device, speaker):
        count = 3_000
        for number in range(count):
            hub.peer.send_volatile(timecode(number))
        assert hub.peer.dropped > 0
        hub.peer.send(DeviceAppeared(device=9, type=1))
        events = await read(device, speaker, lambda events: any(e == timecode(count - 1) for e in events))
        shown = [int(event.data[:8]) for event in events if isinstance(event, VolatileDataEvent)]
        assert len(shown) + hub.peer.dropped == count
        assert shown[-10:] == list(range(count - 10, count))
        assert shown == sorted(shown)
        assert events.index(DeviceAppeared(device=9, type=1)) < events.index(timecode(count - 1))


async def test_a_request_that_was_dropped_was_never_asked():
    async with against_raw(receive=TINY) as (hub, _, _), pair(most_volatile=10) as (_, device):
        for number in range(1_000):
            hub.peer.send_volatile(DataEvent(device=2, type=3, data=b"%08d" % number + bytes(1000)))
        assert hub.peer.dropped > 0
        assert hub.peer.connection.pending < 1_000
        device.peer.send_volatile(DataEvent(type=3, data=b"now"))
        assert device.peer.connection.pending == 1


async def test_who_does_not_read_at_all_is_closed_and_nobody_else():
    async with (
        against_raw(receive=TINY, most_waiting=100_000) as (hub, idler, _),
        pair() as (other, device),
    ):
        while not hub.peer.over:
            hub.peer.send(meta(0, 10_000))
            other.peer.send(meta(0, 10_000))
            await trio.lowlevel.checkpoint()
        await hub.over.wait()
        assert isinstance(hub.end, PeerLost)
        assert str(hub.end) == "the device reads too slowly: 0.1 MiB wait for it"
        assert not other.peer.over
        assert len(device.told) > 10
        # The kernel keeps nothing for it any more.
        with pytest.raises(trio.BrokenResourceError):
            while True:
                await idler.receive_some()


async def test_one_message_of_any_size_may_wait():
    async with pair(most_waiting=1000) as (hub, device):
        hub.peer.send(meta(1, 8 * 1024 * 1024))
        [told] = await device.heard(1)
        assert told == meta(1, 8 * 1024 * 1024)
        assert hub.end is None


async def test_close_writes_what_waits():
    async with pair() as (hub, device):
        for number in range(100):
            hub.peer.send(meta(number, 20_000))
        await hub.peer.aclose()
        assert device.told == [meta(number, 20_000) for number in range(100)]
        await device.over.wait()
        assert str(device.end) == "the hub closed the connection"


async def test_close_does_not_wait_for_ever(autojump_clock):
    async with against_raw(receive=TINY, flush=2) as (hub, _, _):
        for number in range(100):
            hub.peer.send(meta(number, 20_000))
        started = trio.current_time()
        await hub.peer.aclose()
        assert trio.current_time() - started == pytest.approx(2)
        assert hub.end is None


async def test_last_words_reach_a_peer_that_goes_on_talking():
    def refuse(message):
        if not hub.peer.over:
            hub.peer.send(DeviceAppeared(device=1, type=1))
            hub.peer.close("no more of this")

    async with against_raw(refuse) as (hub, device, speaker):
        await device.send_all(speaker.send(RegisterAsDevice(type=1)) * 30_000)
        events = await read_all(device, speaker)
        assert events[0] == DeviceAppeared(device=1, type=1)
        assert len(events) == 2
        await hub.over.wait()
        assert str(hub.end) == "the device: no more of this"


async def test_a_hub_does_no_more_for_a_client_than_that_reads():
    handled = 0

    def answer(message):
        nonlocal handled
        handled += 1
        hub.peer.send(Ack(message.digest, bytes(100_000)))

    async with against_raw(answer, receive=TINY) as (hub, device, speaker):
        requests = [speaker.send(DataEvent(type=3, data=b"%d" % number)) for number in range(200)]
        await device.send_all(b"".join(requests))
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert 3 <= handled < 20
        assert hub.end is None
        events = await read(device, speaker, lambda events: len(events) == 200)
        assert [event.request.data for event in events] == [b"%d" % number for number in range(200)]


async def test_two_peers_that_both_talk_too_much_still_get_through():
    def ack(side):
        return lambda message: side.peer.send(Ack(message.digest, bytes(50_000)))

    async with pair(most_waiting=64 * 1024 * 1024) as (hub, device):
        hub.answer, device.answer = ack(hub), ack(device)
        answered = []

        async def ask(peer: Peer, number: int) -> None:
            data = bytes(50_000) + b"%d" % number
            device_id = 1 if peer is hub.peer else None
            answered.append(await peer.request(DataEvent(device=device_id, type=1, data=data)))

        async with trio.open_nursery() as nursery:
            for number in range(60):
                nursery.start_soon(ask, hub.peer, number)
                nursery.start_soon(ask, device.peer, number)
        assert len(answered) == 120


async def test_a_volatile_message_that_cannot_be_is_our_bug():
    async with against_raw(receive=TINY) as (hub, device, speaker):
        with pytest.raises(LocalError):
            hub.peer.send_volatile(VolatileDataEvent(device=-1, type=3, data=b""))
        assert not hub.peer.over
        for number in range(500):
            hub.peer.send(meta(number, 1_000))
        hub.peer.send_volatile(VolatileDataEvent(device=-1, type=3, data=b""))
        await read(device, speaker, lambda events: len(events) == 500)
        await hub.over.wait()
        assert isinstance(hub.end, LocalError)


async def test_before_run_a_full_socket_keeps_what_waits():
    ours, theirs = await sockets(receive=TINY)
    server, client = introduced()
    peer = Peer(ours, server)
    async with theirs:
        for number in range(200):
            peer.send(meta(number, 10_000))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(peer.run, print)
            assert len(await read(theirs, client, lambda events: len(events) == 200)) == 200
            nursery.cancel_scope.cancel()
