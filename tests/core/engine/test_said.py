"""What sources say that is no clip: records, devices, lines for people."""

from engine_rig import FunctionSink, ListSource, card, engine_of, simple
from rushes import Record


class Hub(ListSource):
    """Admits records and says lines before its clips."""

    context = None

    async def run(self, intake):
        self.context.say("listening on 127.0.0.1:42000")
        said = [{}, {"conflicts": [{"path": "circle"}]}]
        await intake.records(
            [
                Record(id=f"r{n}", source="cards", kind="sound", device="d", **more)
                for n, more in enumerate(said)
            ]
        )
        await intake.records([])
        await super().run(intake)


async def test_a_batch_of_records_and_a_line_for_people_are_events(tmp_path, autojump_clock):
    source = Hub(card(tmp_path / "A", "a.mov"))
    async with engine_of(simple(tmp_path, source, FunctionSink())) as engine:
        await engine.run(once=True)
        rows = await engine._ledger.query(
            "SELECT kind, component, detail::JSON->>'text', detail::JSON->'count', detail::JSON->'conflicts' "
            "FROM events WHERE kind IN ('component.said', 'records.admitted') ORDER BY seq"
        )
    [(_, component, text, _, _), (_, _, _, count, disputed)] = rows
    assert (text, count, disputed) == ("listening on 127.0.0.1:42000", "2", "1")
    assert component == rows[1][1]


async def test_records_are_in_the_ledger_when_the_call_returns(tmp_path, autojump_clock):
    found = []

    class Asking(Hub):
        async def run(self, intake):
            await super().run(_Then(intake, self.look))

        async def look(self):
            found.append(await self.context.catalog.query("SELECT id, conflicts FROM records ORDER BY id"))

    source = Asking(card(tmp_path / "A", "a.mov"))
    async with engine_of(simple(tmp_path, source, FunctionSink())) as engine:
        await engine.run(once=True)
    assert found[0] == [("r0", "[]"), ("r1", '[{"path":"circle"}]')]


class _Then:
    """An intake that looks after each batch of records."""

    def __init__(self, intake, look):
        self._intake, self._look = intake, look

    def __getattr__(self, name):
        return getattr(self._intake, name)

    async def records(self, records):
        await self._intake.records(records)
        await self._look()
