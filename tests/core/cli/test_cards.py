"""`pipeline cards`: who has all of a card, whatever days are on it, running or at rest."""

from __future__ import annotations

import json

import pytest
import trio

from engine_rig import CallSource, FunctionSink, ListSource, card, component, engine_of, route, simple
from engine_rig import pipeline as pipeline_of
from rushes import Permanent
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)
CARD = {
    "card": "A001", "volume": "v1", "clips": 12, "bytes": 3_000_000_000, "seen": 1.0, "last": 2.0, "alone": 0,
    "undelivered": 9, "unrouted": 2, "handed_over": None,
    "sinks": [{"sink": "cloud", "clips": 10, "delivered": 1}, {"sink": "raid", "clips": 10, "delivered": 10}],
}  # fmt: skip


def test_a_line_for_each_card(pipeline, file, fake, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    over = CARD | {"card": "B001", "undelivered": 0, "unrouted": 0, "handed_over": 1_795_345_200.0}
    broken = CARD | {"card": "C001", "sinks": [], "unrouted": 0, "undelivered": 1, "clips": 1, "alone": 1}
    fake.cards = lambda: {"cards": [CARD, over, broken], "total": 23}
    head, first, second, third, more = pipeline("cards", file).stdout.splitlines()
    assert head.split() == ["CARD", "SEEN", "CLIPS", "SIZE", "DELIVERED"]
    assert first.endswith("3.0 GB  cloud 1 of 10, raid has all; 2 sent nowhere")
    assert " all 2026-11-22 " in second
    assert third.endswith("1 clip not delivered; 1 clip on the card alone")
    assert more == "and 20 that came before"
    fake.cards = lambda: {"cards": [], "total": 0}
    assert pipeline("cards", file).stdout == "no card came yet\n"
    assert json.loads(pipeline("cards", file, "--json").stdout) == {"cards": [], "total": 0}


async def test_a_card_that_comes_again_is_what_it_brings_now(tmp_path, autojump_clock):
    """Whatever was on it before it was formatted; and whatever was given up is not delivered."""
    before, now = (card(tmp_path / "A001", name) for name in ("a.mov", "b.mov"))
    other = card(tmp_path / "B001", "c.mov", "d.mov")

    async def run(intake):
        await intake.clips(before)
        await trio.sleep(26 * 3600)
        await intake.clips([*now, *other])
        await intake.caught_up()

    async def refuse(clip, _resume, _report):
        if clip.filename == "c.mov":
            raise Permanent("refused")
        return await FunctionSink().deliver(clip, _resume, _report)

    made = pipeline_of(
        tmp_path,
        sources=[component("source", "source", CallSource(run))],
        sinks=[component("sink", "cloud", FunctionSink(refuse)), component("sink", "raid", FunctionSink())],
        routes=[route("backup", to=["raid"]), route("dailies", when="path <> 'd.mov'", to=["cloud"])],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        told = await engine.cards()
    assert told["total"] == 2
    one, two = sorted(told["cards"], key=lambda each: each["card"])
    assert (one["card"], one["clips"], one["undelivered"], one["sinks"]) == (
        "A001",
        1,
        0,
        [{"sink": "cloud", "clips": 1, "delivered": 1}, {"sink": "raid", "clips": 1, "delivered": 1}],
    )
    assert one["handed_over"] >= one["seen"] == one["last"]
    assert (two["card"], two["clips"], two["bytes"]) == ("B001", 2, sum(each.size for each in other))
    assert two["sinks"] == [
        {"sink": "cloud", "clips": 1, "delivered": 0},
        {"sink": "raid", "clips": 2, "delivered": 2},
    ]
    # The backup has what the cloud refused.
    assert (two["undelivered"], two["alone"], two["unrouted"], two["handed_over"]) == (1, 0, 0, None)


async def test_what_no_sink_gets_is_on_the_card_alone(tmp_path):
    """Failed, or given up: who formats the card loses it, though nothing needs anybody any more."""
    clips = card(tmp_path / "A001", "a.mov", "b.mov", "c.mov")

    async def refuse(clip, _resume, _report):
        if clip.filename != "a.mov":
            raise Permanent("refused")

    sinks = [component("sink", name, FunctionSink(refuse)) for name in ("cloud", "raid")]
    made = pipeline_of(
        tmp_path,
        sources=[component("source", "source", ListSource(clips))],
        sinks=sinks,
        routes=[route(to=["cloud", "raid"])],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        assert [each["alone"] for each in (await engine.cards())["cards"]] == [2]
        one, other = (job["id"] for job in (await engine.jobs())["jobs"] if job["state"] == "parked")
        await engine.queue("cancel", [one])
        assert [each["alone"] for each in (await engine.cards())["cards"]] == [2]
        await engine.queue("retry", [other])
        assert [each["alone"] for each in (await engine.cards())["cards"]] == [1]


async def test_of_a_ledger_at_rest(tmp_path, file, pipeline):
    (tmp_path / "state").mkdir()
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    made = simple(tmp_path, ListSource(clips), FunctionSink())
    async with engine_of(made, ledger=tmp_path / "state" / FILE_NAME) as engine:
        await engine.run(once=True)
        live = await engine.cards()
    at_rest = await trio.to_thread.run_sync(lambda: pipeline("cards", file, "--json"))
    assert json.loads(at_rest.stdout) == live
    assert live["cards"][0]["handed_over"]
