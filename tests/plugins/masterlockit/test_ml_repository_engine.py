"""The repository as a source runs it: through the engine's own door into the ledger, and again at the next start."""

import time

import trio

from engine_rig import CallSource, component, engine_of, pipeline, running
from rushes.ledger import FILE_NAME
from rushes_masterlockit.formats import parse_demand
from rushes_masterlockit.repository import LedgerArchive, Repository

from .repository_rig import CAMERA, OWN, TABLET, clip, id_of

ALL = parse_demand(b"{}")


class Set(CallSource):
    """A source that has a repository, and does `work` with it."""

    context = None

    def __init__(self, work):
        super().__init__(self._live)
        self.over = trio.Event()
        self._work = work

    async def _live(self, intake):
        archive = LedgerArchive(self.context.catalog, intake, self.context.id)
        repository = Repository(archive, OWN, bodies=True, rate=lambda: "25", now=time.time)
        await repository.load()
        async with trio.open_nursery() as nursery:
            await nursery.start(lambda task_status: repository.run(task_status=task_status))
            await self._work(repository)
            nursery.cancel_scope.cancel()
        self.over.set()


async def lived(tmp_path, work):
    source = Set(work)
    made = pipeline(tmp_path, sources=[component("source", "set", source)])
    async with engine_of(made, ledger=tmp_path / FILE_NAME, clock=time.time) as engine, running(engine):
        await source.over.wait()
        return await engine._ledger.query("SELECT kind, component, detail FROM events WHERE kind LIKE 'rec%'")


async def test_what_a_source_was_told_is_there_at_its_next_start(tmp_path):
    async def first(repository):
        await repository.say([clip(1), clip(2), clip(3)], CAMERA)
        await repository.say([clip(1, {TABLET: 1}, isWaste=True)], TABLET)
        await repository.note("clap", {"type": "clap"}, TABLET)
        await repository.delete(parse_demand({"clips": [id_of(3)]}))

    async def second(repository):
        assert repository.ids(ALL) == [id_of(1), id_of(2)]
        assert repository.clocks[id_of(1)][TABLET] == 1
        assert repository.deleted(id_of(3))
        assert len(await repository.notes("clap")) == 1
        [outcome] = await repository.say([clip(4)], CAMERA)
        assert not outcome.problem

    events = await lived(tmp_path, first)
    assert [(kind, component) for kind, component, _ in events] == [("records.admitted", "set")] * 4
    assert len(await lived(tmp_path, second)) == 5
