"""However many people ask, the engine's own questions find a free reader of the ledger."""

from __future__ import annotations

from threading import Event

import trio

from engine_rig import FunctionSink, ListSource, card, engine_of, running, simple
from rushes.engine import views


async def test_a_crowd_of_views_leaves_readers_to_the_engine(tmp_path, monkeypatch):
    source = ListSource(card(tmp_path / "card", "a.mov"))
    go, held = Event(), []

    def slow(_query, *_arguments):
        held.append(1)
        go.wait(20)
        return []

    monkeypatch.setattr(views, "days", slow)
    file = tmp_path / "ledger.duckdb"
    async with engine_of(simple(tmp_path, source, FunctionSink()), ledger=file) as engine, running(engine):
        async with trio.open_nursery() as crowd:
            for _ in range(12):
                crowd.start_soon(engine.days)
            try:
                with trio.fail_after(10):
                    while not held:
                        await trio.sleep(0.01)
                    assert (await engine.status())["counts"]["clips"] in {0, 1}
                assert len(held) <= 2
            finally:
                go.set()
