"""Places in the queue: what is moved stands directly before its target, however often that is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rushes.engine.place import OTHERS, PROXIES, order, place_of, places_before
from rushes.ledger.rows import Job, Place


def job(name, **values):
    return Job(id=name, clip="c", revision=1, route="r", steps=[], sinks=[], **values)


IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=12, max_size=12)


@given(st.sets(IDS, min_size=2, max_size=8), st.lists(st.integers(0, 7), max_size=40))
def test_what_is_moved_stands_directly_before_its_target(names, targets):
    line = [job(name, created=5.0) for name in sorted(names)]
    for number, at in enumerate(targets):
        target = line[at % len(line)]
        moved = line[(at + number) % len(line)]
        if moved is target:
            continue
        rest = [each for each in line if each is not moved]
        places = [each.place for each in rest if each.place]
        [place] = places_before(place_of(target, proxy=False), places, 1)
        now = job(moved.id, created=5.0, place=place)
        rest.insert(rest.index(target), now)
        line = sorted([*rest[: rest.index(now)], now, *rest[rest.index(now) + 1 :]], key=key)
        assert line == rest


def key(each):
    return order(place_of(each, proxy=False))


@given(st.integers(1, 300))
def test_several_keep_their_order(count):
    target = Place(0, 100, OTHERS, 7.0, "jabc")
    places = places_before(target, [], count)
    assert len(places) == count
    assert sorted(places, key=order) == list(places)
    assert order(places[-1]) < order(target)
    assert order(places[0]) > order(Place(0, 100, OTHERS, 7.0, "jabb"))


def test_urgency_priority_proxies_and_age_decide_in_this_order():
    places = [
        place_of(job("j1", urgent=1), proxy=False),
        place_of(job("j2", priority=9, created=9.0), proxy=False),
        place_of(job("j3", created=9.0), proxy=True),
        place_of(job("j4", created=1.0), proxy=False),
        place_of(job("j5", created=1.0), proxy=False),
    ]
    places.reverse()
    assert sorted(places, key=order) == places[::-1]


def test_a_moved_job_stays_before_its_neighbour_once_both_have_proxies():
    neighbour, moved = job("jb", created=1.0), job("ja", created=2.0)
    [place] = places_before(place_of(neighbour, proxy=False), [], 1)
    moved = job("ja", created=2.0, place=place)
    for proxy in (False, True):
        assert order(place_of(moved, proxy=proxy)) < order(place_of(neighbour, proxy=proxy))
    assert place_of(moved, proxy=True).lane == PROXIES
