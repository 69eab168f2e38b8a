"""One-time codes by a clock of our own."""

from __future__ import annotations

import pytest

from rushes.page.links import MOST_LINKS, MOST_PEERS, MOST_TRIES, MOST_WRONG, WINDOW_S, Links, Tries


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize("which", ["secret", "typed"])
def test_a_code_ends(clock, which):
    links = Links(clock)
    early, late = links.make(600), links.make(601)
    clock.now += 600
    assert not links.take(getattr(early, which))
    assert links.take(getattr(late, which))


def test_codes_differ_and_the_newest_stay(clock):
    links = Links(clock)
    made = [links.make() for _ in range(MOST_LINKS + 1)]
    assert len({link.secret for link in made} | {link.typed for link in made}) == 2 * len(made)
    assert not links.take(made[0].secret)
    assert all(links.take(link.secret) for link in made[1:])


def test_a_new_link_has_its_own_tries(clock):
    links = Links(clock)
    old = links.make()
    for _ in range(MOST_WRONG):
        assert not links.take("x")
    new = links.make()
    assert not links.take(old.typed)
    assert links.take(new.typed)


def test_void(clock):
    links = Links(clock)
    made = links.make()
    links.void()
    assert not links.take(made.secret)
    assert not links.take(made.typed)


@pytest.mark.parametrize("code", ["", " ", "-", "\ud800", "é" * 4000])
def test_no_code_at_all(clock, code):
    links = Links(clock)
    links.make()
    assert not links.take(code)


def test_tries_of_a_peer_are_its_own_and_come_back(clock):
    tries = Tries(clock)
    for _ in range(MOST_TRIES):
        assert tries.wait("a") == 0
        tries.wrong("a")
    assert tries.wait("a") == WINDOW_S
    assert tries.wait("b") == 0
    clock.now += WINDOW_S
    assert tries.wait("a") == 0


def test_peers_are_bounded(clock):
    tries = Tries(clock)
    for number in range(2 * MOST_PEERS):
        tries.wrong(str(number))
    assert len(tries._peers) == MOST_PEERS
