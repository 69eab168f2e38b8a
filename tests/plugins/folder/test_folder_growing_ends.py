"""How recordings end while they are followed: room given back, another name, a card that is pulled."""

import pytest
import trio

from engine_rig import component as fake
from engine_rig import engine_of, pipeline, route, running
from growing_rig import FollowingSink
from rushes.config.pipeline import Component
from rushes.ledger import FILE_NAME
from rushes_folder import FolderOptions, examine, growing, rushes_sources

pytestmark = pytest.mark.timeout(40)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looks follow each other fast, so that tests do."""
    monkeypatch.setattr(growing, "FIRST_LOOKS_S", 0.02)
    monkeypatch.setattr(examine, "EVERY_S", 0.02)


def live(tmp_path, root, sink, **options):
    [spec] = rushes_sources()
    chosen = FolderOptions(path=root, growing=True, settle=1, patience=10, **options)
    cards = Component(
        id="cards", use="folder", kind="source", spec=spec, options=chosen, slots=1, where="test:1"
    )
    return pipeline(
        tmp_path,
        sources=[cards],
        sinks=[fake("sink", "sink", sink, live=True)],
        routes=[route(live=True)],
    )


async def until(holds):
    with trio.fail_after(15):
        while not holds():
            await trio.sleep(0.01)


async def states(engine):
    return [(job["name"], job["state"], job["reason"]) for job in (await engine.jobs())["jobs"]]


async def record(path, content, sink, room):
    """The whole movie but its end, then `room` bytes that are there and belong to nobody."""
    with path.open("wb", buffering=0) as file:
        file.write(content[:1000])
        await trio.sleep(0.1)
        step = len(content) // 8
        for at in range(1000, len(content) - 1000, step):
            file.write(content[at : min(at + step, len(content) - 1000)])
            await trio.sleep(0.05)
        end = file.tell()
        if room:
            file.write(bytes(room + 1000))
        await until(lambda: sink.seen.get(path.name, [(0, False)])[-1][0] >= end)
        file.seek(end)
        file.write(content[end:])
        file.truncate()


@pytest.mark.parametrize("watch", ["events", "poll"])
async def test_room_given_back_at_the_close_ends_the_same_recording(tmp_path, root, card, movie, watch):
    sink = FollowingSink()
    async with engine_of(
        live(tmp_path, root, sink, watch=watch, interval=0.05), ledger=tmp_path / FILE_NAME
    ) as engine:
        async with running(engine):
            await record(card / "c.mov", movie, sink, room=300_000)
            await until(lambda: sink.received and not engine._worker.running)
            await engine._ledger.write([])
            assert await states(engine) == [("c.mov", "done", "")]
    assert sink.received == {"c.mov": movie}


async def test_another_name_at_the_close_is_delivered_whole_and_the_first_is_told(
    tmp_path, root, card, movie
):
    sink = FollowingSink()
    async with engine_of(live(tmp_path, root, sink), ledger=tmp_path / FILE_NAME) as engine, running(engine):
        await record(card / "rec.mov", movie, sink, room=0)
        (card / "rec.mov").rename(card / "final.mov")
        await until(lambda: "final.mov" in sink.received)
        await until(lambda: not engine._worker.running)
        await engine._ledger.write([])
        found = {name: state for name, state, _ in await states(engine)}
        assert found["final.mov"] == "done"
    assert sink.received["final.mov"] == movie


async def test_a_card_pulled_while_it_records_goes_on_where_it_was(tmp_path, root, card, movie):
    sink, third = FollowingSink(), len(movie) // 3
    async with engine_of(live(tmp_path, root, sink), ledger=tmp_path / FILE_NAME) as engine, running(engine):
        with (card / "c.mov").open("wb", buffering=0) as file:
            file.write(movie[:third])
            await trio.sleep(0.1)
            file.write(movie[third : 2 * third])
            await until(lambda: sink.seen.get("c.mov"))
            card.rename(tmp_path / "pulled")
            file.write(movie[2 * third :])
        await trio.sleep(1.5)
        [(_, state, reason)] = await states(engine)
        assert (state, reason) == ("waiting", f"insert card {card.name}")
        (tmp_path / "pulled").rename(card)
        await until(lambda: sink.received and not engine._worker.running)
        await engine._ledger.write([])
        assert await states(engine) == [("c.mov", "done", "")]
    assert sink.received == {"c.mov": movie}
