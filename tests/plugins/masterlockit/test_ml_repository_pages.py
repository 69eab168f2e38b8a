"""Which clips a demand means, in which order, and pages that hold together while clips come in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.formats import FormatError, facts, parse_demand
from rushes_masterlockit.repository import LIVE, Views
from rushes_masterlockit.repository.index import Entry, Index

from .repository_rig import CAMERA, RECORDER, TABLET, clip, held, id_of

ALL = parse_demand(b"{}")
VIEW, OTHER = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture
async def rig(tmp_path):
    async with held(tmp_path) as rig:
        yield rig


def ids(*numbers):
    return [id_of(number) for number in numbers]


async def test_the_order_is_creation_then_id(rig):
    clips = [
        clip(5, created=1000),
        clip(3, created=1000),
        clip(9, created=10),
        clip(1, created="never"),
        clip(7, created=999),
    ]
    await rig.repository.say(clips, CAMERA)
    assert rig.repository.ids(ALL) == ids(1, 9, 7, 3, 5)


@pytest.mark.parametrize(
    ("demand", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"clips": [id_of(4), id_of(2), id_of(99)]}, [2, 4]),
        ({"clips": []}, [1, 2, 3, 4]),
        ({"clips": [f"{id_of(3)[:8]}-{id_of(3)[8:]}".upper()]}, [3]),
        ({"clips": [id_of(1), id_of(4)], "devices": [RECORDER]}, [4]),
        ({"devices": [CAMERA]}, [1, 2]),
        ({"devices": [TABLET]}, [2]),
        ({"devices": [RECORDER, TABLET]}, [2, 3, 4]),
        ({"timecodeFrom": "00:00:15:00", "timecodeTo": "00:00:25:00"}, [1, 2]),
        ({"timecodeFrom": "23:59:00:00", "timecodeTo": "00:00:05:00"}, [3]),
        ({"creationFrom": 200, "creationTo": 300}, [2, 3]),
    ],
)
async def test_a_demand_filters(rig, demand, numbers):
    def timed(number, start, stop, version=None, **members):
        return clip(
            number, version, created=number * 100,
            tcStartSeconds=start, tcStartFrames=0, tcStopSeconds=stop, tcStopFrames=0, **members,
        )  # fmt: skip

    sound = {RECORDER: 1}
    await rig.repository.say([timed(1, 10, 20), timed(2, 25, 40, {CAMERA: 1, TABLET: 1})], CAMERA)
    await rig.repository.say(
        [timed(3, 86350, 2, sound, type="sound"), timed(4, 500, 600, sound, type="sound")], RECORDER
    )
    assert rig.repository.ids(parse_demand(demand)) == ids(*numbers)


@pytest.mark.parametrize("bodies", [True, False])
async def test_a_demand_means_the_same_clips_after_a_restart(tmp_path, bodies):
    odd = [None, True, False, 0, 25, 86399, 86400, -1, 1.0, 2**63 - 1, -(2**63), "1", "\0ä", [1], {"a": 1}]
    members = ("tcStartSeconds", "tcStartFrames", "tcStopSeconds", "tcStopFrames", "created")
    usual = dict.fromkeys(members, 20)
    demands = [
        parse_demand(demand)
        for demand in (
            {},
            {"timecodeTo": "00:00:19:24"},
            {"timecodeFrom": "00:00:20:00", "timecodeTo": "00:00:20:10"},
            {"timecodeFrom": "00:00:20:30"},
            {"creationFrom": 2},
            {"creationTo": 1},
            {"devices": [TABLET]},
        )
    ]
    async with held(tmp_path, bodies=bodies) as rig:
        clips = [{**usual, name: value} for name in members for value in odd]
        clips += [{name: value for name, value in usual.items() if name != absent} for absent in members]
        said = [
            {"id": f'"ä{n}', "type": "video", "version": {CAMERA: 1}, **clip} for n, clip in enumerate(clips)
        ]
        assert not any(outcome.problem for outcome in await rig.repository.say(said, TABLET))
        before = [list(rig.repository.ids(demand)) for demand in demands]
        assert len({len(ids) for ids in before}) > 4, "the demands tell the clips apart"
    async with held(tmp_path, bodies=bodies) as rig:
        assert [list(rig.repository.ids(demand)) for demand in demands] == before


async def test_a_clip_whose_id_is_written_with_dashes_is_found_by_either_spelling(rig):
    dashed = "0F0E0D0C-0000-4000-8000-00000000000A"
    await rig.repository.say([{**clip(1), "id": dashed}], CAMERA)
    for spelling in (dashed, dashed.replace("-", "").lower()):
        assert rig.repository.ids(parse_demand({"clips": [spelling]})) == [dashed]


async def test_pages_of_a_view_have_no_gap_and_no_repeat_while_clips_come_in(rig):
    views = Views(rig.repository, now=lambda: 0.0)
    await rig.repository.say([clip(number * 10) for number in range(50)], CAMERA)
    found = []
    for page in range(6):
        found += views.page(page * 10, 10, 1, VIEW, b"{}")
        await rig.repository.say([clip(page * 60 + digit) for digit in range(1, 10)], CAMERA)
    assert found == ids(*range(0, 500, 10))
    assert len(views.page(0, 0, 1, OTHER, b"{}")) == rig.repository.count == 104


async def test_a_view_of_zeros_is_live_and_another_demand_builds_it_anew(rig):
    views = Views(rig.repository, now=lambda: 0.0)
    await rig.repository.say([clip(1)], CAMERA)
    assert views.page(0, 10, 2, LIVE, b"{}") == views.page(0, 10, 2, VIEW, b"{}") == ids(1)
    await rig.repository.say([clip(2)], CAMERA)
    assert views.page(0, 10, 2, LIVE, b"{}") == ids(1, 2)
    assert views.page(0, 10, 2, VIEW, b"{}") == ids(1)
    assert views.page(0, 10, 1, VIEW, b"{}") == ids(1, 2)
    assert views.page(0, 10, 2, VIEW, b'{"clips":[]}') == ids(1, 2)


async def test_a_page_is_short_at_the_end_only_and_has_no_deleted_clip(rig):
    views = Views(rig.repository, now=lambda: 0.0)
    await rig.repository.say([clip(number) for number in range(10)], CAMERA)
    assert views.page(0, 4, 1, VIEW, b"{}") == ids(0, 1, 2, 3)
    await rig.repository.delete(parse_demand({"clips": ids(2, 5, 9)}))
    assert views.page(4, 4, 1, VIEW, b"{}") == ids(4, 6, 7, 8)
    assert views.page(8, 4, 1, VIEW, b"{}") == ids(8)
    assert views.page(0, 4, 1, VIEW, b"{}") == ids(0, 1, 3, 4)


@pytest.mark.parametrize(
    ("start", "length", "zero", "numbers"),
    [
        (0, 0, "all", [0, 1, 2, 3]),
        (2, 0, "all", [2, 3]),
        (0, 0, "none", []),
        (1, 2**31, "none", [1, 2, 3]),
        (1, 2**32 - 1, "all", [1, 2, 3]),
        (4, 10, "all", []),
        (2**32 - 1, 2**32 - 1, "all", []),
        (3, 1, "all", [3]),
    ],
)
async def test_the_edges_of_a_range(rig, start, length, zero, numbers):
    await rig.repository.say([clip(number) for number in range(4)], CAMERA)
    views = Views(rig.repository, now=lambda: 0.0, range_zero=zero)
    for view in (VIEW, LIVE):
        assert views.page(start, length, 1, view, b"{}") == ids(*numbers)


async def test_views_are_sixteen_at_most_and_idle_ones_are_forgotten(rig):
    now = [0.0]
    views = Views(rig.repository, now=lambda: now[0])
    await rig.repository.say([clip(1)], CAMERA)
    kept = [bytes([number] * 16) for number in range(1, 18)]
    for view in kept[:16]:
        views.page(0, 5, 1, view, b"{}")
    now[0] = 500.0
    views.page(0, 5, 1, kept[0], b"{}")
    views.page(0, 5, 1, kept[16], b"{}")
    await rig.repository.say([clip(2)], CAMERA)
    assert views.page(0, 5, 1, kept[0], b"{}") == ids(1)
    assert views.page(0, 5, 1, kept[2], b"{}") == ids(1)
    assert views.page(0, 5, 1, kept[1], b"{}") == ids(1, 2), "the one used least lately went"
    now[0] = 1101.0
    assert views.page(0, 5, 1, kept[0], b"{}") == ids(1, 2), "ten minutes without a question"


async def test_a_filtered_view_holds_together_too_and_is_looked_through_as_far_as_asked(rig):
    views = Views(rig.repository, now=lambda: 0.0)
    await rig.repository.say([clip(number) for number in range(0, 40, 2)], CAMERA)
    await rig.repository.say([clip(number, {TABLET: 1}) for number in range(100, 120)], TABLET)
    demand = b'{"devices":["%s"]}' % TABLET.encode()
    first = views.page(0, 5, 1, VIEW, demand)
    await rig.repository.say([clip(number, {TABLET: 1}) for number in range(1, 40, 2)], TABLET)
    assert first + views.page(5, 10, 1, VIEW, demand) == ids(*range(100, 115))
    assert views.page(18, 10, 1, VIEW, demand) == ids(118, 119)
    assert views.page(0, 0, 1, VIEW, demand) == ids(*range(100, 120))


async def test_a_demand_that_cannot_be_read_is_told(rig):
    with pytest.raises(FormatError):
        Views(rig.repository, now=lambda: 0.0).page(0, 5, 1, VIEW, b'{"clips":7}')


async def test_versions_and_bodies_are_those_of_live_clips(rig):
    await rig.repository.say([clip(1), clip(2)], CAMERA)
    await rig.repository.delete(parse_demand({"clips": ids(2)}))
    assert rig.repository.versions([*ids(2, 1), "nobody"]) == [
        b'{"id":"%s","type":"video","version":{"%s":1}}' % (id_of(1).encode(), CAMERA.encode())
    ]
    assert len(await rig.repository.bodies([*ids(2, 1), "nobody"])) == 1


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.booleans(), st.booleans()), max_size=60),
    st.integers(1, 40),
)
def test_the_order_holds_whatever_is_put(puts, few):
    """Against sorting all of it: clips come, move, go and come again, with questions in between."""
    index, stands = Index(), {}
    for number, created, deleted, ask in puts:
        raw = clip(number, created=created)
        index.put(Entry(facts(raw, CAMERA, deleted=deleted), "", ""))
        stands[raw["id"]] = (created, raw["id"], deleted)
        if ask:
            assert index.everything() == [
                identity for _, identity, gone in sorted(stands.values()) if not gone
            ]
    many = [clip(100 + number, created=number % 3) for number in range(few)]
    random.Random(few).shuffle(many)
    for raw in many:
        index.put(Entry(facts(raw, CAMERA), "", ""))
        stands[raw["id"]] = (raw["created"], raw["id"], False)
    wanted = [identity for _, identity, gone in sorted(stands.values()) if not gone]
    assert (index.everything(), index.count) == (wanted, len(wanted))
