"""A delivery goes to the project that its job was planned for."""

import dataclasses
import time

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes import NotYet, Order, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.account.belonging import Belonging
from rushes_frameio.account.connection import open_connection
from rushes_frameio.account.projects import Projects
from rushes_frameio.calls.identity import Identity


class Shelf:
    def __init__(self):
        self.values = {}

    async def get(self, key, default=None):
        return self.values.get(key, default)

    async def set(self, key, value):
        self.values[key] = value


def who(project, name=""):
    return Identity(
        id="i", device_id="d", name="cart", project_id=project, project=name or project, user="Ida"
    )


class Tie:
    """As much of a connection as Belonging looks at."""

    def __init__(self, projects):
        self.projects = projects
        self.identity = None

    def absence(self):
        return Unavailable("not paired")


async def timeline(*events):
    projects = Projects(Shelf())
    for moment, project in events:
        if project:
            await projects.connected(project, project, moment)
        else:
            await projects.disconnected(moment)
    return projects


async def owner(projects, moment):
    found = projects.owner(moment)
    return found.id if found else None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], {5: None}),
        ([(10, "A")], {5: "A", 10: "A", 99: "A"}),
        ([(10, "A"), (20, "B")], {5: "A", 15: "A", 20: "B", 99: "B"}),
        ([(10, "A"), (20, ""), (30, "B")], {15: "A", 20: "B", 25: "B", 30: "B"}),
        ([(10, "A"), (20, "")], {15: "A", 25: None}),
        ([(10, "A"), (20, ""), (30, "A")], {15: "A", 25: "A", 35: "A"}),
        ([(10, "A"), (15, "A")], {12: "A", 17: "A"}),
        ([(10, "A"), (4, "B")], {5: "A", 10: "B", 11: "B"}),  # the clock was set back
    ],
)
async def test_who_owns_what_was_planned_when(events, expected):
    projects = await timeline(*events)
    assert {moment: await owner(projects, moment) for moment in expected} == expected


async def test_a_rename_is_a_label_and_the_timeline_survives_a_restart():
    projects = await timeline((10, "A"), (20, "B"))
    await projects.connected("B", "B, renamed", 30)
    again = Projects(projects._store)
    await again.load()
    assert [(span.id, span.name, span.since) for span in again._spans] == [
        ("A", "A", 10),
        ("B", "B, renamed", 20),
    ]


steps = st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["A", "B", ""])), max_size=12)


@given(steps, st.integers(-5, 60))
def test_an_owner_once_known_stays(events, moment):
    async def check():
        projects = Projects(Shelf())
        known = None
        for at, project in sorted(events, key=lambda event: event[0]):
            if project:
                await projects.connected(project, project, at)
            else:
                await projects.disconnected(at)
            if at > moment:  # it was planned by then: what comes later takes it from nobody
                now = await owner(projects, moment)
                assert known is None or now == known
                known = now

    trio.run(check)


async def test_a_delivery_of_another_project_waits_for_it():
    tie = Tie(await timeline((10, "A"), (20, "B")))
    tie.identity = who("B")
    with pytest.raises(NotYet, match="belongs to the project A, connected is B; connect A again") as waits:
        with Belonging(tie).kept(Order(planned_at=15)):
            pytest.fail("it was begun")
    assert waits.value.until == "project:A"
    with Belonging(tie).kept(Order(planned_at=25)):
        pass


async def test_where_nothing_is_connected_nothing_goes():
    with pytest.raises(Unavailable, match="not paired"):
        with Belonging(Tie(await timeline((10, "A")))).kept(Order(planned_at=15)):
            pytest.fail("it was begun")


async def test_running_deliveries_of_the_other_project_stop_at_once_and_the_rest_goes_on(autojump_clock):
    tie = Tie(await timeline((10, "A")))
    tie.identity = who("A")
    belonging, ended = Belonging(tie), {}

    async def deliver(planned_at):
        try:
            with belonging.kept(Order(planned_at=planned_at)):
                await trio.sleep(5)
            ended[planned_at] = trio.current_time() - begun
        except NotYet as waits:
            ended[planned_at] = waits.until

    begun = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(deliver, 15)
        nursery.start_soon(deliver, 35)
        await trio.sleep(1)
        await tie.projects.connected("B", "B", 30)
        tie.identity = who("B")
        belonging.moved()
    assert ended == {15: "project:A", 35: pytest.approx(5)}


