"""Which routes take a clip: the SQL against a plain walk through the routes."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes import rules
from rushes.columns import COLUMNS
from rushes.config.pipeline import Route

#: A rule of every kind of answer: always, never, unknown, failing, and by the clip.
RULES = [
    "true",
    "false",
    "circled",
    "not circled",
    "circled or waste",
    "scene = '12'",
    "scene <> '12' -- a remark",
    "cast(scene as integer) > 3",
    "kind = 'video' and circled",
]

ROUTES = st.lists(
    st.builds(
        Route,
        id=st.uuids().map(str),
        when=st.sampled_from(RULES),
        steps=st.just(()),
        to=st.just(("raid",)),
        final=st.booleans(),
        otherwise=st.booleans(),
    ),
    max_size=7,
)
CLIPS = [
    (circled, waste, scene, kind)
    for circled in (True, False, None)
    for waste in (True, None)
    for scene in ("12", "2", "twelve", None)
    for kind in ("video", "audio")
]


@pytest.fixture(scope="module")
def clips():
    """A table of clips of every sort."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    columns = ", ".join(f'"{column.name}" {column.type}' for column in COLUMNS)
    connection.execute(f"CREATE TABLE clips ({columns})")
    connection.executemany("INSERT INTO clips (circled, waste, scene, kind) VALUES (?, ?, ?, ?)", CLIPS)
    yield connection
    connection.close()


def walk(routes, first, hit):
    """What the guide to rules says, as a person would do it."""
    found = []
    for route in routes:
        taken = hit[route.id] is True and not (route.otherwise and any(found))
        found.append(taken)
        if taken and (route.final or first):
            break
    return found + [False] * (len(routes) - len(found))


@settings(deadline=None, max_examples=150)
@given(routes=ROUTES, first=st.booleans())
def test_the_choice_is_a_walk_through_the_routes(clips, routes, first):
    predicates = [rules.predicate(route.when) for route in routes]
    hits = clips.execute(f"SELECT {', '.join(['1', *predicates])} FROM clips").fetchall()
    chosen = clips.execute(f"SELECT {', '.join(['1', *rules.chosen(routes, first)])} FROM clips").fetchall()
    for (_, *hit), (_, *taken) in zip(hits, chosen, strict=True):
        ids = [route.id for route in routes]
        assert taken == walk(routes, first, dict(zip(ids, hit, strict=True)))


@settings(deadline=None, max_examples=50)
@given(routes=ROUTES, first=st.booleans())
def test_over_a_subquery_it_is_the_same(clips, routes, first):
    names = [f"h{number}" for number in range(len(routes))]
    inner = ", ".join(
        ["1", *(f"{hit} AS {name}" for hit, name in zip(rules.hits(routes), names, strict=True))]
    )
    outer = ", ".join(["1", *rules.taken(routes, first, names)])
    apart = clips.execute(f"SELECT {outer} FROM (SELECT {inner} FROM clips)").fetchall()
    assert (
        apart
        == clips.execute(f"SELECT {', '.join(['1', *rules.chosen(routes, first)])} FROM clips").fetchall()
    )


@settings(deadline=None, max_examples=50)
@given(routes=ROUTES, first=st.booleans())
def test_where_order_does_not_matter_every_route_takes_what_it_hits(clips, routes, first):
    if not rules.order_matters(routes, first):
        assert rules.chosen(routes, first) == rules.hits(routes)


def test_each_rule_stands_once_for_each_route_behind_it():
    """What is written out stays readable: no route's expression holds another's."""
    routes = [
        Route(id=str(number), when="circled", steps=(), to=("raid",), otherwise=number > 0)
        for number in range(40)
    ]
    assert max(sql.count("circled") for sql in rules.chosen(routes, False)) == 40
