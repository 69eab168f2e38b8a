"""Who may knock how often, on a virtual clock."""

import pytest
import trio

from rushes_masterlockit.link import Guard

DEVICE = 7


def fail(guard: Guard, host: str, times: int, device: int = DEVICE) -> None:
    for _ in range(times):
        guard.failed(host, device)


async def test_a_few_failures_cost_nothing(autojump_clock):
    guard = Guard(free=5)
    fail(guard, "10.0.0.5", 4)
    assert guard.wait("10.0.0.5", DEVICE) == 0


async def test_each_failure_beyond_doubles_the_wait_up_to_a_cap(autojump_clock):
    guard = Guard(free=5, first=1, cap=60)
    fail(guard, "10.0.0.5", 4)
    waits = []
    for _ in range(9):
        guard.failed("10.0.0.5", DEVICE)
        waits.append(guard.wait("10.0.0.5", DEVICE))
        await trio.sleep(waits[-1])
        assert guard.wait("10.0.0.5", DEVICE) == 0
    assert waits == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])


async def test_a_refusal_ends_when_its_time_is_over(autojump_clock):
    guard = Guard(free=1, first=10)
    guard.failed("10.0.0.5", DEVICE)
    await trio.sleep(9)
    assert guard.wait("10.0.0.5", DEVICE) == pytest.approx(1)
    await trio.sleep(1.1)
    assert guard.wait("10.0.0.5", DEVICE) == 0


async def test_others_are_not_concerned(autojump_clock):
    guard = Guard(free=1)
    guard.failed("10.0.0.5", DEVICE)
    assert guard.wait("10.0.0.6", DEVICE) == 0


async def test_success_clears(autojump_clock):
    guard = Guard(free=3)
    fail(guard, "10.0.0.5", 2)
    guard.succeeded("10.0.0.5", DEVICE)
    fail(guard, "10.0.0.5", 2)
    assert guard.wait("10.0.0.5", DEVICE) == 0


async def test_time_clears(autojump_clock):
    guard = Guard(free=3, memory=300)
    fail(guard, "10.0.0.5", 2)
    await trio.sleep(301)
    fail(guard, "10.0.0.5", 2)
    assert guard.wait("10.0.0.5", DEVICE) == 0
    guard.failed("10.0.0.5", DEVICE)
    assert guard.wait("10.0.0.5", DEVICE) > 0


async def test_a_machines_many_ipv6_addresses_are_one(autojump_clock):
    guard = Guard(free=2)
    guard.failed("2001:db8:1:2::1", DEVICE)
    guard.failed("2001:db8:1:2:ffff::9", DEVICE)
    assert guard.wait("2001:db8:1:2::77", DEVICE) > 0
    assert guard.wait("2001:db8:1:3::1", DEVICE) == 0


async def test_an_ipv4_address_written_as_ipv6_is_the_same(autojump_clock):
    guard = Guard(free=1)
    guard.failed("::ffff:10.0.0.5", DEVICE)
    assert guard.wait("10.0.0.5", DEVICE) > 0
    guard.failed("fe80::1%eth0", DEVICE)
    assert guard.wait("fe80::2%eth0", DEVICE) > 0


async def test_memory_is_bounded_and_keeps_the_newest(autojump_clock):
    guard = Guard(free=1, first=60)
    for number in range(5_000):
        guard.failed(f"10.0.{number // 256}.{number % 256}", DEVICE)
    assert guard.wait("10.0.0.0", DEVICE) == 0
    assert guard.wait("10.0.19.135", DEVICE) == pytest.approx(60)


async def test_one_device_that_fails_for_ever_keeps_no_other_out(autojump_clock):
    guard = Guard(free=5, free_address=12)
    for _ in range(20):
        guard.failed("10.0.0.5", DEVICE)
        await trio.sleep(guard.wait("10.0.0.5", DEVICE))
    guard.failed("10.0.0.5", DEVICE)
    assert guard.wait("10.0.0.5", DEVICE) > 50
    assert guard.wait("10.0.0.5", 8) == guard.wait("10.0.0.5") == 0


async def test_who_takes_a_new_device_id_each_time_waits_too(autojump_clock):
    guard = Guard(free=5, free_address=12)
    for device in range(11):
        guard.failed("10.0.0.5", device)
        guard.succeeded("10.0.0.5", device)
    assert guard.wait("10.0.0.5", 99) == 0
    guard.failed("10.0.0.5", 99)
    assert guard.wait("10.0.0.5", 100) == guard.wait("10.0.0.5") == 1
    assert guard.wait("10.0.0.6", 99) == 0


async def test_connections_are_counted_while_they_last():
    guard, gone = Guard(most_connections=2), []
    one, two, three, four = (lambda n=n: gone.append(n) for n in range(1, 5))
    with guard.connection(one) as first, guard.connection(two) as second:
        assert first
        assert second
        guard.through(one)
        guard.through(two)
        with guard.connection(three) as third:
            assert not third
            assert guard.connections == 3
        assert guard.connections == 2
    with guard.connection(four) as again:
        assert again
    assert gone == []


async def test_who_knocks_longest_gives_way_to_who_comes():
    guard, gone = Guard(most_connections=2), []
    one, two, three, four, five = (lambda n=n: gone.append(n) for n in range(1, 6))
    with guard.connection(one), guard.connection(two):
        guard.through(one)
        with guard.connection(three) as third:
            assert third
            assert gone == [2]
            guard.through(three)
            with guard.connection(four) as fourth:
                assert not fourth
            assert gone == [2]
    with guard.connection(five) as fifth:
        assert fifth
