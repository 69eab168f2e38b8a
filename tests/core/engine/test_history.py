"""Rules over all that was seen: counted as planning would choose, compared with the rules last used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine_rig import route
from rushes import Clip, ConfigError, Kind, rules
from rushes.engine.history import MOST_EXAMPLES, check_rules, history
from rushes.engine.last_rules import ENGINE, PIPELINE_KEY, TURNS_KEY, route_document
from rushes.engine.turns import Turns
from rushes.ledger import MEMORY, open_database
from rushes.ledger.rows import put_clip, put_stored

SIZES = {"a": 1, "b": 10, "c": 100, "d": 1000}


def clip(name, **changes):
    return Clip(
        id=f"c{name}", volume="v", card="A001", path=f"{name}.mov", kind=Kind.VIDEO, size=SIZES.get(name, 1),
        mtime_ns=0, **changes,
    )  # fmt: skip


def told(*routes, match="all"):
    return {
        "name": "p", "file": "p.yaml", "match": match, "sinks": [], "routes": [route_document(each) for each in routes],
    }  # fmt: skip


@pytest.fixture
def ledger():
    database = open_database(MEMORY)
    others = [
        clip("growing", complete=False),
        clip("made", parent="ca"),
        replace(clip("old"), id="cold"),
    ]
    *rest, old = others
    database.commit(
        [*(put_clip(clip(name)) for name in SIZES), *map(put_clip, rest), put_clip(old, superseded=True)]
    )
    yield database
    database.close()


def compare(ledger, before, now):
    ledger.commit([put_stored(ENGINE, PIPELINE_KEY, before)])
    return ledger.read(lambda query: history(query, now))


def test_a_name_that_another_route_has_now_is_called_so(ledger):
    before = told(route("a", when="name = 'a'"), route("b", when="name = 'b'", to=["other"]), route("c"))
    ledger.commit([put_stored(ENGINE, TURNS_KEY, Turns().followed_by(before["routes"]).stored)])
    swapped = told(
        route("b", when="name = 'a'"), route("a", when="name = 'b'", to=["other"]), route("c", to=["other"])
    )
    document = compare(ledger, before, swapped)
    assert [(each["route"], each["reused"]) for each in document["routes"]] == [
        ("b", True), ("a", True), ("c", False),
    ]  # fmt: skip
    assert [each["route"] for each in document["moved"]] == ["c"]
    assert document["changed"] == 2


def test_by_route_what_is_gained_and_lost(ledger):
    document = compare(
        ledger,
        told(route("one", when="name IN ('a', 'b')"), route("gone", when="name = 'c'")),
        told(route("new", when="name = 'd'"), route("one", when="name IN ('b', 'c')")),
    )
    new, one, gone = document["routes"]
    assert (document["clips"], document["bytes"], document["changed"]) == (4, 1111, 3)
    assert (new["route"], new["added"], new["before"], new["now"], new["gained_bytes"]) == (
        "new",
        True,
        0,
        1,
        1000,
    )
    assert (one["before"], one["now"], one["gained"], one["lost"]) == (2, 2, 1, 1)
    assert (one["gained_bytes"], one["lost_bytes"]) == (100, 1)
    assert (gone["removed"], gone["before"], gone["now"], gone["lost_bytes"]) == (True, 1, 0, 100)
    assert document["unrouted"] == {"before": 1, "now": 1}
    assert {(each["name"], *each["before"], "→", *each["now"]) for each in document["examples"]} == {
        ("a.mov", "one", "→"),
        ("c.mov", "gone", "→", "one"),
        ("d.mov", "→", "new"),
    }


def test_final_else_and_first_choose_as_planning_does(ledger):
    routes = [
        route("final", when="name = 'a'", final=True),
        route("all", when="name <> 'b'"),
        route("rest", when="true", otherwise=True),
    ]
    for match in ("all", "first"):
        document = compare(ledger, told(), told(*routes, match=match))
        counted = {each["route"]: each["now"] for each in document["routes"]}
        asked = ", ".join(f"count(*) FILTER ({sql})" for sql in rules.chosen(routes, match == "first"))
        sql = f"SELECT {asked} FROM clips WHERE parent = '' AND NOT superseded AND complete"
        [numbers] = ledger.read(lambda query, sql=sql: query(sql))
        assert tuple(counted.values()) == numbers
        assert counted == {"final": 1, "all": 2, "rest": 1}


def test_without_rules_or_clips(ledger):
    document = ledger.read(lambda query: history(query, told()))
    assert (document["compared"], document["routes"], document["unrouted"]) == (
        False,
        [],
        {"before": 4, "now": 4},
    )
    empty = open_database(MEMORY)
    document = empty.read(lambda query: history(query, told(route("one"))))
    assert (document["clips"], document["bytes"], document["routes"][0]["now"]) == (0, 0, 0)
    empty.close()


def test_examples_are_few_and_of_the_most_frequent_changes(ledger):
    ledger.commit([put_clip(replace(clip(f"x{number}"), id=f"x{number}")) for number in range(20)])
    routes = [route(f"r{number}", when=f"name = 'x{number}'") for number in range(20)]
    document = compare(ledger, told(), told(*routes, route("many", when="name IN ('a', 'b')")))
    assert len(document["examples"]) == MOST_EXAMPLES
    assert (document["examples"][0]["now"], document["examples"][0]["clips"]) == (["many"], 2)


@pytest.mark.parametrize(
    ("rules_of", "problem"),
    [
        (None, "no rules"),
        ({}, "no rules"),
        ({"match": "all", "routes": [{"id": "one"}]}, "no rules"),
        (told(match="some"), "match: 'some' is neither of all, first"),
        (told(route("one", when="nmae = 'A'")), "route 'one': when: unknown column 'nmae'"),
        (told(route("one", when="(SELECT count(*) FROM store) > 0")), "cannot SELECT"),
    ],
)
def test_rules_of_another_process_are_checked(rules_of, problem):
    with pytest.raises(ConfigError) as caught:
        check_rules(rules_of)
    assert problem in str(caught.value)


def test_routes_in_another_order_are_no_change(ledger):
    one, two = route("one"), route("two", when="name <> 'd'")
    document = compare(ledger, told(one, two), told(two, one))
    assert (document["changed"], document["staying"], document["examples"]) == (0, 0, [])
