"""Who may knock how often, on a virtual clock."""

import pytest
import trio

from rushes_masterlockit.link import Guard


def fail(guard: Guard, host: str, times: int) -> None:
    for _ in range(times):
        guard.failed(host)


async def test_a_few_failures_cost_nothing(autojump_clock):
    guard = Guard(free=5)
    fail(guard, "10.0.0.5", 4)
    assert guard.wait("10.0.0.5") == 0


async def test_each_failure_beyond_doubles_the_wait_up_to_a_cap(autojump_clock):
    guard = Guard(free=5, first=1, cap=60)
    fail(guard, "10.0.0.5", 4)
    waits = []
    for _ in range(9):
        guard.failed("10.0.0.5")
        waits.append(guard.wait("10.0.0.5"))
        await trio.sleep(waits[-1])
        assert guard.wait("10.0.0.5") == 0
    assert waits == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])


async def test_a_refusal_ends_when_its_time_is_over(autojump_clock):
    guard = Guard(free=1, first=10)
    guard.failed("10.0.0.5")
    await trio.sleep(9)
    assert guard.wait("10.0.0.5") == pytest.approx(1)
    await trio.sleep(1.1)
    assert guard.wait("10.0.0.5") == 0


async def test_others_are_not_concerned(autojump_clock):
    guard = Guard(free=1)
    guard.failed("10.0.0.5")
    assert guard.wait("10.0.0.6") == 0


async def test_success_clears(autojump_clock):
    guard = Guard(free=3)
    fail(guard, "10.0.0.5", 2)
    guard.succeeded("10.0.0.5")
    fail(guard, "10.0.0.5", 2)
    assert guard.wait("10.0.0.5") == 0


async def test_time_clears(autojump_clock):
    guard = Guard(free=3, memory=300)
    fail(guard, "10.0.0.5", 2)
    await trio.sleep(301)
    fail(guard, "10.0.0.5", 2)
    assert guard.wait("10.0.0.5") == 0
    guard.failed("10.0.0.5")
    assert guard.wait("10.0.0.5") > 0


async def test_a_machines_many_ipv6_addresses_are_one(autojump_clock):
    guard = Guard(free=2)
    guard.failed("2001:db8:1:2::1")
    guard.failed("2001:db8:1:2:ffff::9")
    assert guard.wait("2001:db8:1:2::77") > 0
    assert guard.wait("2001:db8:1:3::1") == 0


async def test_an_ipv4_address_written_as_ipv6_is_the_same(autojump_clock):
    guard = Guard(free=1)
    guard.failed("::ffff:10.0.0.5")
    assert guard.wait("10.0.0.5") > 0
    guard.failed("fe80::1%eth0")
    assert guard.wait("fe80::2%eth0") > 0


async def test_memory_is_bounded_and_keeps_the_newest(autojump_clock):
    guard = Guard(free=1, first=60)
    for number in range(5_000):
        guard.failed(f"10.0.{number // 256}.{number % 256}")
    assert guard.wait("10.0.0.0") == 0
    assert guard.wait("10.0.19.135") == pytest.approx(60)


async def test_connections_are_counted_while_they_last():
    guard = Guard(most_connections=2)
    with guard.connection() as first, guard.connection() as second:
        assert first
        assert second
        with guard.connection() as third:
            assert not third
            assert guard.connections == 3
        assert guard.connections == 2
    with guard.connection() as again:
        assert again