@pytest.fixture
async def two(set_stage):
    """A stage with a second project, paired with the first."""
    async with set_stage(projects=("Nocturne",), minute=0.0) as stage:
        yield stage


async def pair_with(stage, project, part=None):
    from rushes_frameio.actions.pairing import pair

    async def tell(facts):
        stage.sandbox.confirm(facts["user_code"], project)
        await trio.lowlevel.checkpoint()

    return await pair(stage.options, stage.context, part, {}, tell)


def planned_now(stage):
    stage.context.order = dataclasses.replace(stage.context.order, planned_at=time.time())


async def test_another_project_is_chosen_while_parts_fly(two):
    """The queue of the first waits, the second gets its own, and the first goes on where it was."""
    planned_now(two)
    first, report, waits = two.clip(), FakeReport(), []
    async with two.open() as sink:
        two.sandbox.faults([{"match": "PUT ", "delay_s": 60, "times": 100}])

        async def deliver():
            with pytest.raises(NotYet, match="belongs to the project Sandbox Project") as failure:
                await sink.deliver(first, None, report)
            waits.append(failure.value.until)

        with trio.fail_after(10):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(deliver)
                while report.head is None:
                    await trio.sleep(0.01)
                await pair_with(two, "Nocturne", sink)
        two.sandbox.clear_faults()
        assert sink.connection.identity.project == "Nocturne"
        old = two.context.order
        planned_now(two)
        receipt = await sink.deliver(two.clip("second.mov"), None, FakeReport())
        assert receipt.where == "Nocturne/second.mov"
        two.context.order = old
        with pytest.raises(NotYet):
            await sink.deliver(first, report.resume, report)
        await pair_with(two, "Sandbox Project", sink)
        assert two.context.woken[-1] == waits[0]
        receipt = await sink.deliver(first, report.resume, report)
        assert receipt.where == "Sandbox Project/A001C001.mov"
    ids = {project["name"]: project["id"] for project in two.sandbox.projects()}
    found = {asset["name"]: asset["project"] for asset in await two.assets()}
    assert found == {"A001C001.mov": ids["Sandbox Project"], "second.mov": ids["Nocturne"]}


class Held(FakeReport):
    """Holds the delivery at its first part until `go`."""

    def __init__(self):
        super().__init__()
        self.there, self.go = trio.Event(), trio.Event()

    async def part(self, number, value="", /):
        self.there.set()
        await self.go.wait()
        await super().part(number, value)


async def test_pairing_again_with_the_same_project_disturbs_no_delivery(two):
    planned_now(two)
    report, receipts = Held(), []
    async with two.open() as sink:

        async def deliver():
            receipts.append(await sink.deliver(two.clip(), None, report))

        with trio.fail_after(20):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(deliver)
                await report.there.wait()
                await pair_with(two, "Sandbox Project", sink)
                report.go.set()
    assert [receipt.where for receipt in receipts] == ["Sandbox Project/A001C001.mov"]
    assert report.repeated == []


async def test_a_rename_shows_and_disturbs_nothing(two):
    planned_now(two)
    async with two.open() as sink:
        two.sandbox.rename("Renamed")
        await sink.connection.tokens.renew(await sink.connection.tokens.access())
        assert two.context.facts["project"] == "Renamed"
        receipt = await sink.deliver(two.clip(), None, FakeReport())
        assert receipt.where == "Renamed/A001C001.mov"


async def test_what_was_stored_of_another_pairing_is_not_believed(two):
    """Killed between sealing the tokens of a new pairing and asking which project they are for."""
    async with open_connection(two.options, two.context) as connection:
        assert connection.identity.project == "Sandbox Project"
    stored = two.context.store.values["identity"]
    await pair_with(two, "Nocturne")
    two.context.store.values["identity"] = stored
    async with open_connection(two.options, two.context) as connection:
        assert connection.identity is None
